"""The notice: how much time is left, and which outcome that makes of a cancellation."""

from datetime import timedelta

from odoo import fields, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _get_notice(self, now):
        """The time left before the start. What a late move had left counts, if that was
        less: moving is not a way out.

        :param datetime now: UTC
        """
        self.ensure_one()
        left = self._get_start_utc() - now
        if self.late_move_notice:
            left = min(left, timedelta(hours=self.late_move_notice))
        return left

    def _get_outcome_by_notice(self, now=None):
        """The outcome that the practice's notice suggests for a cancellation now.

        Notice is elapsed hours, counted in UTC so that a clock change alters
        nothing; exactly at the boundary counts as late (article: late-cancels and
        no-shows).

        :param datetime now: UTC; the current time by default
        :return: `no_show` from the start on, `late_cancelled` inside the notice,
            `cancelled` before it
        """
        self.ensure_one()
        return self._get_outcomes_by_notice(now)[self]

    def _get_outcomes_by_notice(self, now=None, policies=None):
        """`_get_outcome_by_notice` of all of these: `{event: outcome}`."""
        now = now or fields.Datetime.now()
        policies = policies or self._get_policies()
        outcomes = {}
        for event in self:
            event_sudo, policy_sudo = event.sudo(), policies[event]
            start = event_sudo._get_start_utc()
            required = timedelta(hours=policy_sudo.notice_hours)
            if now >= start:
                outcomes[event] = "no_show"
            elif not policy_sudo or event_sudo._get_notice(now) > required:
                outcomes[event] = "cancelled"
            else:
                # Booked inside the notice: a short time to think better of it.
                booked_on = event_sudo._get_booked_on()
                grace = timedelta(minutes=policy_sudo.grace_minutes)
                in_time = (
                    grace and start - booked_on <= required and now - booked_on <= grace
                )
                outcomes[event] = "cancelled" if in_time else "late_cancelled"
        return outcomes
