import {patch} from "@web/core/utils/patch";
import {AttendeeCalendarCommonRenderer} from "@calendar/views/attendee_calendar/common/attendee_calendar_common_renderer";
import {AttendeeCalendarYearPopover} from "@calendar/views/attendee_calendar/year/attendee_calendar_year_popover";
import {AttendeeCalendarYearRenderer} from "@calendar/views/attendee_calendar/year/attendee_calendar_year_renderer";

// What FullCalendar sorts by when it is not told (its option `eventOrder`).
const DEFAULT_ORDER = "start,-duration,allDay,title";
const CANCELLED_CLASS = "o_noshow_cancelled";
// Stock's classes that paint an event; they would mix with the red.
const COLOR_CLASS = /^o_(calendar_color_|attendee_status_|event_hatched$)/;

const paintCancelled = () => ({
    /** @override */
    eventClassNames({event}) {
        const classNames = super.eventClassNames(...arguments);
        if (!this.props.model.records[event.id]?.isCancelled) {
            return classNames;
        }
        return [
            ...classNames.filter((name) => !COLOR_CLASS.test(name)),
            CANCELLED_CLASS,
        ];
    },
});

patch(AttendeeCalendarYearRenderer.prototype, paintCancelled());
patch(AttendeeCalendarCommonRenderer.prototype, paintCancelled());
patch(AttendeeCalendarCommonRenderer.prototype, {
    /** @override */
    setup() {
        super.setup();
        if (this.props.model.hasCancellations) {
            // “1:00 PM” as everywhere else, and not “01:00 PM”.
            this.timeFormat = "t";
        }
    },

    /**
     * Live appointments first: otherwise cancelled ones hide them behind “+N more”.
     *
     * @override
     */
    get options() {
        const options = super.options;
        let order = options.eventOrder || DEFAULT_ORDER;
        order = typeof order === "string" ? order.split(",") : [order].flat();
        return {...options, eventOrder: ["isCancelled", ...order]};
    },

    /** @override */
    convertRecordToEvent(record) {
        const event = super.convertRecordToEvent(...arguments);
        return {
            ...event,
            editable: event.editable && !record.hasOutcome,
            // 0 or 1 on every event: FullCalendar sorts events without a value last.
            isCancelled: Number(record.isCancelled),
        };
    },

    /** @override */
    openPopover(target, record) {
        if (record.isCancelled) {
            const props = this.getPopoverProps(record);
            this.popover.open(target, props, `o_cw_popover card ${CANCELLED_CLASS}`);
        } else {
            super.openPopover(...arguments);
        }
    },
});

patch(AttendeeCalendarYearPopover.prototype, {
    /** @override */
    getRecordClass(record) {
        return record.isCancelled
            ? CANCELLED_CLASS
            : super.getRecordClass(...arguments);
    },
});
