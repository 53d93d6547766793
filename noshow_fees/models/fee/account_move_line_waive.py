"""A fee that is not owed: credited to zero, or given up with its appointment; and the
money of it that goes back. Who may waive: billers and those above them (`waive_fee` in
models/rights/res_users_rights.py)."""

from odoo import models
from odoo.exceptions import UserError

from ...tools.context import by_method, without_flags


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @without_flags
    def _waive(
        self,
        text,
        surplus="credit",
        still_counts=True,
        release=False,
        seen=None,
        reason=None,
    ):
        """Credit these fees to zero, with a credit note of today for each. What was
        charged stays in the books and in the fee's history.

        :param str text: a billing reason in words, for the log of invoice and
            appointment; beside `reason`, where that asks for it
        :param str surplus: what becomes of money received and kept: `credit` stays the
            payer's credit, `refund` goes back to the card
        :param bool still_counts: whether these still count as missed visits
        :param bool release: the appointment has no fee any more (it is restored)
        :param str seen: what the user has seen of the fee (`_get_stamp`)
        :param reason: `noshow.waiver.reason`; without it, the one for other reasons
        :raise AccessError: the user may not waive fees
        :raise UserError: no live fee, waived already, no reason, or a charge is running
        """
        self._check_fee_right("waive_fee")
        if reason is None:
            reason = self.env.ref("noshow_fees.waiver_reason_other")
        text = reason._get_text(text)
        # In sudo: whoever may waive a fee need not be an accountant.
        fees_sudo = self.sudo()
        fees_sudo._lock_and_check_live(seen)
        waived = fees_sudo.filtered(lambda fee: fee.fee_state in ("waived", "refunded"))
        if waived and not release:
            raise UserError(
                self.env._(
                    "The fee on invoice %s is waived already.",
                    ", ".join(waived.mapped("move_name")),
                )
            )
        kept = {fee: fee.fee_kept for fee in fees_sudo if surplus == "refund"}
        (fees_sudo - waived)._take_back_write_offs(text)
        changes = []
        for fee in fees_sudo - waived:
            before = fee._get_fee_left()["price"]
            note = fee.move_id._credit_fees(fee)
            if not note and not release:
                raise UserError(
                    self.env._(
                        "Nothing is left of the fee on invoice %s: it was credited or "
                        "written off already.",
                        fee.move_name,
                    )
                )
            changes.append(
                {
                    "appointment_id": fee.appointment_id.id,
                    "kind": "restored" if release else "waived",
                    "missed_count": fee._get_missed_taken(release, still_counts),
                    "invoice_id": fee.move_id.id,
                    "credit_note_id": note.id,
                    "currency_id": fee.currency_id.id,
                    "old_product_id": fee.product_id.id,
                    "old_amount": before,
                    "reason_id": reason.id,
                    "reason": text,
                }
            )
        changes += [
            {
                "appointment_id": fee.appointment_id.id,
                "kind": "restored",
                "missed_count": fee._get_missed_taken(release, still_counts),
                "invoice_id": fee.move_id.id,
                "currency_id": fee.currency_id.id,
                "reason_id": reason.id,
                "reason": text,
            }
            for fee in waived
        ]
        fees_sudo._log_fee_changes(changes)
        for fee, received in kept.items():
            if fee.currency_id.compare_amounts(received, 0.0) > 0:
                fee._refund_to_card(received, text)
        if release:
            fees_sudo._let_go()
        if not still_counts:
            by_method(fees_sudo.appointment_id).write({"counts_as_missed": False})

    def _let_go(self):
        """Make these no fees any more, in the database as well: it has no two fees for
        one appointment, and the next may be billed in this transaction."""
        by_method(self).write({"is_noshow_fee": False})
        self.flush_recordset(["is_noshow_fee"])

    def _get_missed_taken(self, release, still_counts):
        """How many missed visits a waiver takes away: 0 or −1."""
        self.ensure_one()
        taken = self.counts_as_missed and (release or not still_counts)
        return -int(taken)

    def _refund_surplus(self, reason):
        """Send what was received beyond what is owed for these fees back to the card it
        came from, after the commit.

        :param str reason: for the history
        :raise UserError: it did not come from a card: cash and checks never go to one
        """
        for fee in self:
            surplus = -sum(fee._get_surplus_lines().mapped("amount_residual"))
            if fee.currency_id.compare_amounts(surplus, 0.0) > 0:
                fee._refund_to_card(surplus, reason)
