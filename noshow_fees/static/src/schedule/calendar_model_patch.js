import {Domain} from "@web/core/domain";
import {user} from "@web/core/user";
import {patch} from "@web/core/utils/patch";
import {AttendeeCalendarModel} from "@calendar/views/attendee_calendar/attendee_calendar_model";
import {CANCELLED_STATES, SHOW_CANCELLATIONS, VISIT_STATE_ICONS} from "./visit_states";

patch(AttendeeCalendarModel.prototype, {
    /** Labels of the outcomes; empty for who has no role in the practice. */
    get visitStates() {
        return Object.fromEntries(this.fields.visit_state?.selection || []);
    },

    get hasCancellations() {
        return "visit_state" in this.fields && this.resModel === "calendar.event";
    },

    get showCancellations() {
        return this.hasCancellations && Boolean(user.settings[SHOW_CANCELLATIONS]);
    },

    async setShowCancellations(show) {
        try {
            await user.setUserSettings(SHOW_CANCELLATIONS, show);
        } finally {
            // Also when the server refused: the box falls back to what is kept there.
            await this.load();
        }
    },

    /**
     * Cancelled appointments are archived. They are asked for by the domain and not by
     * `active_test` in the context, which goes along with every write of the view.
     *
     * @override
     */
    computeDomain() {
        const domain = super.computeDomain(...arguments);
        if (!this.showCancellations || mentionsActive(domain)) {
            return domain;
        }
        const shown = [
            "|",
            ["active", "=", true],
            // What was booked again to charge it shows once: as what it became.
            "&",
            ["visit_state", "in", CANCELLED_STATES],
            ["rebooked_event_id", "=", false],
        ];
        return Domain.and([domain, shown]).toList();
    },

    /** @override */
    normalizeRecord(rawRecord) {
        const record = super.normalizeRecord(...arguments);
        const state = rawRecord.visit_state;
        const isCancelled = CANCELLED_STATES.includes(state);
        Object.assign(record, {
            isAppointment: Boolean(state),
            hasOutcome: Boolean(state) && state !== "scheduled",
            isCancelled,
            isStriked: record.isStriked || isCancelled,
            visitIcon: VISIT_STATE_ICONS[state],
            visitLabel: this.visitStates[state],
        });
        return record;
    },
});

/** Whether a search of the user's own asks for archived events (the “Archived” filter). */
function mentionsActive(domain) {
    return domain.some((leaf) => Array.isArray(leaf) && leaf[0] === "active");
}
