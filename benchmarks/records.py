"""Fills the records beside appointments and fees for ``./dev bench``: who is in whose
care, charts and who read them, coverage, versions of the policy, what was decided and
changed. As in `load`, one row is made by the addon's methods, and then copied."""

from odoo import Command

from odoo.addons.noshow_fees.tools.context import by_method

NOTE = (
    "<p>" + "Slept better, worries about work; practised what we agreed. " * 4 + "</p>"
)
VERSIONS = 20  # of the policy
COVERED_EVERY = 3  # of the clients, one is covered by something,
ENDED_EVERY = 2  # and one was in somebody else's care before
CHANGED_EVERY = 5  # of the fees, one was changed later,
RECEIVED_EVERY = 100  # and one after it had been paid
DRAFT_EVERY = 1000  # of the notes, one is not signed yet


class Records:
    """To be mixed into `Loader`."""

    def load_records(self):
        env, company = self.env, self.env.company
        event = env["calendar.event"].search(
            [
                ("client_id", "=", self.client.id),
                ("visit_state", "=", "attended"),
            ],
            limit=1,
        )
        provider = event.user_id
        care = env["noshow.care"]._give([(self.client, provider, company)], "booked")
        note = (
            env["noshow.chart.entry"]
            .with_user(provider)
            .create(
                {"client_id": self.client.id, "appointment_id": event.id, "body": NOTE}
            )
        )
        # In its chart's log from here on, as a reading is.
        env["noshow.chart.access"].with_user(provider)._write_rows("read", note.ids)
        access = env["noshow.chart.access"].search(
            [("client_id", "=", self.client.id)], limit=1
        )
        kind = env["noshow.coverage.class"].create(
            {"name": "Programme", "missed_fee": "allowed"}
        )
        coverage = env["noshow.coverage"].create(
            {
                "client_id": self.client.id,
                "coverage_class_id": kind.id,
                "date_from": self.start.date(),
            }
        )
        env.flush_all()
        self._copy_care(care)
        self._copy_chart(note, access)
        self._copy_policies()
        self._copy_decisions()
        self._copy_changes()
        self._copy_for(
            *("noshow_coverage", coverage.id),
            "SELECT id AS client_id FROM res_partner WHERE is_client"
            f" AND id % {COVERED_EVERY} = 0",
            client_id="r.client_id",
        )

    def _copy_care(self, care):
        """Whoever has seen a client has them in care; some care has ended."""
        pairs = (
            "SELECT client_id, user_id, min(start) AS since,"
            " row_number() OVER (PARTITION BY client_id ORDER BY max(start) DESC) AS n"
            " FROM calendar_event WHERE client_id IS NOT NULL AND user_id IS NOT NULL"
            " GROUP BY client_id, user_id"
        )
        self._copy_for(
            *("noshow_care", care.id),
            f"SELECT * FROM ({pairs}) pair WHERE n = 1"
            f" OR n = 2 AND client_id % {ENDED_EVERY} = 0",
            client_id="r.client_id",
            therapist_id="r.user_id",
            date_from="r.since",
            date_to="CASE WHEN r.n = 2 THEN r.since + interval '90 days' END",
        )

    def _copy_chart(self, note, access):
        """Each visit has its note, and has been read once."""
        visits = (
            "SELECT id, client_id, user_id, start FROM calendar_event"
            " WHERE visit_state = 'attended' AND client_id IS NOT NULL"
            f" AND user_id IS NOT NULL AND id != {note.appointment_id.id}"
            " ORDER BY start"
        )
        draft = f"r.id % {DRAFT_EVERY} = 0"
        self._copy_for(
            *("noshow_chart_entry", note.id),
            visits,
            client_id="r.client_id",
            appointment_id="r.id",
            author_id="r.user_id",
            date="r.start",
            state=f"CASE WHEN {draft} THEN 'draft' ELSE 'signed' END",
            signed_on=f"CASE WHEN NOT {draft} THEN r.start + interval '1 hour' END",
        )
        self._copy_for(
            *("noshow_chart_access", access.id),
            visits,
            client_id="r.client_id",
            client_ref="r.client_id",
            user_id="r.user_id",
            date="r.start + interval '1 hour'",
            date_from="r.start",
            date_to="r.start",
        )

    def _copy_policies(self):
        """Versions of which only the last is in force."""
        policies = self.env["noshow.policy"]
        code = self.env.ref("noshow_fees.product_noshow")
        rules = [
            Command.create({"outcome": outcome, "product_id": code.id, "amount": 75.0})
            for outcome in ("late_cancelled", "no_show")
        ]
        current = policies._publish_values(
            self.env.company, {"notice_hours": 24.0, "rule_ids": rules}
        )
        # Somebody has read it: as in force with a next version as a draft.
        current.copy({"company_id": self.env.company.id})
        self.env.flush_all()
        self.cr.execute(
            "UPDATE noshow_policy SET version = version + %s WHERE id = %s",
            [VERSIONS, current.id],
        )
        current.invalidate_recordset(["version"])
        self._copy_for(
            *("noshow_policy", current.id),
            f"SELECT n FROM generate_series(1, {VERSIONS}) n",
            state="'retired'",
            version="t.version - r.n",
            published_on="t.published_on - r.n * interval '90 days'",
        )
        self.policy = current

    def _copy_decisions(self):
        """Of each cancellation: what was proposed, and taken."""
        decision = self.env["noshow.fee.decision"].search([], limit=1)
        rule = self.policy.rule_ids[0]
        self._copy_for(
            *("noshow_fee_decision", decision.id),
            "SELECT event.id, event.start, event.uncharged_on FROM calendar_event event"
            " WHERE visit_state IN ('late_cancelled', 'no_show') AND NOT EXISTS"
            " (SELECT FROM noshow_fee_decision known"
            "   WHERE known.appointment_id = event.id)",
            appointment_id="r.id",
            policy_id=str(self.policy.id),
            rule_id=str(rule.id),
            proposed_product_id=str(rule.product_id.id),
            proposed_amount="75",
            taken_product_id="CASE WHEN r.uncharged_on IS NULL"
            " THEN t.taken_product_id END",
            taken_amount="CASE WHEN r.uncharged_on IS NULL THEN 75 ELSE 0 END",
            deviation="CASE WHEN r.uncharged_on IS NULL THEN 'none' ELSE 'let_go' END",
            decided_on="r.start",
        )

    def _copy_changes(self):
        fee = self.env["account.move.line"].search(
            [("is_noshow_fee", "=", True)], limit=1
        )
        change = by_method(self.env["noshow.fee.change"]).create(
            {
                "appointment_id": fee.appointment_id.id,
                "kind": "changed",
                "invoice_id": fee.move_id.id,
                "currency_id": fee.currency_id.id,
                "old_product_id": fee.product_id.id,
                "new_product_id": fee.product_id.id,
                "old_amount": 75.0,
                "new_amount": 60.0,
                "reason": "As agreed with the client",
            }
        )
        receivable = fee.move_id.line_ids.matched_credit_ids.credit_move_id
        receipt = self.env["noshow.fee.receipt"].create(
            {"fee_line_id": fee.id, "line_id": (receivable or fee).id, "amount": 75.0}
        )
        self.env.flush_all()
        fees = (
            "SELECT id, move_id, appointment_id, client_id, date FROM account_move_line"
            f" WHERE is_noshow_fee AND id != {fee.id} AND id % {{}} = 0 ORDER BY date"
        )
        self._copy_for(
            *("noshow_fee_change", change.id),
            fees.format(CHANGED_EVERY),
            appointment_id="r.appointment_id",
            invoice_id="r.move_id",
            client_id="r.client_id",
            date="r.date",
            create_date="r.date + interval '1 day'",
        )
        self._copy_for(
            *("noshow_fee_receipt", receipt.id),
            "SELECT fee.id, part.credit_move_id"
            f" FROM ({fees.format(RECEIVED_EVERY)}) fee"
            " JOIN account_move_line line ON line.move_id = fee.move_id"
            " JOIN account_partial_reconcile part ON part.debit_move_id = line.id",
            fee_line_id="r.id",
            line_id="r.credit_move_id",
        )

    def _copy_for(self, table, template, query, **columns):
        """Copy a row for each row of a query.

        :param columns: SQL expressions over ``r``, that row, and ``t``, the one that is
            copied
        """
        names = self._get_columns(table)
        values = ", ".join(columns.get(name, f't."{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        self.cr.execute(
            f"INSERT INTO {table} ({quoted}) SELECT {values}"
            f" FROM {table} t, ({query}) r WHERE t.id = {template}"
        )
