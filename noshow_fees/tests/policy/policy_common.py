"""A practice whose policy a test writes."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import Form

from ...tools.context import by_method
from ..common import PracticeCommon

SECOND = timedelta(seconds=1)


def begin(events):
    """Let these have begun an hour ago: nobody has missed what is to come.

    :return: the same
    """
    now = fields.Datetime.now().replace(microsecond=0)
    for event in events:
        if event.start > now - timedelta(hours=1):
            event.write({"start": now - timedelta(hours=1), "stop": now})
    return events


class PolicyCommon(PracticeCommon):
    @classmethod
    def _publish(cls, *rules, company=None, **vals):
        """Publish a version of these rules, as the manager does.

        :param rules: values of `noshow.policy.rule`; NOSHOW is charged by default
        """
        policies = cls.env["noshow.policy"].with_user(cls.manager)
        draft = policies.create(
            {
                "company_id": (company or cls.company).id,
                "rule_ids": cls._rules(*rules),
                **vals,
            }
        )
        draft.action_publish()
        return draft.with_env(cls.env)

    @classmethod
    def _rules(cls, *rules):
        return [
            Command.create(
                {"sequence": 10 * place, "product_id": cls.code_noshow.id, **rule}
            )
            for place, rule in enumerate(rules, 1)
        ]

    @classmethod
    def _forget_policies(cls):
        """As before version 1: for tests that say when each was published."""
        by_method(cls.company.noshow_policy_ids).unlink()

    @classmethod
    def _missed(cls, client, start):
        """A miss of the past, as an import would bring it."""
        event = cls._new_appointment(client, start=start)
        by_method(event).write(
            {"visit_state": "no_show", "counts_as_missed": True, "active": False}
        )
        return event

    def _propose(self, event, outcome=None, now=None, initiator="client"):
        return event._propose_fees(outcome, initiator, now)[event]

    def _amount(self, event, outcome="no_show", now=None):
        """What is proposed; None for no fee."""
        proposal = self._propose(event, outcome, now)
        return proposal["proposed_product_id"] and proposal["proposed_amount"]

    def _page(self, appointment, user=None, **vals):
        if vals.get("visit_state") == "no_show":
            begin(appointment)
        pages = self.env["calendar.event.cancel"].with_user(user or self.frontdesk)
        return pages.create({"event_ids": [Command.set(appointment.ids)], **vals})

    def _open(self, event):
        """The page as a browser has it: nothing is saved before Continue."""
        action = event.with_user(self.frontdesk).action_open_cancel()
        pages = self.env[action["res_model"]].with_user(self.frontdesk)
        return Form(pages.with_context(**action["context"]))
