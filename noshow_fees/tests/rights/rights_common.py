"""Everybody who could try something, and who of them may."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..charge.common_charge import ChargeCommon

#: Every role on all appointments, or on those of which it is not the provider.
ALL = {"staff", "biller", "manager", "owner"}
OWN = {"therapist, own", "financial, own"}
MONEY = {"biller", "manager", "owner"}


class RightsCase(ChargeCommon):
    """`cls.actors` are people with the provider whose appointment they try it on:
    themselves, or `cls.colleague`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._new_user("noshow_colleague", "noshow_fees.group_therapist")
        cls.stranger = cls._new_stranger()
        cls.actors = {
            "staff": (cls.frontdesk, cls.colleague),
            "therapist, own": (cls.therapist, cls.therapist),
            "therapist": (cls.therapist, cls.colleague),
            "financial, own": (cls.financial, cls.financial),
            "financial": (cls.financial, cls.colleague),
            "biller": (cls.biller, cls.colleague),
            "manager": (cls.manager, cls.colleague),
            "owner": (cls.owner, cls.colleague),
            "accountant": (cls.accountant, cls.colleague),
            "employee": (cls.employee, cls.colleague),
            "portal": (cls.portal, cls.colleague),
            "other company's owner": (cls.stranger, cls.colleague),
        }

    @classmethod
    def _new_stranger(cls):
        company = cls.setup_other_company(name="Other practice")["company"]
        return new_test_user(
            cls.env,
            login="noshow_stranger",
            groups="noshow_fees.group_owner",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def _try(self, prepare, act):
        """Let everybody try something, each as if nobody else had.

        :param prepare: called with an appointment of each provider, as somebody who
            may; what it returns is what `act` gets
        :param act: called with the actor and the prepared record, in their environment
        :return: the names of the actors who were not refused
        """
        allowed = set()
        records = {}
        for provider in {provider for user, provider in self.actors.values()}:
            start = self.tomorrow + timedelta(days=len(records))
            appointment = self._new_appointment(provider=provider, start=start)
            self._let_begin(appointment)
            records[provider] = prepare(appointment)
        for name, (user, provider) in self.actors.items():
            savepoint = self.cr.savepoint()
            self.env.invalidate_all()
            try:
                act(user, records[provider].with_user(user))
                self.env.flush_all()
                allowed.add(name)
            except AccessError:
                allowed.discard(name)
            finally:
                savepoint.close(rollback=True)
                self.env.cr.postcommit.clear()
        return allowed

    def assertAllowed(self, expected, act, prepare=lambda appointment: appointment):
        self.assertEqual(self._try(prepare, act), set(expected))

    def _miss(self, appointment):
        """:return: the fee of a no-show"""
        self._cancel(appointment, self.owner, visit_state="no_show")
        return appointment.fee_line_ids

    def _cancel_free(self, appointment):
        self._cancel(appointment, self.owner, visit_state="no_show", product_id=False)
        return appointment
