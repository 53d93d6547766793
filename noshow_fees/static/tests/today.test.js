import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {press, queryFirst} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {
    makeMockServer,
    mockService,
    mountView,
    MockServer,
} from "@web/../tests/web_test_helpers";
import {defineCalendarModels} from "@calendar/../tests/calendar_test_helpers";

// A phone shows cards instead, and has no keyboard to speak of.
describe.current.tags("desktop");

defineCalendarModels();

const ARCH = /* xml */ `
    <list js_class="noshow_appointment_list">
        <field name="name"/>
        <field name="start" widget="noshow_time"/>
        <field name="visit_state" column_invisible="1"/>
        <button name="action_mark_attended" type="object" string="Attended"
            invisible="visit_state != 'scheduled'"/>
    </list>`;

function mountToday(options = {}) {
    return mountView({
        type: "list",
        resModel: "calendar.event",
        arch: ARCH,
        selectRecord(id) {
            expect.step(`open ${id}`);
        },
        ...options,
    });
}

const buttonOf = (name) => queryFirst(`.o_data_row:contains(${name}) button`);
const focusedRow = () =>
    document.activeElement.closest("tr")?.innerText.trim().split(/\s/)[0];

beforeEach(async () => {
    await makeMockServer();
    const appointment = (name, hour) => ({
        name,
        start: `2026-03-12 ${hour}:00:00`,
        stop: `2026-03-12 ${hour}:50:00`,
        visit_state: "scheduled",
    });
    MockServer.env["calendar.event"].create([
        appointment("First", "09"),
        appointment("Second", "10"),
        appointment("Third", "11"),
    ]);
    mockService("action", {
        doActionButton({name, resId, onClose}) {
            expect.step(`${name} ${resId}`);
            MockServer.env["calendar.event"].write([resId], {visit_state: "attended"});
            return onClose();
        },
    });
});

test("Enter presses the button of a row, and the focus stays in the row", async () => {
    await mountToday();
    buttonOf("Second").focus();
    await press("Enter");
    await animationFrame();
    expect.verifySteps(["action_mark_attended 2"]);
    expect(buttonOf("Second")).toBe(null);
    expect(focusedRow()).toBe("Second");
});

test("a row that leaves the list passes the focus on", async () => {
    await mountToday({domain: [["visit_state", "=", "scheduled"]]});
    buttonOf("Second").focus();
    await press("Enter");
    await animationFrame();
    expect.verifySteps(["action_mark_attended 2"]);
    expect(focusedRow()).toBe("Third");
});

test("beside the buttons, Enter opens the appointment as ever", async () => {
    await mountToday();
    queryFirst(".o_data_row:contains(Third) .o_data_cell").focus();
    await press("Enter");
    expect.verifySteps(["open 3"]);
});

test("a second click on a button that is at work is none on its row", async () => {
    await mountToday();
    const button = buttonOf("First");
    button.disabled = true; // as while its action runs
    expect(window.getComputedStyle(button).pointerEvents).toBe("auto");
});
