"""Charging a fee to a saved card, and giving money back to it."""

from collections import Counter
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import BOOKS, LIVE_STATES
from ...tools.context import by_method, without_flags
from ...tools.when import format_when

ATTEMPT_DAYS = 30


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    card_payments = fields.Html(
        string="Card",
        compute="_compute_card_payments",
        sanitize=False,
        groups=BOOKS,
        help="Every try to charge a card for this fee, and what went back to one.",
    )

    charge_needs_person = fields.Boolean(
        compute="_compute_card_payments",
        groups=BOOKS,
        help="The card company cannot be asked by Odoo: somebody has to look there.",
    )

    @api.depends("fee_state")
    def _compute_card_payments(self):
        for line in self:
            line.card_payments = line._render_card_payments()
            line.charge_needs_person = line.fee_state == "charging" and any(
                tx._needs_person() for tx in line._get_running_payments()
            )

    def _render_card_payments(self, last=None):
        """What became of the tries to charge a card for this fee, in words.

        :param int last: only so many, and without their dates
        :return: HTML, or False
        """
        self.ensure_one()
        # The caller reads the fee; of a try only the outcome is told.
        payments_sudo = self._get_card_payments()
        if last:
            payments_sudo = payments_sudo[-last:]
        payments = [
            {
                "date": not last and format_when(self.env, payment.create_date),
                **payment.with_env(self.env).sudo()._get_charge_message(),
            }
            for payment in payments_sudo
        ]
        return bool(payments) and self.env["ir.qweb"]._render(
            "noshow_fees.card_payments", {"payments": payments}
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_charge(self):
        """Open the dialog that charges a saved card for this fee."""
        self.ensure_one()
        self._check_fee_right("charge_later")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Charge a saved card"),
            "res_model": "account.move.line.charge",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

    @without_flags
    def action_check_charge(self):
        """Ask the card company now what became of the charge of this fee."""
        self.ensure_one()
        self._check_fee_right("charge_later")
        for charge_sudo in self._get_card_payments():
            if charge_sudo._is_live():
                charge_sudo._settle_charge()
        return self.action_open_fee()

    def action_was_charged(self):
        """Record that the card company's own pages show the money of this fee."""
        return self._settle_by_hand(charged=True)

    def action_was_not_charged(self):
        """Record that the card company's own pages know nothing of this fee."""
        return self._settle_by_hand(charged=False)

    @without_flags
    def _settle_by_hand(self, charged):
        self.ensure_one()
        self._check_fee_right("settle_by_hand")
        charges_sudo = self._get_running_payments()
        if not charges_sudo:
            raise UserError(
                self.env._("This has settled meanwhile. Reload to see how.")
            )
        charges_sudo._settle_by_hand(charged)
        return self.action_open_fee()

    def action_open_receipt_mail(self):
        """Open the dialog that sends a receipt for what was received of this fee, and
        not given back.

        :raise UserError: nothing was, or the card's bank has taken it back
        """
        self.ensure_one()
        if self.fee_state == "disputed":
            raise UserError(
                self.env._("The card's bank has taken the money of this fee back.")
            )
        if not self._get_received_to_tell()[self]:
            raise UserError(self.env._("Nothing was received for this fee."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send a receipt"),
            "res_model": "noshow.link",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": "receipt", "default_line_id": self.id},
        }

    def action_open_payment_link(self):
        """Open the dialog with the link by which this fee is paid online."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment link"),
            "res_model": "noshow.link",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": "pay", "default_line_id": self.id},
        }

    def _filter_to_tell(self, kind):
        """Those of these fees about which a `noshow.link` says something true now, in
        the order of their appointments.

        :param str kind: `pay` or `receipt`
        """
        self.check_access("read")
        # In sudo: how much is open or received of fees that the user reads (checked
        # above).
        fees_sudo = self.sudo()
        if kind == "receipt":
            received = fees_sudo._get_received_to_tell()
            fees_sudo = fees_sudo.filtered(
                lambda fee: received[fee] and fee.fee_state != "disputed"
            )
        else:
            fees_sudo = fees_sudo.filtered(
                lambda fee: fee.fee_open and fee.fee_state != "charging"
            )
        in_order = fees_sudo.sorted(
            lambda fee: (fee.appointment_id.start or datetime.min, fee.id)
        )
        return in_order.sudo(False)

    def _get_payment_link(self):
        """Odoo's own link to pay the invoice of this fee without logging in.

        :raise AccessError: the user does not work with the client
        :raise UserError: a card is being charged for it
        """
        self.ensure_one()
        self._check_fee_right("schedule")
        # In sudo: the front desk sends a link without being accountants.
        link = self.sudo().move_id._get_portal_payment_link()
        # Stock writes two slashes (account_payment/wizards/payment_link_wizard.py).
        return link.replace("//my/", "/my/")

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @without_flags
    def _charge_later(self, token, use_credit=False, seen=None):
        """Charge a saved card for what is open of these fees, after the commit.

        :param token: `payment.token`
        :param bool use_credit: match the payer's open credit with the fee first
        :param str seen: what the user has seen of these fees (`_get_stamp`)
        :raise AccessError: the user may not charge these fees
        :raise UserError: nothing is open, or what `_charge` refuses
        """
        self._check_fee_right("charge_later")
        # In sudo: a financial therapist charges own fees without being an accountant.
        fees_sudo = self.sudo()
        fees_sudo._lock_and_check_live(seen)
        if not all(fee._has_open_amount() for fee in fees_sudo):
            raise UserError(self.env._("Nothing is open: there is nothing to charge."))
        if use_credit:
            self._use_credit()
        return self._charge(dict.fromkeys(self, token))

    def _charge(self, tokens):
        """Prepare the charge of the saved card for what is open of these fees; it is
        sent after the commit. The caller has checked that the user may do so.

        :param dict tokens: `{fee line: payment.token or None}`
        :return: the prepared `payment.transaction` records, in sudo
        :raise UserError: a card that may not be charged for this client, or not again,
            or an amount that cannot be charged
        """
        # In sudo: a saved card is readable by its owner only; whether it may be charged
        # for the client is asked right here.
        chosen_sudo = {
            line.sudo(): token.sudo() for line, token in tokens.items() if token
        }
        lines_sudo = self.sudo().filtered(lambda line: line in chosen_sudo)
        charges_sudo = self.env["payment.transaction"].sudo()
        if not lines_sudo:
            return charges_sudo
        lines_sudo._check_cards(chosen_sudo)
        lines_sudo._check_attempts()
        lines_sudo._check_no_charge_lost()
        return charges_sudo._prepare_charges(
            {
                line_sudo: chosen_sudo[line_sudo]
                for line_sudo in lines_sudo
                if line_sudo._has_open_amount()
            }
        )

    def _check_cards(self, tokens):
        """:raise UserError: one of these cards may not be charged for its fee"""
        token_model = self.env["payment.token"]
        for company, lines in self.grouped("company_id").items():
            allowed = token_model._get_chargeable(company, lines.client_id)
            for line in lines:
                if tokens[line] not in allowed[line.client_id]:
                    raise UserError(
                        self.env._(
                            "This card cannot be charged for %s: it is not theirs or "
                            "their payer's, or they did not agree to such charges.",
                            line.client_id.display_name,
                        )
                    )
                tokens[line]._check_not_expired(company)
        token_model.union(*tokens.values())._check_not_refused_for_good()

    def _has_open_amount(self):
        """Whether something of this fee is still to be paid."""
        self.ensure_one()
        move = self.move_id
        # “In payment”: paid, though the bank has not said so yet; without an
        # outstanding account the residual then stays
        # (account/models/account_payment.py).
        return (
            move.payment_state in ("not_paid", "partial")
            and move.currency_id.compare_amounts(move.amount_residual, 0) > 0
        )

    def _check_attempts(self):
        """:raise UserError: a card was tried too often for one of these fees"""
        since = fields.Datetime.now() - timedelta(days=ATTEMPT_DAYS)
        attempts = self._get_card_payments()._read_group(
            [
                ("fee_line_id", "in", self.appointment_id.fee_line_ids.ids),
                ("decline_code", "!=", False),
                ("create_date", ">", since),
            ],
            ["fee_line_id"],
            ["__count"],
        )
        # Of an appointment, on whatever invoices its fee was billed.
        counts = Counter()
        for line, count in attempts:
            counts[line.appointment_id] += count
        for appointment, count in counts.items():
            if count >= appointment.company_id.noshow_charge_attempts:
                raise UserError(
                    self.env._(
                        "A card was tried for this fee as often as it may be in "
                        "%(days)s days (%(count)s). Ask the client to pay another way.",
                        count=count,
                        days=ATTEMPT_DAYS,
                    )
                )

    def _get_card_payments(self):
        """Every try to charge a card for these fees, and every refund, in sudo, oldest
        first; those of the invoices that an edited fee had before, too."""
        # In sudo: card payments are the accountants'; of these, who may see the fee
        # learns what became of them.
        fees_sudo = self.sudo().appointment_id.fee_line_ids
        return fees_sudo.env["payment.transaction"].search(
            [("fee_line_id", "in", fees_sudo.ids)], order="id"
        )

    def _check_no_charge_lost(self):
        """:raise UserError: money was taken for one of these fees, by the practice or
        with Odoo's own form, and is not in the books any more"""
        # In sudo: card payments are few people's to read; what is told is a refusal.
        invoices_sudo = self.sudo().appointment_id.fee_line_ids.move_id
        charges_sudo = self._get_card_payments() | invoices_sudo.transaction_ids
        charges_sudo._check_none_lost()

    def _get_running_payments(self):
        """The card payments of these fees that have not settled, in sudo; those that
        the client makes with Odoo's own form, too."""
        charges_sudo = self._get_card_payments() | self.sudo().move_id.transaction_ids
        return charges_sudo.filtered(
            lambda tx: tx.state in LIVE_STATES and tx._is_live()
        )

    def _get_charges_to_refund(self):
        """What cards were charged for these fees, in sudo, where their providers give
        money back (as in account_payment/models/account_payment.py)."""

        def gives_back(charge):
            method = charge.payment_method_id
            method = method.primary_payment_method_id or method
            return "none" not in (
                charge.provider_id.support_refund,
                method.support_refund,
            )

        return self._get_card_payments().filtered(
            lambda tx: (
                tx.operation != "refund" and tx.state == "done" and gives_back(tx)
            )
        )

    def _refund_to_card(self, amount, reason):
        """Give money of this fee back to the cards that were charged for it, the last
        one first; it is sent after the commit. The caller has checked the right, and
        has made the credit that the refund is matched with.

        :param float amount: in the currency of the invoice
        :param str reason: for the history of the fee
        :return: the prepared `payment.transaction` records, in sudo
        :raise UserError: less than that was charged: cash never goes to a card
        """
        self.ensure_one()
        charges_sudo = self._get_charges_to_refund()
        refunds_sudo, left = charges_sudo.browse(), amount
        for charge_sudo in charges_sudo.sorted("id", reverse=True):
            back = min(left, charge_sudo._get_refundable_amount())
            if self.currency_id.compare_amounts(back, 0) > 0:
                refunds_sudo |= (
                    by_method(charge_sudo)
                    .with_context(noshow_refund_reason=reason)
                    ._refund(back)
                    .with_env(charge_sudo.env)
                )
                left -= back
        if self.currency_id.compare_amounts(left, 0) > 0:
            raise UserError(
                self.env._(
                    "Only %s was charged to a card for this fee, and cash does not go "
                    "back to a card. Keep the rest as the payer's credit.",
                    self.currency_id.format(amount - left),
                )
            )
        return refunds_sudo

    def _get_refunds_on_way(self):
        """What of these fees is on its way back to cards, and not in the books."""
        return self._get_card_payments().filtered(
            lambda tx: (
                tx.operation == "refund"
                and tx.state in ("pending", "authorized", "done")
                and not tx.payment_id
            )
        )

    def _get_on_way_to_card(self):
        """How much of this fee is on its way back to a card, and not in the books."""
        return abs(sum(self._get_refunds_on_way().mapped("amount")))

    def _get_received_to_tell(self):
        """What was received for each of these fees and is kept, less what is on its way
        back to a card.

        :return: `{fee line: amount}`
        """
        # In sudo: amounts of fees that the user reads.
        received = {fee: fee.sudo().fee_kept for fee in self}
        appointments_sudo = self._get_refunds_on_way().fee_line_id.appointment_id
        for fee in self:
            if fee.sudo().appointment_id in appointments_sudo:
                # First what is nothing but credit of the payer.
                left = fee.sudo()._get_paid_for() - fee._get_on_way_to_card()
                received[fee] = fee.currency_id.round(
                    max(min(received[fee], left), 0.0)
                )
        return received

    def _get_refundable_to_card(self):
        """How much of this fee could go back to a card, in the invoice's currency."""
        self.ensure_one()
        charges_sudo = self._get_charges_to_refund()
        return sum(charge._get_refundable_amount() for charge in charges_sudo)
