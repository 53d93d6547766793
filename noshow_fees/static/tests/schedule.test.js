import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {queryAllTexts} from "@odoo/hoot-dom";
import {animationFrame, mockDate} from "@odoo/hoot-mock";
import {
    contains,
    getService,
    makeMockServer,
    MockServer,
    mockService,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
    preloadBundle,
    serverState,
} from "@web/../tests/web_test_helpers";
import {
    changeScale,
    clickDate,
    clickEvent,
    displayCalendarPanel,
    findEvent,
    hideCalendarPanel,
    moveEventToDate,
} from "@web/../tests/views/calendar/calendar_test_helpers";
import {defineCalendarModels} from "@calendar/../tests/calendar_test_helpers";
import {MainComponentsContainer} from "@web/core/main_components_container";
import {user} from "@web/core/user";
import {showNotice} from "@noshow_fees/schedule/notice";
import {CANCELLED_STATES, SHOW_CANCELLATIONS} from "@noshow_fees/schedule/visit_states";

describe.current.tags("calendar");

defineCalendarModels();
preloadBundle("web.fullcalendar_lib");

const VISIT_STATE = `<field name="visit_state" invisible="1"/>`;
const SHOWN = [
    "|",
    ["active", "=", true],
    "&",
    ["visit_state", "in", CANCELLED_STATES],
    ["rebooked_event_id", "=", false],
];

let events;
let settings;

function arch({fields = VISIT_STATE, mode = "month"} = {}) {
    return /* xml*/ `
        <calendar js_class="attendee_calendar" event_open_popup="1" event_limit="3"
            date_start="start" date_stop="stop" all_day="allday" mode="${mode}">
            <field name="user_can_edit" invisible="1"/>
            <field name="privacy" invisible="1"/>
            <field name="recurrency" invisible="1"/>
            ${fields}
            <field name="partner_id" string="Organizer"/>
            <field name="partner_ids" filters="1" write_model="calendar.filters"
                write_field="partner_id" filter_field="partner_checked"/>
        </calendar>`;
}

function mountSchedule(options = {}, props = {}) {
    return mountView({
        type: "calendar",
        resModel: "calendar.event",
        arch: arch(options),
        ...props,
    });
}

/** Click the box in the side panel, which a phone keeps behind a button. */
async function toggleCancellations() {
    await displayCalendarPanel();
    await contains(".o_noshow_cancellation_toggle input").click();
    await animationFrame();
    await hideCalendarPanel();
}

beforeEach(async () => {
    mockDate("2026-03-11 08:00:00", 1);
    // The settings of the session outlive a test.
    settings = {id: 1};
    patchWithCleanup(user, {
        get settings() {
            return settings;
        },
        setUserSettings(key, value) {
            expect.step(`${key}: ${value}`);
            settings = {...settings, [key]: value};
        },
    });
    onRpc("res.users", "has_group", () => false);
    onRpc("res.users", "check_synchronization_status", () => ({}));
    onRpc("res.partner", "get_attendee_detail", () => []);
    onRpc("calendar.event", "get_state_selections", () => []);
    onRpc("/calendar/check_credentials", () => ({}));
    const {env} = await makeMockServer();
    const event = (name, hour, values) => ({
        name,
        start: `2026-03-12 ${hour}:00:00`,
        stop: `2026-03-12 ${hour}:50:00`,
        partner_id: serverState.partnerId,
        partner_ids: [serverState.partnerId],
        user_can_edit: true,
        ...values,
    });
    const [live, missed, late, timely, archived, replaced] = env[
        "calendar.event"
    ].create([
        event("Live", "15", {visit_state: "scheduled"}),
        event("Missed", "09", {visit_state: "no_show", active: false}),
        event("Late", "10", {visit_state: "late_cancelled", active: false}),
        event("Timely", "11", {visit_state: "cancelled", active: false}),
        event("Archived meeting", "12", {active: false}),
        // An occurrence that an edit of its series has replaced: archived by Odoo.
        event("Replaced", "13", {visit_state: "scheduled", active: false}),
    ]);
    events = {live, missed, late, timely, archived, replaced};
});

