"""Charges that do not settle by themselves are brought to the billers."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import LIVE_STATES, TOO_LONG, UNBOOKED

ACTIVITY = "noshow_fees.mail_activity_type_check_charge"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model
    def _get_stuck_domain(self):
        """Charges without an answer, or not in the books, for so long that a person has
        to look."""
        return Domain(
            [
                ("fee_line_id", "!=", False),
                ("create_date", "<", fields.Datetime.now() - TOO_LONG),
            ]
        ) & (Domain("state", "in", LIVE_STATES) | Domain(UNBOOKED))

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
                            "The card company has not answered for an hour, or the "
                            "payment could not be booked: lock dates and the "
                            "provider's payment journal are the usual reasons. Open "
                            "the fee and press “Check now”, or look in the card "
                            "company's own pages. Do not charge again before that."
                        ),
                    )

    @api.model
    def _get_billers(self, company):
        """Who has the role itself; if nobody has, everyone whose role includes it."""
        group = self.env.ref("noshow_fees.group_biller").sudo()
        users = group.user_ids or group.all_user_ids
        return users.filtered(lambda user: company in user.company_ids and user.active)

    def _update_state(self, allowed_states, target_state, state_message):
        settled = super()._update_state(allowed_states, target_state, state_message)
        settled._close_activities()
        return settled

    def _post_process(self):
        super()._post_process()
        self._close_activities()

    def _close_activities(self):
        """Close the billers' activities once a charge has settled."""
        # In sudo: the activities of others; nothing is left to do for them.
        settled_sudo = self.sudo().filtered(lambda charge: not charge._is_live())
        if moves_sudo := settled_sudo.fee_line_id.move_id:
            moves_sudo.activity_unlink([ACTIVITY])
