"""Whether a card was charged is not known yet: what the result page says meanwhile."""

from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_charge import StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


@tagged("post_install", "-at_install")
class TestChargeUnknown(StripeCommon):
    @mute_logger(CHARGE_LOG)
    def test_result_page_on_an_unknown_charge(self):
        self._fault("drop_after", times=20)
        page = self._cancel(
            self.appointment,
            visit_state="no_show",
            charge_card=True,
            payment_token_id=self.card.id,
        )
        charge = self._charges_of(self.appointment.fee_line_ids)
        self.assertIn("is about to be charged", self._read(page))
        self._commit()
        self.assertIn("It settles by itself: do not charge again", self._read(page))
        charge.sent_at -= timedelta(minutes=61)
        self.assertIn("a biller has been asked to look", self._read(page))
        charge.sent_at -= timedelta(days=1)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - interval '25 h'"
            " WHERE id = %s",
            [charge.id],
        )
        self.assertIn("a biller looks it up in the card", self._read(page))
        self.fake.account.faults.clear()
        self._run_job()
        self.assertIn("was charged $\N{NO-BREAK SPACE}75.00", self._read(page))
        self.assertEqual(len(self.succeeded), 1)

    def _read(self, page):
        """The result page, read again; whatever it says, it offers no second try."""
        self.env.invalidate_all()
        self.assertFalse(page.needs_payment_link)
        return page.result
