"""The dialog that corrects how an appointment was cancelled, and why."""

from odoo import api, fields, models

from ...const import CANCELLED_STATES, INITIATORS, VISIT_STATES


class CalendarEventCorrect(models.TransientModel):
    _name = "calendar.event.correct"
    _description = "Correct a Cancellation"

    event_id = fields.Many2one(
        "calendar.event",
        string="Appointment",
        required=True,
        ondelete="cascade",
        context={"active_test": False},
    )
    visit_state = fields.Selection(
        [state for state in VISIT_STATES if state[0] in CANCELLED_STATES],
        string="Outcome",
        compute="_compute_visit_state",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    cancel_initiator = fields.Selection(
        INITIATORS,
        string="Cancelled On Behalf Of",
        compute="_compute_cancel_initiator",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    reason = fields.Text(
        compute="_compute_reason", compute_sudo=False, store=True, readonly=False
    )
    fee_hint = fields.Char(compute="_compute_fee_hint")

    # One method a field: what is left out of create() is not computed where a field of
    # the same method is given (odoo/orm/models.py, `protected`). As the user, not in
    # sudo as Odoo computes stored fields: it may be somebody else's appointment.

    @api.depends("event_id")
    def _compute_visit_state(self):
        self.event_id._origin.check_access("read")
        for dialog in self:
            dialog.visit_state = dialog.event_id.visit_state

    @api.depends("event_id")
    def _compute_cancel_initiator(self):
        self.event_id._origin.check_access("read")
        for dialog in self:
            dialog.cancel_initiator = dialog.event_id.cancel_initiator

    @api.depends("event_id")
    def _compute_reason(self):
        self.event_id._origin.check_access("read")
        for dialog in self:
            dialog.reason = dialog.event_id.cancel_reason

    @api.depends("event_id")
    def _compute_fee_hint(self):
        self.event_id._origin.check_access("read")
        for dialog in self:
            # In sudo: the appointment is the user's to read (checked above), and who
            # reads it sees its fee.
            fee_sudo = dialog.event_id.sudo()._get_live_fees()
            dialog.fee_hint = bool(fee_sudo) and dialog._get_fee_hint(fee_sudo)

    def _get_fee_hint(self, fee_sudo):
        states = dict(fee_sudo._fields["fee_state"]._description_selection(self.env))
        values = {
            "code": fee_sudo.product_id.cpt_code,
            "amount": fee_sudo.currency_id.format(fee_sudo.fee_amount),
            "state": states[fee_sudo.fee_state],
        }
        if fee_sudo.fee_state in ("waived", "refunded"):
            return self.env._("Fee %(code)s, %(amount)s: %(state)s.", **values)
        return self.env._(
            "Fee %(code)s, %(amount)s: %(state)s. The fee stays. A biller can waive it "
            "from the Billing tab.",
            **values,
        )

    def action_correct(self):
        """Save the correction.

        :raise AccessError: not an appointment of the user
        :raise UserError: not cancelled, or nothing was changed
        """
        self.ensure_one()
        self.event_id._correct_cancellation(
            self.visit_state, self.cancel_initiator, self.reason
        )
        return {"type": "ir.actions.act_window_close"}
