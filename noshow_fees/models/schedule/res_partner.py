"""Finding a client as people at a desk do: by whatever the caller says."""

import re
from datetime import datetime

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, get_lang

from ...const import PRACTICE

#: What somebody types who looks for a phone number, and how many digits it takes.
PHONE = re.compile(r"[\d\s()+./\-]+")
MIN_DIGITS = 4


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Fields that look for a client put `noshow_find_client` into their context.

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Clients first; then the contacts that could become one."""
        if not self._finds_clients():
            return super().name_search(name, domain, operator, limit)
        domain = Domain(domain or Domain.TRUE)
        clients = Domain("is_client", "=", True)
        others = Domain("is_company", "=", False) & ~clients
        found = super().name_search(name, domain & clients, operator, limit)
        if len(found) < limit:
            found += super().name_search(
                name, domain & others, operator, limit - len(found)
            )
        return found

    def _finds_clients(self):
        return bool(
            self.env.context.get("noshow_find_client")
        ) and self.env.user.has_group(PRACTICE)

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if operator != "ilike" or not isinstance(value, str) or not value.strip():
            return domain
        if not self._finds_clients():
            return domain
        return Domain(domain) | self._get_phone_domain(value) | self._get_born(value)

    @api.model
    def _get_phone_domain(self, typed):
        """Contacts with this phone number or part of it, however it is written: with or
        without spaces, country code and leading zeros."""
        digits = re.sub(r"\D", "", typed).lstrip("0")
        if not PHONE.fullmatch(typed.strip()) or len(digits) < MIN_DIGITS:
            return Domain.FALSE

        def to_sql(model, alias, query):
            number = SQL(
                r"ltrim(regexp_replace(%s, '\D', '', 'g'), '0')",
                model._field_to_sql(alias, "phone", query),
            )
            return SQL(
                "(%(number)s LIKE %(part)s OR"
                " length(%(number)s) >= 7 AND %(digits)s LIKE '%%' || %(number)s)",
                number=number,
                part=f"%{digits}%",
                digits=digits,
            )

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _get_born(self, typed):
        """Who was born on the day that was typed, if contacts have a field for it:
        another addon's, as `birthdate_date` of OCA's partner_contact_birthdate, or the
        practice's own, as `x_date_of_birth`."""
        names = [
            name
            for name, field in self._fields.items()
            if field.type == "date"
            and field.store
            and "birth" in name
            and self._has_field_access(field, "read")
        ]
        for form in (get_lang(self.env).date_format, "%Y-%m-%d"):
            try:
                day = datetime.strptime(typed.strip(), form).date()
            except ValueError:
                continue
            return Domain.OR(Domain(name, "=", day) for name in names)
        return Domain.FALSE

    @api.depends("is_client", "phone", "email")
    @api.depends_context("noshow_find_client")
    def _compute_display_name(self):
        super()._compute_display_name()
        context = self.env.context
        if not context.get("formatted_display_name") or not self._finds_clients():
            return
        known = self._filter_in_care()
        for partner in self:
            details = [
                partner in known and partner.phone,
                partner in known and partner.email,
                not partner.is_client and self.env._("not a client yet"),
            ]
            shown = " · ".join(detail for detail in details if detail)
            # In grey (web/static/src/core/utils/html.js, `odoomark`).
            if shown:
                partner.display_name = f"{partner.display_name} \t --{shown}--"
