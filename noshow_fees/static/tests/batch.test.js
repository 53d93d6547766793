import {Deferred, animationFrame} from "@odoo/hoot-mock";
import {expect, test} from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
    serverState,
} from "@web/../tests/web_test_helpers";
import {defineCalendarModels} from "@calendar/../tests/calendar_test_helpers";
import {STEP} from "@noshow_fees/appointment/batch/cancel_form_view";

defineCalendarModels();

class CancelPage extends models.Model {
    _name = "calendar.event.cancel";

    event_ids = fields.Many2many({relation: "res.partner"});
    cancelled_count = fields.Integer();
    state = fields.Char();
}
defineModels([CancelPage]);

const ARCH = /* xml */ `
    <form js_class="noshow_cancel_form">
        <field name="event_ids" invisible="1"/>
        <field name="cancelled_count" invisible="1"/>
        <field name="state"/>
        <button name="action_cancel" type="object" string="Continue"/>
    </form>`;

function mountPage(count) {
    CancelPage._records = [
        {id: 1, event_ids: Array(count).fill(serverState.partnerId)},
    ];
    // The mock server keeps each id once.
    onRpc("calendar.event.cancel", "web_read", ({parent}) => {
        const [page] = parent();
        const ids = Array.from({length: count}, (_, index) => index + 1);
        return [{...page, event_ids: ids}];
    });
    return mountView({
        type: "form",
        resModel: "calendar.event.cancel",
        resId: 1,
        arch: ARCH,
    });
}

function mockResult() {
    mockService("action", {
        doAction({name}) {
            expect.step(name);
        },
    });
    onRpc("calendar.event.cancel", "action_look_again", () => ({name: "result"}));
}

test("few appointments: saved and cancelled in one call", async () => {
    mockResult();
    onRpc("calendar.event.cancel", "web_save", () => expect.step("web_save"));
    onRpc("calendar.event.cancel", "web_cancel", ({args}) => {
        expect.step(`${args[0]} ${args[1].state}`);
        return {name: "result"};
    });
    await mountPage(STEP);
    await contains("[name=state] input").edit("changed");
    await contains("button[name=action_cancel]").click();
    expect.verifySteps(["1 changed", "result"]);
});

test("a refusal leaves the page as it was filled in", async () => {
    expect.errors(1);
    mockResult();
    onRpc("calendar.event.cancel", "web_cancel", () => {
        throw new Error("somebody was faster");
    });
    await mountPage(STEP);
    await contains("[name=state] input").edit("changed");
    await contains("button[name=action_cancel]").click();
    await animationFrame();
    expect("[name=state] input").toHaveValue("changed");
    expect.verifyErrors([/somebody was faster/]);
    expect.verifySteps([]);
});

test("many appointments: step by step, with a progress bar", async () => {
    const steps = [new Deferred(), new Deferred()];
    onRpc("calendar.event.cancel", "action_cancel_some", async ({args}) => {
        expect.step(`${args[0]} ${args[1]}`);
        return steps.shift();
    });
    const [first, second] = steps;
    mockResult();
    await mountPage(STEP + 10);
    await contains("button[name=action_cancel]").click();
    expect(".o_noshow_progress [role=progressbar]").toHaveAttribute(
        "aria-valuenow",
        "0"
    );
    expect(".o_noshow_progress [role=progressbar]").toHaveAttribute(
        "aria-valuemax",
        String(STEP + 10)
    );
    first.resolve(STEP);
    await animationFrame();
    expect(".o_noshow_progress").toHaveText(/^25 of 35 appointments are cancelled/);
    second.resolve(STEP + 10);
    await animationFrame();
    expect(".o_noshow_progress").toHaveCount(0);
    expect.verifySteps([`1 ${STEP}`, `1 ${STEP}`, "result"]);
});

test("an error in between says what is done", async () => {
    expect.errors(1);
    let calls = 0;
    onRpc("calendar.event.cancel", "action_cancel_some", () => {
        calls += 1;
        if (calls > 1) {
            throw new Error("somebody was faster");
        }
        return STEP;
    });
    await mountPage(STEP + 10);
    await contains("button[name=action_cancel]").click();
    await animationFrame();
    expect(".o_noshow_progress").toHaveCount(0);
    expect(".o_notification").toHaveText(/25 of 35 appointments were cancelled/);
    expect.verifyErrors([/somebody was faster/]);
});

test("a page that is too old opens another, with nothing done", async () => {
    mockService("action", {
        doAction(action) {
            expect.step(action.name);
        },
    });
    onRpc("calendar.event.cancel", "action_cancel_some", () => ({name: "anew"}));
    await mountPage(STEP + 10);
    await contains("button[name=action_cancel]").click();
    await animationFrame();
    expect(".o_noshow_progress").toHaveCount(0);
    expect(".o_notification").toHaveCount(0);
    expect.verifySteps(["anew"]);
});
