"""Quick notes in the client's clinical record."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...const import FIRST_DAY, LAST_DAY
from ...tools.chart_text import clean_chart_text, is_blank
from ...tools.context import by_method, is_by_method
from ...tools.sql_log import mask_statements

#: What the author may change as long as the entry is a draft.
DRAFT_FIELDS = {"body", "date"}


class NoshowChartEntry(models.Model):
    """A record is a record: an entry is signed by who writes it and stays as it is;
    a correction is an addendum, an entry of its own with `parent_id`. Every reading
    of the text is logged (`noshow.chart.access`).

    No chatter, and no one2many to it on shared models: both would tell people
    without the right who has a chart, and what is in it.
    """

    _name = "noshow.chart.entry"
    _inherit = "noshow.group.order"
    _description = "Chart Entry"
    _order = "date desc, id desc"

    client_id = fields.Many2one(
        "res.partner",
        required=True,
        readonly=True,
        # A chart in 0.1 ms instead of 300 among 760 thousand notes.
        index=True,
        ondelete="restrict",
        domain=[("is_client", "=", True)],
    )
    appointment_id = fields.Many2one(
        "calendar.event",
        readonly=True,
        # Those of 80 appointments in 0.02 ms instead of 400.
        index="btree_not_null",
        ondelete="restrict",
        domain="[('client_id', '=', client_id)]",
        # A cancelled appointment is archived.
        context={"active_test": False},
    )
    parent_id = fields.Many2one(
        "noshow.chart.entry",
        string="Addendum To",
        readonly=True,
        # The addenda of a page in 0.01 ms instead of 280.
        index="btree_not_null",
        ondelete="restrict",
    )
    author_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        copy=False,
        ondelete="restrict",
        # One's own drafts among 7,600 notes of one's own: 47 ms instead of 670.
        index=True,
    )
    date = fields.Datetime(
        required=True,
        compute="_compute_date",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        help="What the note is about: the appointment's start, or the time of writing.",
    )
    body = fields.Html(
        string="Note",
        required=True,
        sanitize_attributes=True,
        sanitize_style=True,
        strip_classes=True,
        # Read only when asked for, so that the access log tells what was shown.
        prefetch=False,
    )
    state = fields.Selection(
        [("draft", "Draft"), ("signed", "Signed")],
        required=True,
        readonly=True,
        copy=False,
        default="signed",
    )
    signed_on = fields.Datetime(readonly=True, copy=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        compute="_compute_company_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
    )

    # The newest notes, whoever's: 0.01 ms instead of 630 among 760 thousand.
    _newest = models.Index("(date, id)")

    def _register_hook(self):
        super()._register_hook()
        mask_statements(self.env.registry)

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("appointment_id")
    def _compute_date(self):
        self.appointment_id._origin.check_access("read")
        for entry in self:
            entry.date = entry.appointment_id.start or fields.Datetime.now()

    @api.depends("appointment_id", "client_id")
    def _compute_company_id(self):
        for entry in self:
            entry.company_id = (
                entry.appointment_id.company_id
                or entry.client_id.company_id
                or self.env.company
            )

    @api.depends("parent_id")
    def _compute_display_name(self):
        # Neutral: a name is shown wherever a record is linked, and read in sudo.
        for entry in self:
            entry.display_name = self.env._("Chart entry %s", entry.id or "")

    @api.model
    def _search_display_name(self, operator, value):
        # A neutral name finds nothing.
        return Domain.FALSE

    @api.constrains("date")
    def _check_sane_date(self):
        """:raise ValidationError: another century: a signed note stays as it is"""
        for entry in self:
            if not FIRST_DAY <= entry.date.date() <= LAST_DAY:
                raise ValidationError(
                    self.env._("Look at the year of the note's date.")
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Write entries, signed by the current user unless `state` says draft.

        :raise AccessError: in another's name, about a client or an appointment that
            is not the user's, an addendum to an entry that the user cannot read
        :raise ValidationError: no text, or a text that cannot be kept completely
        """
        entries = super().create([self._prepare_entry(vals) for vals in vals_list])
        entries._check_links()
        if not self.env.su:
            entries._check_may_be_written()
        # In sudo: what has a chart entry is kept for good, so no edit of its series may
        # replace it.
        entries.appointment_id.sudo()._leave_series()
        return entries

    def write(self, vals):
        self._check_own_draft()
        if is_by_method(self.env):
            return super().write(vals)
        if vals.keys() - DRAFT_FIELDS:
            raise UserError(
                self.env._(
                    "Only the text and the date of a draft can be changed. Discard it "
                    "and write a new one."
                )
            )
        if "body" in vals:
            vals = {**vals, "body": self._clean_body(vals["body"])}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_own_drafts(self):
        self._check_own_draft()

    @api.model
    def _prepare_entry(self, vals):
        """Complete the values of a new entry; nobody chooses author and signature."""
        vals = {
            # A context may bring values along that are not in `vals`.
            **self.default_get(["state", "parent_id", "client_id", "appointment_id"]),
            **vals,
        }
        if vals.pop("author_id", None) not in (None, False, self.env.uid):
            raise AccessError(self.env._("A chart entry is signed by who writes it."))
        if parent := self.browse(vals.get("parent_id") or []):
            vals.update(
                client_id=parent.client_id.id,
                appointment_id=False,
                company_id=parent.company_id.id,
                date=fields.Datetime.now(),
                state="signed",
            )
        elif not vals.get("client_id"):
            appointment = self.env["calendar.event"].browse(vals.get("appointment_id"))
            vals["client_id"] = appointment.client_id.id
        is_signed = vals["state"] == "signed"
        return {
            **vals,
            "author_id": self.env.uid,
            "body": self._clean_body(vals.get("body")),
            "signed_on": fields.Datetime.now() if is_signed else False,
        }

    @api.model
    def _clean_body(self, body):
        try:
            body = clean_chart_text(body)
        except ValueError:
            # Without the cause: a log of it would quote the text.
            raise ValidationError(
                self.env._(
                    "A part of this text cannot be kept as it is: a picture, or "
                    "unusual formatting. Paste it as plain text (Ctrl+Shift+V)."
                )
            ) from None
        if is_blank(body):
            raise ValidationError(self.env._("Write the note first: it is empty."))
        return body

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _sign(self):
        """Sign drafts: from now on they stay as they are.

        :raise UserError: signed already
        :raise AccessError: another's draft
        """
        signature = {"state": "signed", "signed_on": fields.Datetime.now()}
        by_method(self).write(signature)

    def _add_addendum(self, body):
        """Correct this signed note, or add to it; signed by the current user, now.

        :param str body: HTML
        :return: the addendum
        :raise ValidationError: this is a draft, or an addendum itself
        """
        self.ensure_one()
        return self.create({"parent_id": self.id, "body": body})

    @api.model
    def _create_for_appointments(self, appointments, body):
        """Write one quick note into the record of each appointment's client, dated
        with the appointment and signed by the current user.

        :param str body: HTML
        :raise AccessError: an appointment that the user may not cancel
        """
        return self.create(
            [
                {
                    "client_id": appointment.client_id.id,
                    "appointment_id": appointment.id,
                    "date": appointment.start,
                    "body": body,
                }
                for appointment in appointments
            ]
        )

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _check_links(self):
        """:raise ValidationError: client, appointment and addendum do not match"""
        # In sudo: whether links match does not depend on who asks.
        for entry_sudo in self.sudo():
            client, parent = entry_sudo.client_id, entry_sudo.parent_id
            appointment = entry_sudo.appointment_id
            if not client.is_client:
                raise ValidationError(self.env._("A chart entry needs a client."))
            if appointment and appointment.client_id != client:
                raise ValidationError(
                    self.env._("This appointment is another client's.")
                )
            if appointment and appointment.company_id != entry_sudo.company_id:
                raise ValidationError(
                    self.env._("This appointment is another company's.")
                )
            if parent and (parent.parent_id or parent.state != "signed"):
                raise ValidationError(
                    self.env._(
                        "An addendum belongs to a signed note: change the draft, or "
                        "add to the note itself."
                    )
                )

    def _check_may_be_written(self):
        """:raise AccessError: unless the user may write these: about an appointment
        that they may cancel, about a client in their care (the front desk: any), or
        as an addendum to a note that they can read"""
        self.parent_id.check_access("read")
        self.appointment_id.check_access("read")
        for provider in self.appointment_id.user_id:
            self.env.user._check_practice_right("schedule", provider)
        others = self.filtered(lambda e: not e.parent_id and not e.appointment_id)
        if not others or self.env.user._has_practice_right("schedule"):
            return
        self.env.user._check_practice_right("schedule", self.env.user)
        for company, entries in others.grouped("company_id").items():
            entries.client_id._check_in_care(company)

    def _check_own_draft(self):
        """:raise UserError: unless all of these are drafts of the user's own; holds in
        sudo too: no right, import or job changes a signed entry

        :raise AccessError: another's draft, or out of the user's reach
        """
        self.check_access("read")
        if any(entry_sudo.state == "signed" for entry_sudo in self.sudo()):
            raise UserError(
                self.env._(
                    "A chart entry is signed: it cannot be changed or deleted. Correct "
                    "it with an addendum."
                )
            )
        if any(entry_sudo.author_id != self.env.user for entry_sudo in self.sudo()):
            raise AccessError(self.env._("A draft belongs to its author."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    is_own_draft = fields.Boolean(compute="_compute_is_own_draft")
    # The appointment's title is not for everybody who reads the note.
    has_appointment = fields.Boolean(compute="_compute_has_appointment")

    @api.depends("state", "author_id")
    @api.depends_context("uid")
    def _compute_is_own_draft(self):
        for entry in self:
            entry.is_own_draft = (
                entry.state == "draft" and entry.author_id == self.env.user
            )

    @api.depends("appointment_id")
    def _compute_has_appointment(self):
        for entry in self:
            entry.has_appointment = bool(entry.appointment_id)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_new(self):
        """Open an empty note, kept as a draft until it is signed."""
        return self._open_form(self.env._("Quick note"), {"default_state": "draft"})

    def action_edit(self):
        """Open a draft."""
        self.ensure_one()
        return {**self._open_form(self.env._("Quick note"), {}), "res_id": self.id}

    def action_sign(self):
        """Sign drafts: from now on they stay as they are.

        :raise UserError: signed already, or another's draft
        """
        self._sign()
        return True

    def action_discard(self):
        """Throw drafts away.

        :raise UserError: signed already, or another's draft
        """
        return self.unlink()

    def action_open_addendum(self):
        """Open an empty addendum to this note."""
        self.ensure_one()
        return self._open_form(
            self.env._("Addendum"),
            {"default_parent_id": self.id, "default_client_id": self.client_id.id},
        )

    def action_open_print(self):
        """Open the dialog that prints the chart of `default_client_id`."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print chart"),
            "res_model": "noshow.chart.entry.print",
            "view_mode": "form",
            "target": "new",
            "context": {"default_client_id": self.env.context.get("default_client_id")},
        }

    def action_open_access_log(self):
        """Open what the access log says about the chart of `default_client_id`."""
        self.env["noshow.chart.access"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "noshow_fees.noshow_chart_access_action"
        )
        client_id = self.env.context.get("default_client_id")
        return {**action, "domain": [("client_id", "=", client_id)]}

    @api.model
    def _open_form(self, name, context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {**self.env.context, **context},
        }
