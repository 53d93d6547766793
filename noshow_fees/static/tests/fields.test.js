import {expect, test} from "@odoo/hoot";
import {queryAllTexts, queryFirst} from "@odoo/hoot-dom";
import {runAllTimers} from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import {defineCalendarModels} from "@calendar/../tests/calendar_test_helpers";

class Person extends models.Model {
    _name = "person";
    name = fields.Char();
    _records = [
        {id: 1, name: "Client 1"},
        {id: 2, name: "MISSED-INTAKE Missed first appointment ".repeat(8)},
    ];
}

class Booking extends models.Model {
    _name = "booking";
    client_id = fields.Many2one({relation: "person"});
    code_id = fields.Many2one({relation: "person"});
    may_create_client = fields.Boolean({default: true});
    is_new_client = fields.Boolean();
    new_name = fields.Char();
    new_phone = fields.Char();
    new_email = fields.Char();
    _records = [{id: 1, client_id: 1, code_id: 1, may_create_client: true}];
}

class Fee extends models.Model {
    _name = "fee";
    fee_state = fields.Selection({
        selection: [
            ["none", "No fee"],
            ["open", "Open"],
        ],
    });
    move_type = fields.Selection({
        selection: [
            ["out_invoice", "Invoice"],
            ["out_refund", "Refund"],
        ],
    });
    _records = [
        {id: 1, fee_state: "none", move_type: "out_refund"},
        {id: 2, fee_state: "open", move_type: "out_invoice"},
        {id: 3, fee_state: "none", move_type: "out_invoice"},
    ];
}

// The web client asks for the models of *mail* wherever it starts.
defineCalendarModels();
defineModels([Person, Booking, Fee]);

const BOOK = /* xml */ `
    <form>
        <field name="may_create_client" invisible="1"/>
        <field name="is_new_client" invisible="1"/>
        <field name="client_id" widget="noshow_client" invisible="is_new_client"
            options="{'no_create': true, 'no_open': true}"/>
        <field name="new_name" invisible="not is_new_client"/>
        <field name="new_phone" invisible="not is_new_client"/>
        <field name="new_email" invisible="not is_new_client"/>
    </form>`;
const CLIENT = "[name=client_id] input";
const NEW_CLIENT = ".o_noshow_new_client a";

for (const [typed, field] of [
    ["Nora New", "new_name"],
    ["646 555 0000", "new_phone"],
    ["nora@example.com", "new_email"],
]) {
    test(`“New client…” takes what is typed by now: ${field}`, async () => {
        await mountView({type: "form", resModel: "booking", arch: BOOK});
        await contains(CLIENT).click();
        await contains(CLIENT).edit(typed, {confirm: false});
        // The list is still the one from before the typing.
        await contains(NEW_CLIENT).click();
        expect(`[name=${field}] input`).toHaveValue(typed);
        await runAllTimers();
        expect(`[name=${field}] input`).toHaveValue(typed);
    });
}

test("who was chosen before does not name a new client", async () => {
    await mountView({type: "form", resModel: "booking", resId: 1, arch: BOOK});
    await contains(CLIENT).click();
    await contains(NEW_CLIENT).click();
    expect("[name=new_name] input").toHaveValue("");
});

const mountCode = (widget, options = "{}") =>
    mountView({
        type: "form",
        resModel: "booking",
        resId: 1,
        arch: `<form><field name="code_id" widget="${widget}" options="${options}"/></form>`,
    });

test("“No fee” is a choice in the list, on a phone, too", async () => {
    await mountCode("noshow_fee_code");
    expect("[name=code_id] input").toHaveValue("Client 1");
    expect("button.o_noshow_no_fee").toHaveCount(0);
    await contains("[name=code_id] input").click();
    await contains(".o-autocomplete--dropdown-item:contains(No fee) a").click();
    expect("[name=code_id] input").toHaveValue("");
});

test("what there is to choose from is no wider than the screen", async () => {
    await mountCode("noshow_fee_code");
    await contains("[name=code_id] input").click();
    expect(".o-autocomplete--dropdown-item:contains(MISSED-INTAKE)").toHaveCount(1);
    const menu = queryFirst(".o-autocomplete--dropdown-menu");
    expect(menu.offsetWidth).toBeLessThan(window.innerWidth);
    expect(menu.scrollWidth).toBe(menu.clientWidth);
});

test("“No fee” with one click", async () => {
    await mountCode("noshow_fee_code", "{'none_button': true}");
    await contains("button.o_noshow_no_fee:contains(No fee)").click();
    expect("[name=code_id] input").toHaveValue("");
    expect("button.o_noshow_no_fee").toHaveCount(0);
});

test("a service that is not on record is not called a fee", async () => {
    await mountCode("noshow_service");
    await contains("[name=code_id] input").click();
    expect(".o_noshow_no_fee").toHaveText("Not on record");
});

test("a credit note in the list of fees says that it is one", async () => {
    await mountView({
        type: "list",
        resModel: "fee",
        arch: `<list><field name="fee_state" widget="noshow_fee_state"/></list>`,
    });
    expect(queryAllTexts("td[name=fee_state]")).toEqual([
        "Credit note",
        "Open",
        "No fee",
    ]);
});
