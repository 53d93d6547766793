"""Which fields that we add to a model of Odoo's are told to all who read the record."""

from odoo.tests import tagged

from .rights_common import RightsCase

TRANSACTION = [
    "balance_reference",
    "checked_at",
    "decline_code",
    "decline_is_final",
    "dispute_due_by",
    "dispute_reference",
    "dispute_state",
    "disputed_amount",
    "fee_line_id",
    "missing_since",
    "net_amount",
    "payout_date",
    "payout_reference",
    "processing_fee",
    "retry_at",
    "sent_at",
    "settlement_currency_id",
    "tries",
]
#: Without groups: of what is the accountants' alone, or tells nothing of a client.
FREE = {
    "account.analytic.distribution.model.provider_id",
    "base.module.uninstall.noshow_losses",
    # Said where it is declared.
    "calendar.event.company_id",
    "payment.token.card_expiry",
    "res.users.settings.noshow_show_cancellations",
    *(f"payment.transaction.{name}" for name in TRANSACTION),
}


@tagged("post_install", "-at_install")
class TestFields(RightsCase):
    def test_each_has_groups(self):
        """A new one without has to be thought about, and named here."""
        free = {
            str(field)
            for model in self.env.values()
            if model._original_module != "noshow_fees" and not model._abstract
            for field in model._fields.values()
            if field._modules == ("noshow_fees",)
            and not field.inherited
            and not field.groups
        }
        self.assertEqual(free, FREE)