test("off by default: the database is asked for no more than stock asks", async () => {
    onRpc("calendar.event", "search_read", ({kwargs}) => {
        expect.step(kwargs.domain.map((leaf) => leaf[0]).join());
        expect(kwargs.context.active_test).toBe(undefined);
    });
    await mountSchedule();
    expect.verifySteps(["start,stop,partner_ids"]);
    expect(queryAllTexts(".o_event_title")).toEqual(["Live"]);
});

test("on: cancelled appointments in red, struck through, each with its icon", async () => {
    await mountSchedule(
        {mode: "day"},
        {context: {initial_date: "2026-03-12 08:00:00"}}
    );
    await toggleCancellations();
    expect.verifySteps([`${SHOW_CANCELLATIONS}: true`]);
    expect(".o_event").toHaveCount(4);
    for (const [name, icon] of [
        ["missed", "fa-user-times"],
        ["late", "fa-clock-o"],
        ["timely", "fa-calendar-times-o"],
    ]) {
        const event = findEvent(events[name]);
        expect(event).toHaveClass(["o_noshow_cancelled", "o_event_striked"]);
        expect(event.className).not.toMatch(/o_calendar_color_|o_attendee_status_/);
        expect(event.querySelector("i.o_noshow_visit_icon")).toHaveClass(icon);
        // As it is painted, not only as it is named.
        const style = window.getComputedStyle(event);
        const [red, green, blue] = style.borderLeftColor.match(/\d+/g).map(Number);
        expect(red).toBeGreaterThan(1.5 * Math.max(green, blue));
    }
    expect(findEvent(events.missed).querySelector("i")).toHaveAttribute(
        "aria-label",
        "No-show"
    );
    expect(findEvent(events.live)).not.toHaveClass("o_noshow_cancelled");
    expect(findEvent(events.archived)).toBe(null);
    expect(findEvent(events.replaced)).toBe(null);

    await toggleCancellations();
    expect.verifySteps([`${SHOW_CANCELLATIONS}: false`]);
    expect(queryAllTexts(".o_event_title")).toHaveLength(1);
});

test.tags("desktop");
test("a time looks in the schedule as it does everywhere", async () => {
    await mountSchedule(
        {mode: "day"},
        {context: {initial_date: "2026-03-12 08:00:00"}}
    );
    // 15:00 in UTC; not “04:00 PM”.
    expect(findEvent(events.live)).toHaveText(/\b4:00 PM - 4:50 PM/);
});

test("works together with the search and the attendees' filters", async () => {
    settings[SHOW_CANCELLATIONS] = true;
    onRpc("calendar.event", "search_read", ({kwargs}) => {
        expect.step(kwargs.domain);
    });
    await mountSchedule({}, {domain: [["name", "ilike", "e"]]});
    expect.verifySteps([
        [
            "&",
            "&",
            "&",
            "&",
            ["name", "ilike", "e"],
            ["start", "<=", "2026-04-11 22:59:59"],
            ["stop", ">=", "2026-02-28 23:00:00"],
            ["partner_ids", "in", [serverState.partnerId]],
            ...SHOWN,
        ],
    ]);
});

test("a search for archived events is left alone", async () => {
    settings[SHOW_CANCELLATIONS] = true;
    onRpc("calendar.event", "search_read", ({kwargs}) => {
        expect.step(kwargs.domain.filter((leaf) => leaf[0] === "active"));
    });
    await mountSchedule({}, {domain: [["active", "=", false]]});
    expect.verifySteps([[["active", "=", false]]]);
    expect(".o_event").toHaveCount(5);
});

test("the box falls back when the server refuses", async () => {
    expect.errors(1);
    patchWithCleanup(user, {
        setUserSettings() {
            throw new Error("not today");
        },
    });
    await mountSchedule();
    await displayCalendarPanel();
    await contains(".o_noshow_cancellation_toggle input").click();
    await animationFrame();
    expect(".o_noshow_cancellation_toggle input").not.toBeChecked();
    expect(".o_noshow_cancelled_chip").toHaveCount(0);
    expect.verifyErrors(["not today"]);
});

