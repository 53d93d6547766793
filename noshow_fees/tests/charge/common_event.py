"""Events as Stripe sends them, signed, about a charge that went through."""

import hashlib
import hmac
import json
import time

from odoo.tests import HttpCase

from .common_charge import StripeCommon

SECRET = "whsec_fake"


class EventCommon(StripeCommon, HttpCase):
    def _commit(self):
        # Requests run in the test's own database transaction already.
        self.env.flush_all()
        self.env.cr.postcommit.run()
        self.env.invalidate_all()

    def _charge(self):
        charge = self._cancel_and_charge()
        self._commit()
        self.fee = self.appointment.fee_line_ids
        return charge

    def _send(self, type_, concerned, secret=SECRET, **headers):
        """:return: the HTTP status that Odoo answers"""
        text = json.dumps({"id": "evt_1", "type": type_, "data": {"object": concerned}})
        headers["Content-Type"] = "application/json"
        if secret:
            now = int(time.time())
            digest = hmac.new(secret.encode(), f"{now}.{text}".encode(), hashlib.sha256)
            headers["Stripe-Signature"] = f"t={now},v1={digest.hexdigest()}"
        answer = self.url_open("/payment/stripe/webhook", data=text, headers=headers)
        self.env.invalidate_all()
        return answer.status_code

    def _tasks(self, name):
        activity = self.env.ref(f"noshow_fees.mail_activity_type_{name}")
        return self.fee.move_id.activity_ids.filtered(
            lambda task: task.activity_type_id == activity
        )

    @property
    def history(self):
        return self.fee.fee_change_ids.sorted("id").mapped("kind")
