"""Outsiders, with an appointment that says something clinical; and two practices in
one database."""

from odoo import Command
from odoo.tests import new_test_user

from ..charge.common_charge import ChargeCommon
from ..common import PracticeCommon

TITLE = "EMDR session"
DESCRIPTION = "Panic attacks"


class DoorsCase(PracticeCommon):
    """`cls.appointment` has a clinical title and description, and the client, who has
    a portal login, is an attendee of it. `cls.outsiders` work or log in here without
    a role in the practice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_client = new_test_user(
            cls.env,
            login="noshow_portal_client",
            groups="base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.client_login = cls.portal_client.partner_id
        cls.client_login.write({"is_client": True, "phone": "+1 555 0100"})
        cls.contact_manager = cls._new_user(
            "noshow_contacts", "base.group_user,base.group_partner_manager"
        )
        cls.administrator = cls._new_user("noshow_admin", "base.group_system")
        cls.employees = (
            cls.employee + cls.accountant + cls.contact_manager + cls.administrator
        )
        cls.outsiders = cls.employees + cls.portal + cls.portal_client
        cls.appointment = cls._new_clinical()
        cls.meeting = cls.env["calendar.event"].create(
            {
                "name": "Team lunch",
                "start": cls.tomorrow,
                "stop": cls.tomorrow,
                "user_id": cls.employee.id,
                "partner_ids": [
                    Command.set((cls.employee + cls.therapist).partner_id.ids)
                ],
            }
        )

    @classmethod
    def _new_clinical(cls, **vals):
        """An appointment of `cls.client_login` with `cls.therapist`, both attending."""
        return cls._new_appointment(
            client=cls.client_login,
            **{
                "name": TITLE,
                "description": f"<p>{DESCRIPTION}</p>",
                "partner_ids": [
                    Command.set((cls.therapist.partner_id + cls.client_login).ids)
                ],
                **vals,
            },
        )

    @classmethod
    def _new_series(cls, count=3, **vals):
        """A weekly series, the first occurrence being returned."""
        return cls._new_clinical(
            recurrency=True,
            rrule_type="weekly",
            end_type="count",
            interval=1,
            count=count,
            **{cls.tomorrow.strftime("%a").lower(): True},
            **vals,
        )

    def assertSaysNothing(self, text):
        """Neither the title nor the description is in `text`."""
        for secret in (TITLE, DESCRIPTION):
            self.assertNotIn(secret, str(text))


class TwoPractices(ChargeCommon):
    """`cls.other` is another practice with an owner, a front desk and a therapist of
    its own; `cls.both` is a therapist at either. `client_1` has records here only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other practice")["company"]
        cls.their_owner, cls.their_desk, cls.their_therapist = (
            cls._new_their_user(f"noshow_their_{role}", f"noshow_fees.group_{role}")
            for role in ("owner", "staff", "therapist")
        )
        cls.both = cls._new_user("noshow_both", "noshow_fees.group_therapist")
        cls.both.company_ids += cls.other
        cls.contacts = cls._new_user(
            "noshow_contacts", "base.group_user,base.group_partner_manager"
        )

    @classmethod
    def _new_their_user(cls, login, group):
        user = cls._new_user(login, group)
        user.write(
            {"company_ids": [Command.set(cls.other.ids)], "company_id": cls.other.id}
        )
        return user