test("nobody without a role sees the box", async () => {
    settings[SHOW_CANCELLATIONS] = true;
    // Their view has no `visit_state`, and their fields neither (`groups=`).
    onRpc("get_views", ({parent}) => {
        const result = parent();
        delete result.models["calendar.event"].fields.visit_state;
        return result;
    });
    await mountSchedule({fields: ""});
    await displayCalendarPanel();
    expect(".o_noshow_cancellation_toggle").toHaveCount(0);
    await hideCalendarPanel();
    expect(queryAllTexts(".o_event_title")).toEqual(["Live"]);
});

test.tags("desktop");
test("live appointments are not hidden behind cancelled ones", async () => {
    settings[SHOW_CANCELLATIONS] = true;
    await mountSchedule();
    const shown = [...document.querySelectorAll(".o_event")]
        .filter(
            (event) => !event.closest(".fc-daygrid-event-harness")?.style.visibility
        )
        .map((event) => Number(event.dataset.eventId));
    expect(shown[0]).toBe(events.live);
    expect(".fc-more-link").toHaveCount(1);
    // The link says that cancelled ones are among the hidden.
    const mark = window.getComputedStyle(
        document.querySelector(".fc-more-link"),
        "::before"
    );
    expect(mark.fontFamily).toBe("FontAwesome");
});

test.tags("desktop");
test("neither cancelled nor attended appointments can be dragged", async () => {
    settings[SHOW_CANCELLATIONS] = true;
    onRpc("calendar.event", "action_move", ({args}) => {
        expect.step(`move ${args[0]}`);
        return {ask: true, message: "Moved", type: "success", undo_id: 77};
    });
    onRpc("calendar.event.undo", "set_moved_for", ({args}) => {
        expect.step(`${args[0]} for the ${args[1]}`);
        return true;
    });
    onRpc("calendar.event.undo", "action_undo", ({args}) => {
        expect.step(`undo ${args[0]}`);
        return "Undone.";
    });
    await mountSchedule();
    await moveEventToDate(events.missed, "2026-03-20");
    expect.verifySteps([]);
    expect(findEvent(events.missed)).not.toHaveClass("fc-event-draggable");
    expect(findEvent(events.missed)).not.toHaveClass("fc-event-resizable");
    await moveEventToDate(events.live, "2026-03-20");
    expect.verifySteps([`move ${events.live}`]);
    // Inside the notice: on whose behalf?
    await contains(".modal .btn-primary:contains('The client')").click();
    expect.verifySteps(["77 for the client"]);
    await contains(".o_notification button:contains(Undo)").click();
    await animationFrame();
    expect.verifySteps(["undo 77"]);
});

test("an Undo after the schedule was left shows it on the screen that is there", async () => {
    const controllers = {now: "schedule"};
    mockService("action", {
        get currentController() {
            return {jsId: controllers.now};
        },
        doAction: ({tag}) => expect.step(tag),
    });
    onRpc("calendar.event.undo", "action_undo", () => "Undone.");
    await mountWithCleanup(MainComponentsContainer);
    const env = {
        services: Object.fromEntries(
            ["action", "notification", "orm"].map((name) => [name, getService(name)])
        ),
    };
    const reload = () => expect.step("schedule");
    const notice = {message: "Moved", undo_id: 77};
    for (const screen of ["schedule", "today"]) {
        controllers.now = "schedule";
        showNotice(env, notice, reload);
        await animationFrame();
        controllers.now = screen;
        await contains(".o_notification button:contains(Undo)").click();
        await animationFrame();
    }
    expect.verifySteps(["schedule", "soft_reload"]);
});

const DETAILS = {
    client_id: [7, "Ella Fischer"],
    user_id: [2, "Tessa Lane"],
    currency_id: [1, "USD"],
    fee_state: "none",
    fee_amount: 0,
    fee_code: false,
    has_come: false,
    may_restore: false,
};

