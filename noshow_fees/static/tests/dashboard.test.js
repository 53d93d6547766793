import {expect, test} from "@odoo/hoot";
import {queryAllTexts} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {
    contains,
    mockService,
    mountView,
    onRpc,
    MockServer,
    makeMockServer,
} from "@web/../tests/web_test_helpers";
import {defineCalendarModels} from "@calendar/../tests/calendar_test_helpers";

defineCalendarModels();

const NO_FIGURES = {charged: 0, collected: 0, open: 0, waived: 0};
const WEEKS = Array.from({length: 12}, (_, number) => ({
    ...NO_FIGURES,
    start: luxon.DateTime.fromISO("2026-01-04").plus({weeks: number}).toISODate(),
}));
const NOTHING = {declined: 0, unanswered: 0, outcome: 0};

const ARCH = /* xml */ `
    <kanban js_class="noshow_dashboard">
        <templates>
            <t t-name="card">
                <field name="name"/>
                <field name="start" widget="noshow_time"/>
                <field name="visit_state" widget="noshow_visit_state"/>
                <button name="action_mark_attended" type="object">Attended</button>
            </t>
        </templates>
    </kanban>`;

function mountDashboard({figures = null, attention = {}}) {
    onRpc("calendar.event", "retrieve_practice_dashboard", () => {
        expect.step("dashboard");
        return {attention: {...NOTHING, ...attention}, figures};
    });
    return mountView({type: "kanban", resModel: "calendar.event", arch: ARCH});
}

test("empty states say what to do", async () => {
    await mountDashboard({
        figures: {own: false, currency_id: 1, month: NO_FIGURES, weeks: WEEKS},
    });
    expect.verifySteps(["dashboard"]);
    expect("[data-name=weeks]").toHaveText(/when an appointment is cancelled with one/);
    expect(".o_noshow_chart").toHaveCount(0);
    expect("[data-name=attention]").toHaveText(/Nothing right now/);
    expect("[data-name=attention] button").toHaveCount(0);
});

test("who may not know the practice's money sees none", async () => {
    await mountDashboard({attention: {declined: 2}});
    expect("[data-name=month], [data-name=weeks]").toHaveCount(0);
    expect(queryAllTexts("[data-name=attention] button")).toEqual([
        "2\nDeclined cards",
    ]);
    expect.verifySteps(["dashboard"]);
});

test("figures, bars and their text", async () => {
    const month = {charged: 200, collected: 75, open: 100, waived: 25};
    const weeks = [...WEEKS.slice(0, 11), {...WEEKS[11], ...month}];
    await mountDashboard({figures: {own: true, currency_id: 1, month, weeks}});
    expect("[data-name=month] h2").toHaveText("Fees this month (yours)");
    expect(queryAllTexts(".o_noshow_figure dd")).toEqual([
        "$ 200.00",
        "$ 75.00",
        "$ 100.00",
        "$ 25.00",
    ]);
    expect("[data-name=collected]").toHaveAttribute(
        "data-tooltip",
        /^For fees billed this month: money, and credit that was used/
    );
    expect(".o_noshow_week").toHaveCount(12);
    expect(".o_noshow_week .o_noshow_bar").toHaveCount(3);
    const [bar] = document.querySelectorAll(".o_noshow_week .o_noshow_open");
    expect(bar.style.height).toBe("50%");
    expect(".o_noshow_week:last").toHaveAttribute(
        "data-tooltip",
        /^Week of Mar 22\nBilled: \$\s200.00\nReceived: \$\s75.00\n/
    );
    // For who cannot see the bars.
    expect("table tr:last td:last").toHaveText(/Waived or written off: \$\s25.00/);
    expect.verifySteps(["dashboard"]);
});

test("what needs attention opens", async () => {
    onRpc("calendar.event", "action_open_attention", ({args}) => ({
        type: "ir.actions.act_window",
        name: args[0],
    }));
    mockService("action", {
        doAction(action) {
            expect.step(action.name);
        },
    });
    await mountDashboard({attention: {outcome: 3, unanswered: 1}});
    expect(queryAllTexts("[data-name=attention] b")).toEqual(["1", "3"]);
    await contains("[data-kind=outcome]").click();
    expect.verifySteps(["dashboard", "outcome"]);
});

test("after a button the figures are asked for again", async () => {
    await makeMockServer();
    MockServer.current.env["calendar.event"].create({
        name: "Session",
        start: "2026-03-12 15:00:00",
        stop: "2026-03-12 16:00:00",
        visit_state: "no_show",
    });
    mockService("action", {
        doActionButton({name, onClose}) {
            expect.step(name);
            onClose();
        },
    });
    await mountDashboard({});
    expect(".o_kanban_record time").toHaveText("4:00 PM");
    expect(".o_kanban_record .badge").toHaveText("No-show");
    expect(".o_kanban_record .badge i").toHaveClass("fa-user-times");
    await contains(".o_kanban_record button").click();
    await animationFrame();
    expect.verifySteps(["dashboard", "action_mark_attended", "dashboard"]);
});
