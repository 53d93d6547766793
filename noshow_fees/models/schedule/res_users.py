"""Whose calendars the front desk sees in its schedule; where a day begins."""

from itertools import product

from odoo import api, fields, models

from ...const import BILLER, PRACTICE, STAFF, THERAPIST

#: Where a day may begin: the action `calendar_event_action_*`.
FIRST_SCREENS = ("schedule", "today", "dashboard")
#: Everybody's own, in their preferences.
SELF_FIELDS = ("noshow_first_screen", "noshow_session_minutes")


class ResUsers(models.Model):
    _inherit = "res.users"

    # Odoo's `action_id`, of which only administrators may read the choices.
    noshow_first_screen = fields.Selection(
        [("schedule", "Schedule"), ("today", "Today"), ("dashboard", "Dashboard")],
        string="The Day Begins With",
        compute="_compute_noshow_first_screen",
        inverse="_inverse_noshow_first_screen",
        groups=PRACTICE,
        help="The first screen after the login. Empty: Odoo's, or another one.",
    )
    noshow_session_minutes = fields.Integer(
        string="Usual Length of an Appointment",
        groups=PRACTICE,
        help="Minutes; proposed for a client who has had none yet. 0: 50 minutes.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, *SELF_FIELDS]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, *SELF_FIELDS]

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._add_providers_to_schedules()
        users._choose_first_screen()
        return users

    def write(self, vals):
        if "group_ids" not in vals:
            return super().write(vals)
        before = {group: self._filter_role(group) for group in (STAFF, THERAPIST)}
        outside = self - self._filter_role(PRACTICE)
        result = super().write(vals)
        outside._choose_first_screen()
        changed = self.browse()
        for group, users in before.items():
            changed |= self._filter_role(group) - users
        changed._add_providers_to_schedules()
        return result

    def _choose_first_screen(self):
        """Let a day begin with the schedule, or for who bills with the dashboard; in
        Odoo it is Discuss. Done when somebody joins the practice, so that what they
        choose in their preferences is not overruled."""
        for user in self._filter_role(PRACTICE).filtered(lambda one: not one.action_id):
            screen = "dashboard" if user.has_group(BILLER) else "schedule"
            # In sudo: a preference of theirs, which the addon proposes.
            user.sudo().action_id = self._get_first_screens().get(screen)

    @api.model
    def _get_first_screens(self):
        """:return: `{first screen: id of its action}`, of those that there are yet"""
        found = {
            screen: self.env.ref(
                f"noshow_fees.calendar_event_action_{screen}", raise_if_not_found=False
            )
            for screen in FIRST_SCREENS
        }
        return {screen: action.id for screen, action in found.items() if action}

    @api.depends("action_id")
    def _compute_noshow_first_screen(self):
        screens = {
            action: screen for screen, action in self._get_first_screens().items()
        }
        for user in self:
            user.noshow_first_screen = screens.get(user.action_id.id)

    def _inverse_noshow_first_screen(self):
        screens = self._get_first_screens()
        for user in self:
            user.action_id = screens.get(user.noshow_first_screen)

    def _filter_role(self, group):
        return self.filtered(lambda user: user.has_group(group))

    def _add_providers_to_schedules(self):
        """Tick the providers of the practice in the schedules of its front desk.

        Odoo's calendar shows one's own meetings until one adds other people by hand: a
        receptionist's first day would begin with an empty schedule. Done when somebody
        gets a role, so that who takes a provider out again is not overruled.
        """
        # At installation the roles come one after the other.
        groups = [
            self.env.ref(group, raise_if_not_found=False)
            for group in (STAFF, THERAPIST)
        ]
        if not self or not all(groups):
            return
        practice = [group.sudo().all_user_ids for group in groups]
        wanted = {
            (user, provider.partner_id)
            for user, provider in product(*practice)
            if (user in self or provider in self)
            and user != provider
            and user.company_ids & provider.company_ids
        }
        if not wanted:
            return
        # In sudo: the calendars that somebody else sees, as said above.
        filters_sudo = self.env["calendar.filters"].sudo()
        existing = filters_sudo.with_context(active_test=False).search(
            [("user_id", "in", [user.id for user, _partner in wanted])]
        )
        wanted -= {(filter_.user_id, filter_.partner_id) for filter_ in existing}
        filters_sudo.create(
            [
                {"user_id": user.id, "partner_id": partner.id}
                for user, partner in sorted(wanted, key=lambda pair: pair[1].id)
            ]
        )
