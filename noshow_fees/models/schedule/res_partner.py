"""Finding a client as people at a desk do: by whatever the caller says."""

import re
import unicodedata
from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, get_lang

from ...const import PRACTICE

#: What somebody types or pastes who looks for a phone number (every kind of dash; an
#: extension is not looked for), and how many digits it takes.
PHONE = re.compile(
    r"(?i)(?:tel:)?\s*([0-9\s()+./\-\u2010-\u2015]+)(?:(?:x|ext\.?)\s*[0-9]+)?"
)
MIN_DIGITS = 4
#: What a number on record has besides. In some countries `(0)` is for calls at home.
NOT_DIGITS = r"(x|ext\.?)\s*\d+\s*$|\(0\)|\D"
#: The parts of a day, in a language's date format.
DAY_PARTS = re.compile(r"%-?([YymdBb])")


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
        # None, or 0: all of them.
        if not limit or len(found) < limit:
            rest = limit and limit - len(found)
            found += super().name_search(name, domain & others, operator, rest)
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
        # Marks that nobody sees come along with what is pasted.
        typed = "".join(
            mark
            for mark in unicodedata.normalize("NFKC", typed)
            if unicodedata.category(mark) != "Cf"
        )
        match = PHONE.fullmatch(typed.strip())
        digits = match and re.sub(r"\(0\)|\D", "", match[1]).lstrip("0")
        if not digits or len(digits) < MIN_DIGITS:
            return Domain.FALSE

        def to_sql(model, alias, query):
            number = SQL(
                "ltrim(regexp_replace(%s, %s, '', 'gi'), '0')",
                model._field_to_sql(alias, "phone", query),
                NOT_DIGITS,
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
        """Who was born on the day that was typed (`_read_day`), if contacts have a
        field for it: another addon's, as `birthdate_date` of OCA's
        partner_contact_birthdate, or the practice's own, as `x_date_of_birth`."""
        names = [
            name
            for name, field in self._fields.items()
            if field.type == "date"
            and field.store
            and "birth" in name
            and self._has_field_access(field, "read")
        ]
        if not names or not (day := self._read_day(typed)):
            return Domain.FALSE
        return Domain.OR(Domain(name, "=", day) for name in names)

    @api.model
    def _read_day(self, typed):
        """The day that was typed: as the user's language orders year, month and day, or
        with the year first; with any marks in between, or none; with two digits of the
        year for one of the last hundred.

        :return: a date, or None
        """
        if not re.fullmatch(r"[0-9\s./\-]+", typed.strip()):
            return None
        found = DAY_PARTS.findall(get_lang(self.env).date_format)
        order = "".join(found).lower().replace("b", "m")
        parts = re.findall(r"[0-9]+", typed)
        if len(parts) == 1 and len(parts[0]) == 8:
            return _make_day(_split_day(parts[0], order), order) or _make_day(
                _split_day(parts[0], "ymd"), "ymd"
            )
        if len(parts) != 3:
            return None
        return _make_day(parts, "ymd" if len(parts[0]) == 4 else order)

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


def _split_day(digits, order):
    """:return: `19900305` as the three parts of a day in this order"""
    at = 0
    parts = []
    for part in order:
        length = 4 if part == "y" else 2
        parts.append(digits[at : at + length])
        at += length
    return parts


def _make_day(parts, order):
    """:param list parts: strings of digits
    :param str order: what they are, of `ymd`
    :return: a date, or None when there is none such"""
    by_name = dict(zip(order, parts, strict=False))
    if {*by_name} != {*"ymd"} or len(by_name["y"]) not in (2, 4):
        return None
    year, month, day = (int(by_name[name]) for name in "ymd")
    if len(by_name["y"]) == 2:
        this_year = fields.Date.today().year
        year += this_year // 100 * 100
        year -= 100 if year > this_year else 0
    try:
        return date(year, month, day)
    except ValueError:
        return None
