"""The screens of records: care, charts and who read them, changes of fees, policy."""

from odoo.fields import Domain

GROUPS_LIMIT = 80


class RecordScreens:
    """To be mixed into `Bench`, beside `Screens`."""

    def _groups(self, title, records, domain, groupby):
        """One page of groups, folded."""
        self._compare(
            title,
            dict,
            addon=lambda _nothing: records.web_read_group(
                domain, [groupby], ["__count"], limit=GROUPS_LIMIT
            ),
        )

    def measure_records(self):
        of_client = [("client_id", "=", self.practice.client.id)]
        care = self.env["noshow.care"].search([*of_client, ("is_current", "=", True)])
        therapist = self.env(user=care[0].therapist_id.id)
        self.measure_care()
        self.measure_access()
        self.measure_chart("owner", self.as_owner)
        self.measure_chart("therapist", therapist)
        self.measure_changes()
        self.measure_policy()
        self.measure_lists_of_the_day()
        self.measure_appointment(therapist)

    def measure_care(self):
        cares = self.as_owner["noshow.care"]
        current = [("is_current", "=", True)]
        view = ("noshow.care", "noshow_care_view_list")
        self._list("care in force", *view, current, env=self.as_owner)
        for groupby in ("therapist_id", "client_id"):
            self._groups(f"care in force by {groupby[:-3]}", cares, current, groupby)

    def measure_access(self):
        rows = self.as_owner["noshow.chart.access"]
        view = ("noshow.chart.access", "noshow_chart_access_view_list")
        self._list("the access log", *view, [], env=self.as_owner)
        of_others = [("ground", "!=", "author")]
        self._list(
            "the access log, notes of others", *view, of_others, env=self.as_owner
        )
        of_client = [("client_id", "=", self.practice.client.id)]
        self._list(
            "the access log of a client with 4,000 readings",
            *view,
            of_client,
            env=self.as_owner,
        )
        reader = rows.search([], limit=1).user_id
        of_user = [("user_id", "=", reader.id)]
        self._list("the access log of one user", *view, of_user, env=self.as_owner)
        for groupby in ("client_id", "user_id", "date:day"):
            self._groups(
                f"the access log by {groupby.removesuffix('_id')}", rows, [], groupby
            )

    def measure_chart(self, who, env):
        notes = [("parent_id", "=", False)]
        view = ("noshow.chart.entry", "noshow_chart_entry_view_kanban")
        mine = [*notes, ("author_id", "=", env.uid)]
        kind = {"kind": "kanban", "env": env}
        client = self.practice.client
        chart = [*notes, ("client_id", "=", client.id)]
        self._list(
            f"the chart of a client with 4,000 notes, {who}", *view, chart, **kind
        )
        other = self.env["noshow.chart.entry"].search([], limit=1).client_id
        chart = [*notes, ("client_id", "=", other.id)]
        self._list(f"the chart of any client, {who}", *view, chart, **kind)
        if who == "therapist":
            seen = self.env["noshow.chart.entry"].search(mine, limit=1).appointment_id
            of_visit = [*notes, ("appointment_id", "=", seen.id)]
            self._list("the chart of an appointment", *view, of_visit, **kind)
            drafts = [*mine, ("state", "=", "draft")]
            self._list("own drafts of notes", *view, drafts, **kind)
            self._list("own notes", *view, mine, **kind)
        self._list(f"all notes, {who}", *view, notes, **kind)
        for groupby in ("author_id", "date:month"):
            self._groups(
                f"all notes by {groupby.removesuffix('_id')}, {who}",
                env["noshow.chart.entry"],
                notes,
                groupby,
            )

    def measure_changes(self):
        changes = self.as_biller["noshow.fee.change"]
        view = ("noshow.fee.change", "noshow_fee_change_view_list")
        self._list("all changes of fees", *view, [])
        today = self.env.company._get_practice_today()
        month = [("date", ">=", today.replace(day=1)), ("date", "<=", today)]
        self._list("changes of fees of this month", *view, month)
        for groupby in ("create_uid", "kind", "client_id", "date:month"):
            self._groups(
                f"changes of fees by {groupby.removesuffix('_id')}",
                changes,
                [],
                groupby,
            )

    def measure_policy(self):
        view = ("noshow.policy", "noshow_policy_view_list")
        self._list("versions of the policy", *view, [], env=self.as_owner)
        drafts = self.as_owner["noshow.policy"].search([("state", "=", "draft")])
        asked, _order = self._get_specification(
            "noshow.policy", "noshow_policy_view_form", env=self.as_owner
        )
        self._compare(
            "a draft of the policy, and what it would do to the last quarter",
            dict,
            addon=lambda _nothing: drafts.web_read(asked),
        )
        self._compare(
            "decisions by version and whether they were followed",
            dict,
            addon=lambda _nothing: self.as_owner[
                "noshow.visit.report"
            ].formatted_read_group(
                [("visit_state", "!=", "scheduled")],
                ["policy_id", "deviation"],
                ["__count", "proposed_amount:sum", "taken_amount:sum"],
            ),
        )

    def measure_lists_of_the_day(self):
        events = "calendar.event"
        known = Domain("rebooked_event_id", "=", False)
        on_record = known & (
            Domain("active", "=", True) & Domain("visit_state", "!=", False)
            | Domain("visit_state", "in", ("cancelled", "late_cancelled", "no_show"))
        )
        today = list(on_record & Domain("is_today", "=", True))
        self._list("today", events, "calendar_event_view_list_today", today)
        self._groups("today by provider", self.as_biller[events], today, "user_id")
        self._list(
            "all appointments",
            events,
            "calendar_event_view_list",
            [
                *known,
                ("client_id", "!=", False),
                *("|", ("active", "=", True), ("visit_state", "!=", "scheduled")),
            ],
            context={"active_test": False},
        )
        clients = [("is_client", "=", True)]
        view = ("res.partner", "res_partner_view_list_client")
        self._list("the list of clients", *view, clients)
        agreed = [*clients, ("card_authorized_on", "!=", False)]
        self._list("clients who agreed to card charges", *view, agreed)
        owing = [*clients, ("noshow_fee_line_ids.fee_open", "!=", 0)]
        self._list("clients with open fees", *view, owing)
        provider = self.practice.providers[0]
        self._list(
            "the list of fees of one provider",
            *("account.move.line", "account_move_line_view_list_fee"),
            [("is_noshow_fee", "=", True), ("provider_id", "=", provider.id)],
        )

    def measure_appointment(self, therapist):
        events = self.env["calendar.event"].with_context(active_test=False)
        for title, domain in (
            ("that took place", [("visit_state", "=", "attended")]),
            ("with a fee", [("fee_line_ids", "!=", False)]),
        ):
            domain = [*domain, ("user_id", "=", therapist.uid)]
            event = events.search(domain, limit=1)
            for who, env in (("biller", self.as_biller), ("therapist", therapist)):
                asked, _order = self._get_specification(
                    "calendar.event", "calendar_event_view_form_appointment", env=env
                )
                found = event.with_env(env)
                self._compare(
                    f"the page of an appointment {title}, {who}",
                    dict,
                    addon=lambda _nothing, found=found, asked=asked: found.web_read(
                        asked
                    ),
                )
