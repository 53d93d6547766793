"""The demonstration practice: what the files in `demo/` cannot say, because it moves
with today, or needs a chart of accounts and a payment provider.

Everything is done by those who do it in a practice, through the methods behind their
buttons, so that books, logs and rights are as in daily use.
"""

from datetime import time, timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.calendar.models.calendar_recurrence import weekday_to_field

#: Neither mails nor a note for each of some hundred records.
QUIET = {
    "dont_notify": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_mail_to_attendees": True,
    "skip_contact_description": True,
    "tracking_disable": True,
}
THERAPISTS, CLIENTS, WEEKS = 5, 40, 8
#: Hours of the practice's day at which a session may begin.
HOURS = (8, 9, 10, 11, 13, 14, 15, 16)
SESSION = timedelta(minutes=50)
#: Of each therapist's clients the first so many come twice a week, and the last so
#: many every other week.
TWICE_A_WEEK, EVERY_OTHER_WEEK = 5, 2

#: What a charge of the saved card comes to, when it does not succeed (`payment_demo`).
CARD_OUTCOMES = {"client_11": "error", "client_25": "pending"}
#: They have saved a card, but did not agree to charges for missed visits.
NOT_AGREED = ("client_07", "client_23")
CHART_NOTES = (
    "Arrived on time. Went over last week's plan, next steps agreed.",
    "Tired after travelling. Shorter exercises until the next session.",
    "Reports a better week. Keeps the present plan.",
)
CHART_ADDENDUM = "Correction: the better week began on Thursday."


