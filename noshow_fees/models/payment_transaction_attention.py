"""Charges that do not settle by themselves are brought to the billers."""

from odoo import api, fields, models

from .payment_transaction import LIVE_STATES
from .payment_transaction_charge import TOO_LONG

ACTIVITY = "noshow_fees.mail_activity_type_check_charge"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model
    def _get_stuck_domain(self):
        """Charges without an answer for so long that a person has to look."""
        return [
            ("fee_line_id", "!=", False),
            ("state", "in", LIVE_STATES),
            ("create_date", "<", fields.Datetime.now() - TOO_LONG),
        ]

    @api.model
    def _tell_billers(self):
        """Ask the billers to look at stuck charges, once."""
        moves = self.search(self._get_stuck_domain()).fee_line_id.move_id
        activities = moves.activity_search([ACTIVITY]) if moves else None
        for move in moves:
            if move.id not in activities.mapped("res_id"):
                for biller in self._get_billers(move.company_id):
                    move.activity_schedule(
                        ACTIVITY,
                        user_id=biller.id,
                        summary=self.env._("Was the card charged?"),
                        note=self.env._(
                            "The card company has not answered for an hour. Open the "
                            "fee and press “Check now”, or look in the card company's "
                            "own pages. Do not charge again before that."
                        ),
                    )

    @api.model
    def _get_billers(self, company):
        """Who has the role itself; if nobody has, everyone whose role includes it."""
        group = self.env.ref("noshow_fees.group_biller").sudo()
        users = group.user_ids or group.all_user_ids
        return users.filtered(lambda user: company in user.company_ids and user.active)

    def _update_state(self, allowed_states, target_state, state_message):
        """Close the billers' activities once a charge has settled."""
        settled = super()._update_state(allowed_states, target_state, state_message)
        if target_state not in LIVE_STATES:
            # In sudo: the activities of others; nothing is left to do for them.
            moves_sudo = settled.sudo().fee_line_id.move_id
            if moves_sudo:
                moves_sudo.activity_unlink([ACTIVITY])
        return settled
