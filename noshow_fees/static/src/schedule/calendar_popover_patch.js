import {_t} from "@web/core/l10n/translation";
import {toLocaleDateString, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {patch} from "@web/core/utils/patch";
import {AttendeeCalendarCommonPopover} from "@calendar/views/attendee_calendar/common/attendee_calendar_common_popover";
import {AppointmentDetails} from "./appointment_details";

const {DateTime} = luxon;

patch(AttendeeCalendarCommonPopover, {
    components: {...AttendeeCalendarCommonPopover.components, AppointmentDetails},
});

patch(AttendeeCalendarCommonPopover.prototype, {
    /** @override */
    async onWillStart() {
        const {model, record} = this.props;
        const [details] = await Promise.all([
            this.isAppointment &&
                this.orm.call(model.resModel, "get_schedule_details", [[record.id]]),
            super.onWillStart(...arguments),
        ]);
        this.details = details;
    },

    /**
     * Day and time as every field writes them; stock has a form of its own here.
     *
     * @override
     */
    computeDateTimeAndDuration() {
        super.computeDateTimeAndDuration(...arguments);
        const {start, end, isAllDay} = this.props.record;
        if (!this.isAppointment) {
            return;
        }
        if (!start.hasSame(end, "day")) {
            // Stock leaves out the time of what goes on after midnight.
            const format = isAllDay ? toLocaleDateString : toLocaleDateTimeString;
            this.date = [start, end].map((moment) => format(moment)).join(" - ");
            return;
        }
        this.date = toLocaleDateString(start);
        if (!isAllDay) {
            this.time = [start, end]
                .map((moment) => moment.toLocaleString(DateTime.TIME_SIMPLE))
                .join(" - ");
        }
    },

    get isAppointment() {
        return this.props.record.isAppointment;
    },

    get isScheduled() {
        return this.isAppointment && !this.props.record.hasOutcome;
    },

    /** Nobody has attended what is on a later day, at the practice. */
    get mayAttend() {
        return this.isScheduled && this.details.has_come;
    },

    /** @override */
    get isEventEditable() {
        return super.isEventEditable && !this.props.record.hasOutcome;
    },

    /**
     * Who sees an appointment at all may open it (record rules decide that).
     *
     * @override
     */
    get isEventViewable() {
        return this.isAppointment || super.isEventViewable;
    },

    /** @override */
    get isEventDetailsVisible() {
        return this.isAppointment || super.isEventDetailsVisible;
    },

    /**
     * The provider's own trash can stays. For others, stock's would decline the
     * provider's attendance (attendee_calendar_controller.js, deleteRecord).
     *
     * @override
     */
    get isEventDeletable() {
        return (
            super.isEventDeletable &&
            (!this.isAppointment || this.isCurrentUserOrganizer)
        );
    },

    /** Of google_calendar, which asks for it without asking `isEventEditable`. */
    get isEventArchivable() {
        return super.isEventArchivable && !this.props.record.hasOutcome;
    },

    /**
     * Stock prepares the answers for editable events only (`onWillStart`).
     *
     * @override
     */
    get displayAttendeeAnswerChoice() {
        return super.displayAttendeeAnswerChoice && !this.props.record.hasOutcome;
    },

    /**
     * Call a method of the appointment as a button of a form would, open the dialog
     * that it may return, and show what came of it.
     *
     * The pop-over closes when a dialog is clicked: the service is that of the
     * environment, which outlives it (`useService` stops with the component).
     */
    async callAppointment(name) {
        const {model, record, close} = this.props;
        close();
        await this.env.services.action.doActionButton({
            type: "object",
            name,
            resModel: model.resModel,
            resId: record.id,
            context: {...model.meta.context},
            onClose: () => model.load(),
        });
    },

    onClickCancelAppointment() {
        return this.callAppointment("action_open_cancel");
    },

    onClickAttended() {
        return this.callAppointment("action_mark_attended");
    },

    onClickRestore() {
        if (this.details.fee_state === "none") {
            this.askToRestore();
        } else {
            this.callAppointment("action_restore"); // opens a dialog of its own
        }
    },

    askToRestore() {
        this.env.services.dialog.add(ConfirmationDialog, {
            title: _t("Restore this appointment?"),
            body: _t(
                "It is scheduled again, its slot is taken, and the reason is removed."
            ),
            confirmLabel: _t("Restore"),
            confirm: () => this.callAppointment("action_restore"),
            cancel() {
                // Without it the dialog has no second button.
            },
            cancelLabel: _t("Leave it"),
        });
    },

    /** Open the appointment's own Billing tab. */
    onClickBilling() {
        this.props.editRecord(this.props.record, {noshow_open_billing: true});
        this.props.close();
    },
});
