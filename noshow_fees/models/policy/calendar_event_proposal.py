"""The one place that says what a missed visit costs, and why."""

from bisect import bisect_left
from collections import defaultdict
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...const import MISSED_STATES
from ...tools.policy_rule import NO_FEE, Case


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    # ------------------------------------------------------------
    # WHICH VERSION
    # ------------------------------------------------------------

    def _get_policies(self, proposals=None):
        """The version of the policy that each of these falls under: in force when it
        was booked, or a later one that says so for its day. What was booked before the
        first version falls under that one.

        :param dict proposals: of `_propose_fees`, which has asked it before
        :return: `{event: noshow.policy in sudo}`, empty where none is published
        """
        none = self.env["noshow.policy"].sudo()
        if proposals:
            return {event: none.browse(proposals[event]["policy_id"]) for event in self}
        published = none._get_published(self.sudo().company_id)
        found = {}
        for event in self:
            event_sudo = event.sudo()
            if event_sudo.policy_id:
                found[event] = event_sudo.policy_id
                continue
            versions = published.get(event_sudo.company_id.id, none)
            found[event] = versions[:1]
            for later in versions[1:]:
                if later.published_on <= event_sudo._get_booked_on() or (
                    later.applies_from
                    and later.applies_from <= event_sudo._get_date_of_service()
                ):
                    found[event] = later
        return found

    def _get_booked_on(self):
        """When this was booked, UTC; before that was kept, when it was entered."""
        return self.booked_on or self.create_date or fields.Datetime.now()

    # ------------------------------------------------------------
    # WHICH FEE
    # ------------------------------------------------------------

    @api.model
    def _get_decision_values(self, **values):
        return {**NO_FEE, "policy_id": False, "notice_hours": 0.0, **values}

    def _propose_fees(self, outcome=None, initiator="client", now=None, policy=None):
        """What the policy asks for cancellations of these, with the reason in words.

        A fee that was decided is never priced again: for such an appointment, what was
        proposed then.

        :param str outcome: of all of these; without it what the notice says
        :param str initiator: on whose behalf: only the client's own are charged
        :param datetime now: UTC, the moment of the cancellation; now by default
        :param policy: price under this version, decided or not: what a draft would do
        :return: `{event: values of a noshow.fee.decision}`, amounts in the company's
            currency without taxes
        """
        now = now or fields.Datetime.now()
        known_sudo = self.sudo().filtered(lambda event: event._has_outcome())
        proposals, moments = {}, {}
        if known_sudo and not policy:
            for decision_sudo in self.env["noshow.fee.decision"]._get_live(known_sudo):
                event = decision_sudo.appointment_id.with_env(self.env)
                proposals[event] = decision_sudo._get_proposal()
        for event_sudo in known_sudo:
            moments[event_sudo] = event_sudo.cancelled_on or now
        events = self.filtered(lambda event: event not in proposals)
        if policy:
            policies = dict.fromkeys(events, policy.sudo())
        else:
            policies = events._get_policies()
        if outcome:
            outcomes = dict.fromkeys(events, outcome)
        else:
            outcomes = events._get_outcomes_by_notice(now, policies)
        moments = {event: moments.get(event, now) for event in events}
        proposals.update(events._price(outcomes, initiator, moments, policies))
        return proposals

    def _price(self, outcomes, initiator, moments, policies):
        """:param dict moments: of the cancellations, UTC
        :return: as `_propose_fees`, of what is not decided yet
        """
        # In sudo, as these versions are: what applies does not depend on who asks.
        versions_sudo = self.env["noshow.policy"].sudo().union(*policies.values())
        rules = versions_sudo._get_fee_rules()
        limits = self.env["noshow.coverage"]._get_limits(self)
        misses = self._get_misses(outcomes, rules)
        answers = {}
        for event in self:
            event_sudo, policy_sudo = event.sudo(), policies[event]
            notice = event_sudo._get_notice(moments[event])
            answers[event] = self._get_decision_values(
                policy_id=policy_sudo.id,
                outcome=outcomes[event],
                notice_hours=notice.total_seconds() / 3600,
            )
            if initiator != "client":
                sentence = self.env._("Not called off by the client: no fee.")
            elif not policy_sudo:
                sentence = self.env._(
                    "No cancellation policy is in force: a manager can publish one "
                    "under Configuration → Cancellation policy."
                )
            else:
                limit = limits.get(event.id)
                case = Case(
                    outcome=outcomes[event],
                    notice=notice,
                    service=event_sudo.service_id.id,
                    price=event_sudo.service_price,
                    provider=event_sudo.user_id.id,
                    classes=limit.classes if limit else frozenset(),
                    get_rank=misses.get_rank(event_sudo) if misses else lambda days: 1,
                )
                asked = (rules[policy_sudo], case, limit, event_sudo._get_fee_total)
                fee, sentence = policy_sudo._answer(*asked)
                answers[event].update(fee)
                if limit:
                    # What is kept of it, others read, too.
                    _fee, neutral = policy_sudo._answer(*asked, is_told=False)
                    answers[event]["neutral_sentence"] = neutral
                    if not self.env["noshow.coverage"]._is_told(event):
                        sentence = neutral
            answers[event]["sentence"] = sentence
        return answers

    def _get_fee_total(self, product, amount):
        """What the payer of this appointment would owe, taxes included."""
        self.ensure_one()
        # In sudo: whose appointment it is may be asked by the policy alone.
        return self.sudo().client_id._get_fee_total(product, amount, self.company_id)

    def _get_misses(self, outcomes, rules):
        """The misses of the clients of these, where a rule asks for them: one query."""
        asking = [
            rule for some in rules.values() for rule in some if rule.from_miss > 1
        ]
        if not self or not asking:
            return None
        starts = self.sudo().mapped("start")
        # A rule without a window asks for all there are.
        since = datetime.min
        if all(rule.window_days for rule in asking):
            window = timedelta(days=max(rule.window_days for rule in asking))
            since = max(min(starts), datetime.min + window) - window
        events_sudo = self.sudo()
        events_sudo.flush_model(
            ["client_id", "company_id", "counts_as_missed", "start"]
        )
        self.env.cr.execute(
            SQL(
                """
                SELECT company_id, client_id, start, id
                  FROM calendar_event
                 WHERE counts_as_missed IS TRUE
                   AND client_id IN %s
                   AND start BETWEEN %s AND %s
                """,
                tuple(events_sudo.client_id.ids) or (0,),
                since,
                max(starts),
            )
        )
        misses = Misses(self.env.cr.fetchall())
        # Those of the same go count as well, whatever the database says yet.
        for event_sudo in events_sudo:
            if outcomes[event_sudo] in MISSED_STATES:
                misses.add(event_sudo)
        return misses


class Misses:
    """The misses of clients, in the order of their starts."""

    def __init__(self, rows):
        self._keys = defaultdict(set)
        for company, client, start, id_ in rows:
            self._keys[company, client].add((start, id_))
        self._sorted = {}

    def add(self, event):
        key = event.company_id.id, event.client_id.id
        self._keys[key].add((event.start, event.id))

    def get_rank(self, event):
        """:return: a function: which miss the event is, within so many days (0: ever)
        before it. Exactly so many days before counts, too."""
        whose = event.company_id.id, event.client_id.id
        own = event.start, event.id

        def rank(days):
            if whose not in self._sorted:
                self._sorted[whose] = sorted(self._keys[whose])
            keys = self._sorted[whose]
            since = event.start - timedelta(days=days) if days else datetime.min
            return 1 + bisect_left(keys, own) - bisect_left(keys, (since, 0))

        return rank
