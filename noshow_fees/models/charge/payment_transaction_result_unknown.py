"""Whether a card was charged is not known yet: what the result page says meanwhile."""

from odoo import fields, models

from ...const import TOO_LONG


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _get_unknown_message(self, values):
        """What is said while nobody knows yet whether the card was charged."""
        if not self.sent_at:
            return self.env._(
                "%(card)s is about to be charged %(amount)s. Do not charge again; look "
                "here in a few minutes.",
                **values,
            )
        if self._needs_person():
            return self.env._(
                "Whether %(card)s was charged %(amount)s is not known yet. Do not "
                "charge again; a biller looks it up in the card company's own pages.",
                **values,
            )
        if self.sent_at < fields.Datetime.now() - TOO_LONG:
            return self.env._(
                "Whether %(card)s was charged %(amount)s is not known yet. Do not "
                "charge again; a biller has been asked to look.",
                **values,
            )
        return self.env._(
            "The charge of %(amount)s on %(card)s is still being checked. It settles "
            "by itself: do not charge again.",
            **values,
        )
