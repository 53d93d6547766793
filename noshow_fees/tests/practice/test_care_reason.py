"""Opening a chart with a reason: the Owner learns of it, whatever the therapist brings
along, and nobody learns anything by trying."""

from datetime import timedelta

from odoo import SUPERUSER_ID, Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon
from ..chart.chart_common import ChartCase

#: What suppresses, hides or closes a task on its way (mail/models/).
FLAGS = {
    "default_active": False,
    "default_res_id": 0,
    "default_user_id": False,
    "mail_activity_automation_skip": True,
    "mail_activity_quick_update": True,
    "mail_notrack": True,
    "tracking_disable": True,
}


@tagged("post_install", "-at_install")
class TestCareReason(ChartCase):
    """`cls.client_3` is in nobody's care."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other practice")["company"]
        cls.foreigner = cls.env["res.partner"].create(
            {"name": "Foreign", "is_client": True, "company_id": cls.other.id}
        )

        cls.care_of_2 = cls.env["noshow.care"].search(
            [("client_id", "=", cls.client_2.id)]
        )

    def _open(self, user=None, client=None, **context):
        values = {"client_id": (client or self.client_3).id, "reason": "Standing in"}
        user = user or self.therapist
        dialog = self._rpc(user, "noshow.care.open", "create", [values])
        self._rpc(user, "noshow.care.open", "action_open", dialog, context=context)

    def _get_care(self, client=None):
        return (
            self.env["noshow.care"]
            .search([("client_id", "=", (client or self.client_3).id)])
            .filtered("is_current")
        )

    def _get_tasks(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "noshow.care"), ("res_id", "in", self._get_care().ids)]
        )

    def _assert_task(self):
        [care] = self._get_care()
        task = self._get_tasks().filtered(lambda one: one.user_id == self.owner)
        self.assertEqual(len(task), 1)
        self.assertTrue(task.active)
        self.assertEqual(care.activity_ids & task, task)

    def test_no_context_suppresses_the_task(self):
        for flag, value in FLAGS.items():
            with self.subTest(flag), self.cr.savepoint() as point:
                self._open(**{flag: value})
                self._assert_task()
                point.rollback()
        self._open(**FLAGS)
        self._assert_task()
        notified = (
            self.env["mail.message"]
            .sudo()
            .search(
                [("model", "=", "noshow.care"), ("res_id", "=", self._get_care().id)]
            )
        )
        self.assertIn(self.owner.partner_id, notified.notified_partner_ids)

    def test_the_task_is_the_owners(self):
        self._open()
        task = self._get_tasks().filtered(lambda one: one.user_id == self.owner)
        calls = (
            ("unlink",),
            ("write", {"user_id": self.therapist.id}),
            ("write", {"active": False}),
            ("write", {"res_id": self.care_of_2.id}),
            ("write", {"summary": "Nothing to look at"}),
            ("write", {"date_deadline": "2099-01-01"}),
            ("action_done",),
            ("action_feedback",),
            ("action_archive",),
            ("action_cancel",),
        )
        for method, *args in calls:
            if not hasattr(type(task), method):
                continue
            for user in (self.therapist, self.frontdesk, self.manager, self.employee):
                with self.subTest(method, user=user.login):
                    with self.assertRaises(AccessError):
                        self._rpc(user, "mail.activity", method, task.ids, *args)
                    self._assert_task()
            with self.subTest(method, user="owner"), self.cr.savepoint() as point:
                self._rpc(self.owner, "mail.activity", method, task.ids, *args)
                point.rollback()
        self._rpc(self.owner, "mail.activity", "action_done", task.ids)
        self.assertNotIn(self.owner, self._get_care().activity_ids.user_id)

    def test_whoever_has_a_task_can_be_told(self):
        """Somebody who left is no Owner any more; where nobody is left, nothing opens,
        rather than open unseen."""
        self._open()
        self.assertNotIn(False, self._get_tasks().user_id.mapped("active"))
        owners = self.env.ref("noshow_fees.group_owner").all_user_ids
        owners = owners.filtered(lambda user: self.company in user.company_ids)
        owners.with_user(SUPERUSER_ID).active = False
        with self.assertRaises(UserError) as caught:
            self._open(client=self.client_2)
        self.assertIn("Owner", str(caught.exception))
        self.assertFalse(
            self._get_care(self.client_2).filtered(
                lambda care: care.therapist_id == self.therapist
            )
        )
        self.owner.active = True
        self._open(client=self.client_2)
        self.assertTrue(
            self._get_care(self.client_2).filtered(
                lambda care: care.therapist_id == self.therapist
            )
        )

    def test_clients_of_other_companies(self):
        """Who may not read a contact learns neither its name, nor whether it is a
        client."""
        plain = self.env["res.partner"].create(
            {"name": "Plain", "company_id": self.other.id}
        )
        answers = set()
        for client in (self.foreigner, plain):
            with self.assertRaises(AccessError) as caught:
                self._open(client=client)
            self.assertNotIn(client.name, str(caught.exception))
            answers.add(str(caught.exception).replace(str(client.id), "…"))
            for user in (self.frontdesk, self.owner):
                vals = {"client_id": client.id, "therapist_id": self.therapist.id}
                with self.assertRaises(AccessError) as caught:
                    self._rpc(user, "noshow.care", "create", [vals])
                self.assertNotIn(client.name, str(caught.exception))
        self.assertEqual(len(answers), 1, answers)
        self.foreigner.company_id = False
        self._open(client=self.foreigner)
        self.assertTrue(self._get_care(self.foreigner))

    def test_therapists_and_companies_of_others(self):
        stranger = self.env["res.users"].create(
            {
                "name": "Secretive",
                "login": "noshow_secretive",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                "company_id": self.other.id,
                "company_ids": [Command.set(self.other.ids)],
            }
        )
        vals = {"client_id": self.client_3.id, "therapist_id": self.therapist.id}
        for change in ({"therapist_id": stranger.id}, {"company_id": self.other.id}):
            with self.assertRaises(AccessError) as caught:
                self._rpc(self.frontdesk, "noshow.care", "create", [vals | change])
            self.assertNotIn("Secretive", str(caught.exception))
            self.assertNotIn("Other practice", str(caught.exception))
        self._rpc(self.frontdesk, "noshow.care", "create", [vals])

    def test_nobody_reaches_back(self):
        """Care begins when it is given, and ends when it is ended: what was read before
        or after keeps no ground made up later."""
        now = fields.Datetime.now()
        vals = {"client_id": self.client_3.id, "therapist_id": self.therapist.id}
        past = now - timedelta(days=1)
        for user in (self.frontdesk, self.owner):
            for context in ({}, {"default_date_from": past}):
                said = {} if context else {"date_from": past}
                with self.assertRaises(UserError):
                    self._rpc(
                        user, "noshow.care", "create", [vals | said], context=context
                    )
            with self.assertRaises(UserError):
                late = {"date_from": now + timedelta(days=3), "date_to": now}
                self._rpc(user, "noshow.care", "create", [vals | late])
            self._rpc(
                user,
                "noshow.care",
                "create",
                [vals | {"date_from": now + timedelta(days=1)}],
            )
        [id_] = self._rpc(self.owner, "noshow.care", "create", [vals])
        with self.assertRaises(UserError):
            self._rpc(self.owner, "noshow.care", "write", [id_], {"date_to": past})
        later = now + timedelta(days=9)
        self._rpc(self.owner, "noshow.care", "write", [id_], {"date_to": later})
        self._rpc(self.owner, "noshow.care", "action_end", [id_])
        for change in (False, later):
            with self.assertRaises(UserError):
                self._rpc(
                    self.owner, "noshow.care", "write", [id_], {"date_to": change}
                )

    def test_what_there_is_not(self):
        self._open()
        care = self._get_care()
        with self.assertRaisesRegex(ValueError, "Invalid field 'nope'"):
            self._rpc(self.owner, "noshow.care", "write", care.ids, {"nope": 1})
        with self.assertRaises(AccessError):
            self._rpc(self.frontdesk, "noshow.care", "write", care.ids, {"nope": 1})
        self._rpc(self.owner, "noshow.care", "action_end", care.ids)


@tagged("post_install", "-at_install")
class TestTasksOfBillers(ChargeCommon):
    def test_no_context_suppresses_them(self):
        """A fee whose refund did not go through, whatever the caller brought along."""
        self._cancel(self.appointment, visit_state="no_show")
        move = self.appointment.fee_line_ids.move_id
        for flag, value in FLAGS.items():
            with self.subTest(flag), self.cr.savepoint() as point:
                charges = self.env["payment.transaction"].with_user(self.biller)
                charges.sudo().with_context(**{flag: value})._schedule_for_billers(
                    move.sudo().with_context(**{flag: value}),
                    "noshow_fees.mail_activity_type_refund",
                    "Look at this",
                    "It did not go back.",
                )
                tasks = self.env["mail.activity"].search(
                    [("res_model", "=", "account.move"), ("res_id", "=", move.id)]
                )
                self.assertIn(self.biller, tasks.user_id)
                self.assertNotIn(self.biller, tasks.create_uid)
                point.rollback()

    def test_somebody_has_them_at_each_company(self):
        """At another company, or since they have left, nobody is a biller only."""
        charges = self.env["payment.transaction"]
        self.assertEqual(charges._get_billers(self.company), self.biller)
        other = self.env["res.company"].create({"name": "Other practice"})
        # An owner: who made it.
        self.assertEqual(charges._get_billers(other), self.env.user)
        self.biller.company_ids |= other
        self.assertEqual(charges._get_billers(other), self.biller)
        self.biller.active = False
        self.assertEqual(charges._get_billers(other), self.env.user)
        self.assertIn(self.manager, charges._get_billers(self.company))
