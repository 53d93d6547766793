"""What a person says of a charge whose provider does not."""

from odoo import fields, models
from odoo.exceptions import UserError

from ...const import LIVE_STATES, MAY_STILL_ARRIVE, ONE_DAY


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _can_be_asked(self):
        """Whether Odoo can ask the provider what became of this."""
        self.ensure_one()
        return self._is_stripe_charge()

    def _needs_person(self):
        """Whether the provider had time to tell, and has not: it cannot be asked, or
        has not answered for a day. A person looks there then."""
        self.ensure_one()
        if self.state not in LIVE_STATES:
            return False
        # What a client pays with Odoo's form is sent by their browser.
        asked_at = self.sent_at or (not self.charge_key and self.last_state_change)
        patience = MAY_STILL_ARRIVE if asked_at else ONE_DAY
        if self._can_be_asked():
            patience, asked_at = ONE_DAY, self.create_date
        return abs(fields.Datetime.now() - (asked_at or self.create_date)) > patience

    def _settle_by_hand(self, charged):
        """Record what a person has read in the card company's own pages. The caller has
        checked the right.

        :param bool charged: whether the money was taken
        :raise UserError: it has settled meanwhile, was never sent, or can be asked
        """
        for charge in self:
            if not charge._lock_in(LIVE_STATES):
                raise UserError(
                    self.env._("This has settled meanwhile. Reload to see how.")
                )
            if not charge._needs_person():
                raise UserError(
                    self.env._("It may still settle by itself. Look again later.")
                )
            looked_up = self.env._(
                "Looked up at the card company by %s.", self.env.user.name
            )
            charge._log_money(
                "settled",
                abs(charge.amount),
                f"{charge._get_hand_text(charged)} {looked_up}",
            )
            if charged:
                charge._set_done()
                charge._post_process()
            else:
                # Clients read it on Odoo's pages: by whom is in the history.
                charge._set_error(self.env._("Looked up at the card company."))

    def _get_hand_text(self, charged):
        """What a person has read of this, for the history."""
        if self.operation == "refund":
            return (
                self.env._("It went back to the card.")
                if charged
                else self.env._("It did not go back to the card.")
            )
        return (
            self.env._("The card was charged.")
            if charged
            else self.env._("The card was not charged.")
        )
