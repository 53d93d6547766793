import {serializeDateTime} from "@web/core/l10n/dates";
import {patch} from "@web/core/utils/patch";
import {AttendeeCalendarController} from "@calendar/views/attendee_calendar/attendee_calendar_controller";

const BOOK = "noshow_fees.calendar_event_book_action";
const APPOINTMENT = "noshow_fees.calendar_event_action_appointment";

/** In the practice's schedule, a click on a slot books an appointment. */
patch(AttendeeCalendarController.prototype, {
    get isSchedule() {
        return Boolean(
            this.props.context.noshow_schedule && this.model.hasCancellations
        );
    },

    /** @override */
    createRecord(record) {
        if (!this.isSchedule || !this.model.canCreate) {
            return super.createRecord(...arguments);
        }
        const {start, end, isAllDay} = record;
        // A click gives a start only; whoever drags says how long.
        const minutes = !isAllDay && end?.isValid && end.diff(start, "minutes").minutes;
        return this.book({
            ...(isAllDay
                ? {noshow_day: start.toISODate()}
                : {default_start: serializeDateTime(start)}),
            ...(minutes ? {noshow_minutes: minutes} : {}),
        });
    },

    /** @override */
    onClickAddButton() {
        return this.isSchedule ? this.book() : super.onClickAddButton(...arguments);
    },

    book(additionalContext = {}) {
        return this.actionService.doAction(BOOK, {
            additionalContext,
            onClose: () => this.model.load(),
        });
    },

    /**
     * An appointment opens in a form of its own.
     *
     * @override
     */
    goToFullEvent(resId, additionalContext) {
        const isAppointment = Object.values(this.model.records).some(
            (record) => record.id === resId && record.isAppointment
        );
        if (!isAppointment) {
            return super.goToFullEvent(...arguments);
        }
        return this.actionService.doAction(APPOINTMENT, {
            additionalContext,
            props: {resId},
        });
    },
});