def working_week(today):
    """The practice's five weekdays (0: Monday). Monday to Friday; on a weekend those
    up to today, or there would be nothing to see today."""
    last = max(today.weekday(), 4)
    return range(last - 4, last + 1)


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model
    def _noshow_load_demo(self):
        """Bring the demonstration practice to life: books, cards, eight weeks of
        appointments around today, missed ones with fees in every state. Does nothing
        the second time.

        Charges of saved cards are sent after the commit, as always.

        :raise UserError: the addon was installed without demonstration data, or
            `l10n_us_account` or `payment_demo` is missing
        """
        practice = self.env.ref("noshow_fees.demo_company", raise_if_not_found=False)
        modules = self.env["ir.module.module"]
        if not practice or any(
            modules._get(name).state != "installed"
            for name in ("l10n_us_account", "payment_demo")
        ):
            raise UserError(
                self.env._(
                    "The demonstration practice needs noshow_fees, l10n_us_account and "
                    "payment_demo, installed with demonstration data."
                )
            )
        practice = practice.with_context(allowed_company_ids=practice.ids)
        appointments = practice.env["calendar.event"].with_context(active_test=False)
        if appointments.search_count([("company_id", "=", practice.id)], limit=1):
            return
        practice._noshow_demo_open_books()
        practice._noshow_demo_open_schedules()
        practice._noshow_demo_save_cards()
        practice._noshow_demo_book_series()
        practice._noshow_demo_miss_sessions()
        practice._noshow_demo_call_off_sessions()
        practice._noshow_demo_attend_sessions()

    def _noshow_demo_ref(self, name):
        """A record of `demo/`, with this practice as the only company."""
        return self.env.ref(f"noshow_fees.demo_{name}").with_env(self.env)

    def _noshow_demo_user(self, name):
        return self._noshow_demo_ref(f"user_{name}")

    def _noshow_demo_therapists(self):
        names = [f"user_therapist_{number}" for number in range(1, THERAPISTS + 1)]
        return self.env["res.users"].union(*map(self._noshow_demo_ref, names))

    def _noshow_demo_clients(self):
        names = [f"client_{number:02}" for number in range(1, CLIENTS + 1)]
        return self.env["res.partner"].union(*map(self._noshow_demo_ref, names))

    def _noshow_demo_appointments(self, *domain):
        """The practice's scheduled appointments within `domain`, for the front desk."""
        appointments = self.env["calendar.event"]
        return appointments.with_user(self._noshow_demo_user("frontdesk")).search(
            [("company_id", "=", self.id), ("visit_state", "=", "scheduled"), *domain],
            order="start",
        )

    def _noshow_demo_open_books(self):
        """Load the chart of accounts, and take cash, and cards in test mode."""
        self.env["account.chart.template"].try_loading("us", company=self)
        self.env["account.journal"].create(
            {"name": "Cash", "code": "CSH1", "type": "cash", "company_id": self.id}
        )
        self.env["payment.provider"].search(
            [("code", "=", "demo"), ("company_id", "=", self.id)]
        ).write(
            {
                "state": "test",
                "journal_id": self._noshow_demo_journal("bank").id,
                "allow_tokenization": True,
                # Or clients could not save a card (`res.partner._get_card_link`).
                "is_published": True,
            }
        )

    def _noshow_demo_journal(self, journal_type):
        return self.env["account.journal"].search(
            [("company_id", "=", self.id), ("type", "=", journal_type)], limit=1
        )

    def _noshow_demo_open_schedules(self):
        """Let the administrator land in this practice."""
        self.env.ref("base.user_admin").write(
            {"company_ids": [Command.link(self.id)], "company_id": self.id}
        )

    def _noshow_demo_save_cards(self):
        """Every second client has saved a card, or the one who pays for them has."""
        provider = self.env["payment.provider"].search(
            [("code", "=", "demo"), ("company_id", "=", self.id)]
        )
        clients = self._noshow_demo_clients()[::2]
        outcomes = {
            self._noshow_demo_ref(name): state for name, state in CARD_OUTCOMES.items()
        }
        today = self._get_practice_today()
        cards = [
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids[:1].id,
                "partner_id": client._get_payer().id,
                "provider_ref": f"demo-{client.id}",
                "payment_details": f"•••• {4000 + 7 * client.id % 6000}",
                "demo_simulated_state": outcomes.get(client, "done"),
                "card_expiry": fields.Date.end_of(
                    today + timedelta(days=100 + 37 * number), "month"
                ),
            }
            for number, client in enumerate(clients)
        ]
        # The first one's former card, too.
        cards.append(
            {
                **cards[0],
                "payment_details": "•••• 1881",
                "card_expiry": today - timedelta(days=60),
            }
        )
        self.env["payment.token"].create(cards)
        not_agreed = self.env["res.partner"].union(
            *map(self._noshow_demo_ref, NOT_AGREED)
        )
        # Before anything of last month.
        for days, client in enumerate(clients - not_agreed, start=70):
            client.card_authorized_on = today - timedelta(days=days)

    def _noshow_demo_book_series(self):
        """Book a weekly series a client, half of it behind us."""
        today = self._get_practice_today()
        monday = today - timedelta(days=today.weekday(), weeks=WEEKS // 2)
        clients, by_therapist = self._noshow_demo_clients(), CLIENTS // THERAPISTS
        series = []
        for number, therapist in enumerate(self._noshow_demo_therapists()):
            own = clients[number * by_therapist :][:by_therapist]
            for turn, client in enumerate([*own, *own[:TWICE_A_WEEK]]):
                rest, day = divmod(turn, 5)
                weekday = working_week(today)[day]
                # Distinct for the turns of one day, spread over the therapists.
                hour = HOURS[(3 * rest + 2 * number + day) % len(HOURS)]
                interval = 2 if client in own[-EVERY_OTHER_WEEK:] else 1
                start = self._get_practice_moment(
                    monday + timedelta(days=weekday), time(hour)
                )
                series.append(
                    {
                        "name": client.name,
                        "client_id": client.id,
                        "user_id": therapist.id,
                        "partner_ids": [Command.set(therapist.partner_id.ids)],
                        "start": start,
                        "stop": start + SESSION,
                        "recurrency": True,
                        "rrule_type": "weekly",
                        "interval": interval,
                        "end_type": "count",
                        "count": WEEKS // interval,
                        "event_tz": self.noshow_tz,
                        weekday_to_field(weekday): True,
                    }
                )
        appointments = self.env["calendar.event"].with_context(**QUIET)
        appointments.with_user(self._noshow_demo_user("frontdesk")).create(series)
        self._noshow_demo_appointments().attendee_ids.write({"state": "accepted"})

    def _noshow_demo_attend_sessions(self):
        """The clients came, and their therapists noted something; what each therapist
        had last is still to be marked."""
        past = self._noshow_demo_appointments(("stop", "<", fields.Datetime.now()))
        unmarked = past.browse()
        for sessions in past.grouped("user_id").values():
            unmarked |= sessions[-1]
        attended = past - unmarked
        attended.action_mark_attended()
        for therapist, sessions in attended.grouped("user_id").items():
            entries = self.env["noshow.chart.entry"].with_user(therapist)
            # One client's chart is long enough to look at.
            often = max(sessions.grouped("client_id").values(), key=len)
            for session, note in zip(often[-3:], CHART_NOTES, strict=False):
                entry = entries._create_for_appointments(session, note)
            entry._add_addendum(CHART_ADDENDUM)