/** Tell which button was pressed, and close at once the dialog that it would open. */
function mockButtons() {
    mockService("action", {
        doActionButton({name, resId, onClose}) {
            expect.step(`${name} ${resId}`);
            onClose();
        },
    });
}

test("the pop-over of a cancelled appointment", async () => {
    settings[SHOW_CANCELLATIONS] = true;
    onRpc("calendar.event", "get_schedule_details", ({args}) => {
        expect.step(`details ${args[0]}`);
        return {
            ...DETAILS,
            visit_state: "no_show",
            cancel_reason: "Forgot\nSecond line",
            cancelled_by_id: [5, "Fran Desk"],
            cancelled_on: "2026-03-12 10:30:00",
            fee_state: "open",
            fee_amount: 75,
            fee_code: "NOSHOW",
            may_restore: true,
        };
    });
    mockButtons();
    await mountSchedule(
        {mode: "day"},
        {context: {initial_date: "2026-03-12 08:00:00"}}
    );
    await clickEvent(events.missed);
    expect.verifySteps([`details ${events.missed}`]);
    expect(".o_noshow_details [data-name=client_id]").toHaveText("Ella Fischer");
    expect(".o_noshow_details [data-name=visit_state]").toHaveText("No-show");
    expect(".o_noshow_details [data-name=cancel_reason]").toHaveText(
        "Forgot\nSecond line"
    );
    // 10:30 in UTC; the tests' user lives an hour east of it.
    expect(".o_noshow_details [data-name=cancelled_by_id]").toHaveText(
        "Cancelled by Fran Desk\nMar 12, 11:30 AM"
    );
    expect(".o_noshow_details [data-name=fee]").toHaveText(/NOSHOW\s\$\s75.00\s+Open/);
    expect(".o_cw_popover_edit").toHaveText("Open");
    expect(".o_noshow_billing").toHaveCount(1);
    expect(".o_noshow_cancel, .o_noshow_attended, .o_cw_popover_delete").toHaveCount(0);
    await contains(".o_noshow_restore").click();
    await animationFrame();
    expect.verifySteps([`action_restore ${events.missed}`]);
    expect(".o_noshow_details").toHaveCount(0);
});

test("the pop-over of a cancelled appointment with several attendees", async () => {
    settings[SHOW_CANCELLATIONS] = true;
    const {env} = MockServer.current;
    const guest = env["res.partner"].create({name: "Guest"});
    env["calendar.event"].write([events.missed], {
        partner_ids: [serverState.partnerId, guest],
        stop: "2026-03-12 23:30:00", // after midnight, an hour east of UTC
    });
    onRpc("res.partner", "get_attendee_detail", () => [
        {id: serverState.partnerId, event_id: events.missed, status: "accepted"},
    ]);
    onRpc("calendar.event", "get_schedule_details", () => ({
        ...DETAILS,
        visit_state: "no_show",
        cancelled_by_id: [5, "Fran Desk"],
        cancelled_on: "2026-03-12 10:30:00",
        may_restore: true,
    }));
    mockButtons();
    await mountSchedule(
        {mode: "day"},
        {context: {initial_date: "2026-03-12 08:00:00"}}
    );
    await clickEvent(events.missed);
    expect(queryAllTexts(".list-group-item:has(.fa-calendar)").join()).toInclude(
        "Mar 12, 10:00 AM - Mar 13, 12:30 AM"
    );
    expect(".o_noshow_details [data-name=cancel_reason]").toHaveText("No reason given");
    expect(".o_noshow_details [data-name=fee]").toHaveText("No fee");
    // Without a fee, no dialog of the server's: asked here, as the reason is lost.
    await contains(".o_noshow_restore").click();
    expect.verifySteps([]);
    await contains(".modal:contains('It is scheduled again') .btn-primary").click();
    expect.verifySteps([`action_restore ${events.missed}`]);
});

