"""Cancelling many appointments in steps, so that a progress bar can be shown."""

from odoo import fields, models

from ...tools.context import by_method


class CalendarEventCancel(models.TransientModel):
    _inherit = "calendar.event.cancel"

    cancelled_count = fields.Integer(
        readonly=True, help="How many of the appointments are done, in their order."
    )

    def action_cancel_some(self, limit):
        """Continue, for the next so many appointments of this page.

        Each step is a database transaction of its own, which `action_cancel` is for
        all: the number of the last invoice is locked until a commit, and others
        should not wait for two hundred. What is done stays done when a later one is
        refused; so all are checked before the first.

        :param int limit: how many to cancel in this step
        :return: how many are done by now; the page's `state` is done after the last.
            Of a page that is too old: an action that proposes anew, nothing is done
        :raise AccessError, UserError: what `action_cancel` raises
        """
        self.ensure_one()
        self._check_not_done()
        fees = self._get_fees()
        todo = self.event_ids.sorted("id")[self.cancelled_count :]
        if not self.cancelled_count:
            if self._is_outdated():
                return self._propose_anew()
            todo._check_may_schedule()
            todo._check_scheduled()
            todo._check_outcome(self.visit_state, self.cancel_initiator)
            todo._check_fees(fees, self.cancel_initiator, self._get_proposals())
        # The occurrences of a series may be among the later steps: at once, then.
        events = todo if self.cancel_future else todo[:limit]
        future = self._cancel(events, fees)
        by_method(self).cancelled_count += len(events)
        if events == todo:
            self._finish(self.cancelled_future_count + len(future))
        else:
            self.cancelled_future_count += len(future)
        return self.cancelled_count
