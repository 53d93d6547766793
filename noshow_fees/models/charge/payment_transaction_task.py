"""The billers' tasks: charges and refunds that a person has to look at."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import LIVE_STATES, TOO_LONG, UNBOOKED
from ...tools.context import by_method

ACTIVITY = "noshow_fees.mail_activity_type_check_charge"
REFUND_ACTIVITY = "noshow_fees.mail_activity_type_refund"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model
    def _get_stuck_domain(self):
        """Charges without an answer, or not in the books, for so long that a person has
        to look."""
        return Domain(
            [
                ("charge_key", "!=", False),
                ("create_date", "<", fields.Datetime.now() - TOO_LONG),
            ]
        ) & (Domain("state", "in", LIVE_STATES) | Domain(UNBOOKED))

    @api.model
    def _tell_billers(self):
        """Ask the billers to look at stuck charges, once about each and what it is that
        they are stuck at: a task that is done, or dismissed, does not come back."""
        for charge in self.search(self._get_stuck_domain(), order="id"):
            about = "unanswered" if charge.state in LIVE_STATES else "unbooked"
            # Whoever is at it may settle it.
            if charge.asked_about == about or not charge.try_lock_for_update(
                allow_referencing=True
            ):
                continue
            moves = charge.fee_line_id.move_id | charge.invoice_ids
            tasks = moves.activity_search([ACTIVITY])
            asked = moves.browse(tasks.mapped("res_id"))
            for move in moves - asked:
                tasks |= self._schedule_for_billers(
                    move,
                    ACTIVITY,
                    self.env._("Was the card charged?"),
                    self.env._(
                        "The card company has not answered for an hour, or the "
                        "payment could not be booked: lock dates and the "
                        "provider's payment journal are the usual reasons. Open "
                        "the fee and press “Check now”, or look in the card "
                        "company's own pages. Do not charge again before that."
                    ),
                )
            if tasks:  # there may be no biller yet
                by_method(charge).asked_about = about

    def _ask_billers(self, activity, summary, note, deadline=None):
        """Give the billers a task about the fee of this.

        :param str activity: the task's type, an xmlid
        :param datetime deadline: until when (UTC); today by default
        """
        for move in self._get_fee_to_pay().move_id or self.invoice_ids[:1]:
            self._schedule_for_billers(move, activity, summary, note, deadline)

    def _ask_billers_about_refund(self):
        """Tell the billers of money whose way they may not have chosen."""
        amount = self.currency_id.format(abs(self.amount))
        if self.state == "done":
            summary = self.env._("%s went back to the card", amount)
            note = self.env._(
                "The fee is open again by as much: the money was given back without a "
                "credit note. Waive the fee if it is not owed any more."
            )
        else:
            summary = self.env._("%s did not go back to the card", amount)
            note = self.env._(
                "The card company could not give the money back and has returned it to "
                "the practice. It is the payer's again: give it back in another way, "
                "or keep it as their credit."
            )
        self._ask_billers(REFUND_ACTIVITY, summary, note)

    @api.model
    def _schedule_for_billers(self, move, activity, summary, note, deadline=None):
        return move._give_task_to(
            self._get_billers(move.company_id),
            activity,
            summary,
            note,
            fields.Date.to_date(deadline) if deadline else None,
        )

    @api.model
    def _get_billers(self, company):
        """Who has the role itself at this company; if nobody there has, everyone whose
        role includes it."""
        group = self.env.ref("noshow_fees.group_biller").sudo()
        here = group.all_user_ids.filtered(
            lambda user: company in user.company_ids and user.active
        )
        return (here & group.user_ids) or here

    def _update_state(self, allowed_states, target_state, state_message):
        settled = super()._update_state(allowed_states, target_state, state_message)
        settled._close_activities()
        for refund in settled:
            # One that has been booked is taken back first (`_take_refund_back`).
            if refund._is_failed_refund() and not refund.payment_id:
                refund._tell_refund_failed()
        return settled

    def _close_activities(self):
        """Close the billers' activities once a charge has settled, unless another one
        of the same fee is still stuck."""
        # In sudo: the activities of others; nothing is left to do for them.
        settled_sudo = self.sudo().filtered(lambda charge: not charge._is_live())
        # What comes next is another matter.
        by_method(settled_sudo.filtered("asked_about")).asked_about = False
        moves_sudo = settled_sudo.fee_line_id.move_id | settled_sudo.invoice_ids
        if moves_sudo.activity_search([ACTIVITY]):
            about = Domain("invoice_ids", "in", moves_sudo.ids) | Domain(
                "fee_line_id.move_id", "in", moves_sudo.ids
            )
            stuck_sudo = self.sudo().search(self._get_stuck_domain() & about)
            stuck_sudo -= settled_sudo
            moves_sudo -= stuck_sudo.fee_line_id.move_id | stuck_sudo.invoice_ids
            moves_sudo.activity_unlink([ACTIVITY])