test("the pop-over of a scheduled appointment", async () => {
    onRpc("calendar.event", "get_schedule_details", () => ({
        ...DETAILS,
        visit_state: "scheduled",
        proposed_outcome: "late_cancelled",
        fee_amount: 50,
        fee_code: "LATECX",
    }));
    onRpc("calendar.event", "search_read", () => {
        expect.step("load");
    });
    mockButtons();
    await mountSchedule(
        {mode: "day"},
        {context: {initial_date: "2026-03-12 08:00:00"}}
    );
    expect.verifySteps(["load"]);
    await clickEvent(events.live);
    // A day and a time as everywhere, 15:00 in UTC.
    expect(".list-group-item:has(.fa-calendar)").toHaveText("Mar 12");
    expect(".list-group-item:has(.fa-clock-o):first").toHaveText(
        "4:00 PM - 4:50 PM (50 minutes)"
    );
    expect(".o_noshow_details [data-name=fee]").toHaveText(
        /If cancelled now: Late cancellation, LATECX\s+\$\s50.00/
    );
    expect(".o_cw_popover_edit").toHaveText("Edit");
    expect(".o_cw_popover_delete").toHaveCount(1);
    expect(".o_noshow_billing, .o_noshow_restore").toHaveCount(0);
    await contains(".o_noshow_cancel").click();
    await animationFrame();
    expect.verifySteps([`action_open_cancel ${events.live}`, "load"]);
});

test("who has come by the practice's day has attended, whatever the browser's", async () => {
    let come = true;
    onRpc("calendar.event", "get_schedule_details", () => ({
        ...DETAILS,
        visit_state: "scheduled",
        has_come: come,
    }));
    mockButtons();
    await mountSchedule(
        {mode: "day"},
        {context: {initial_date: "2026-03-12 08:00:00"}}
    );
    // Tomorrow where this browser is, and today at the practice.
    await clickEvent(events.live);
    await contains(".o_noshow_attended").click();
    expect.verifySteps([`action_mark_attended ${events.live}`]);
    // And the other way round.
    come = false;
    mockDate("2026-03-13 08:00:00", 1);
    await clickEvent(events.live);
    expect(".o_noshow_cancel").toHaveCount(1);
    expect(".o_noshow_attended").toHaveCount(0);
});

test("a plain meeting's pop-over is stock's", async () => {
    const {env} = MockServer.current;
    env["calendar.event"].write([events.live], {visit_state: false});
    await mountSchedule(
        {mode: "day"},
        {context: {initial_date: "2026-03-12 08:00:00"}}
    );
    await clickEvent(events.live);
    expect(".o_cw_popover_edit").toHaveText("Edit");
    expect(".o_noshow_details, .o_noshow_cancel").toHaveCount(0);
});

test.tags("desktop");
test("the year: red stripes, and red lines in the day's pop-over", async () => {
    settings[SHOW_CANCELLATIONS] = true;
    await mountSchedule();
    await changeScale("year");
    expect(".fc-bg-event.o_noshow_cancelled").toHaveCount(3);
    await clickDate("2026-03-12");
    expect(".o_cw_popover_link").toHaveCount(4);
    expect(".o_cw_popover_link.o_noshow_cancelled").toHaveCount(3);
    expect(".o_cw_popover_link.o_noshow_cancelled i[title='No-show']").toHaveCount(1);
});

test.tags("mobile");
test("on a phone the bar above the calendar says that cancellations are shown", async () => {
    await mountSchedule();
    expect(".o_other_calendar_panel").not.toHaveText(/Cancellations/);
    await toggleCancellations();
    expect.verifySteps([`${SHOW_CANCELLATIONS}: true`]);
    expect(".o_other_calendar_panel .o_filter span:first").toHaveText("Cancellations");
});

test.tags("desktop");
test("in the practice's schedule a click on a day books", async () => {
    mockService("action", {
        doAction(action, {additionalContext}) {
            expect.step([action, additionalContext]);
        },
    });
    await mountSchedule({}, {context: {noshow_schedule: true}});
    await clickDate("2026-03-20");
    expect.verifySteps([
        ["noshow_fees.calendar_event_book_action", {noshow_day: "2026-03-20"}],
    ]);
});
