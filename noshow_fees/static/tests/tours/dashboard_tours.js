import {rpcBus} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {closeResultSteps, noShowSteps} from "./cancellation_page";

const tours = registry.category("web_tour.tours");
const card = (client) => `.o_kanban_record:contains(${client})`;

const cancelStep = {
    content: "One click to the cancellation page",
    trigger: `${card("Client 2")} button:contains(Cancel)`,
    run: "click",
};

const attendedSteps = [
    {
        content: "One click to check somebody in",
        trigger: `${card("Client 5")} button:contains(Attended)`,
        run: "click",
    },
    {
        content: "It shows",
        trigger: `${card("Client 5")} .badge:contains(Attended)`,
    },
];

tours.add("noshow_cancel_from_dashboard", {
    steps: () => [
        {
            content: "The front desk sees no money of the practice",
            trigger: ".o_noshow_dashboard:not(:has([data-name=month]))",
        },
        ...attendedSteps,
        cancelStep,
        ...noShowSteps(),
        {
            content: "It shows",
            trigger: `${card("Client 2")} .badge:contains(No-show)`,
        },
    ],
});

tours.add("noshow_dashboard_owner", {
    steps: () => [
        {
            content: "Nothing was charged yet",
            trigger: ".o_noshow_dashboard [data-name=weeks]:contains(No fee yet)",
        },
        cancelStep,
        ...noShowSteps(),
        {
            content: "The figures know it at once",
            trigger:
                ".o_noshow_dashboard .o_noshow_figure[data-name=open]:contains(75.00)",
        },
        {
            content: "and the chart",
            trigger: ".o_noshow_dashboard .o_noshow_week:last .o_noshow_open",
        },
        {
            content: "To what needs attention",
            trigger: ".o_noshow_dashboard button[data-kind=outcome]",
            run: "click",
        },
        {
            content: "The worklist",
            trigger: ".o_breadcrumb:contains(No Outcome Yet)",
        },
        {content: "holds it", trigger: ".o_data_row:contains(Client 3)"},
    ],
});

const calls = [];
const MAX_CALLS = 5;

tours.add("noshow_dashboard_calls", {
    steps: () => [
        {
            content: "The schedule has loaded: its own calls do not count",
            trigger: ".o_calendar_renderer .fc-event:contains(From the schedule)",
        },
        {
            content: "From the schedule to the dashboard",
            trigger: ".o_menu_sections .o_nav_entry:contains(Dashboard)",
            run(actions) {
                rpcBus.addEventListener("RPC:REQUEST", ({detail}) =>
                    calls.push(detail.url)
                );
                return actions.click();
            },
        },
        {
            content: "It loads in few calls",
            trigger: ".o_content:has(.o_noshow_dashboard):has(.o_kanban_record)",
            run() {
                if (!calls.length || calls.length > MAX_CALLS) {
                    throw new Error(`${calls.length} calls: ${calls.join(" ")}`);
                }
            },
        },
    ],
});

// Views are kept by the browser: the second time tells.
const MAX_DESK_CALLS = 4;

tours.add("noshow_desk_calls", {
    steps: () => [
        cancelStep,
        ...noShowSteps(),
        {
            content: "Another client",
            trigger: `${card("Client 3")} button:contains(Cancel)`,
            run(actions) {
                calls.length = 0;
                rpcBus.addEventListener("RPC:REQUEST", ({detail}) =>
                    calls.push(detail.url)
                );
                return actions.click();
            },
        },
        {
            content: "As it is proposed",
            trigger:
                ".modal:has([name=product_id] input:value(NOSHOW)) .modal-footer button[name=action_cancel]:contains(Continue)",
            run: "click",
        },
        {
            content: "From click to result in few calls",
            trigger: ".modal .o_noshow_result:contains(Client 3)",
            run() {
                if (!calls.length || calls.length > MAX_DESK_CALLS) {
                    throw new Error(`${calls.length} calls: ${calls.join(" ")}`);
                }
            },
        },
        ...closeResultSteps("Client 3"),
    ],
});

function selectAllSteps(count) {
    return [
        {
            content: "Select all",
            trigger: `.o_list_table:has(.o_data_row:count(${count})) thead .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "They did not come",
            trigger:
                ".o_control_panel button[name=action_open_cancel]:contains(No-show)",
            run: "click",
        },
    ];
}

tours.add("noshow_batch_cards", {
    steps: () => [
        ...selectAllSteps(3),
        {
            content: "Two have a card",
            trigger:
                ".modal [name=line_ids]:has(td[name=charge_card] input:count(2):not(:checked))",
        },
        {
            content: "Charge both",
            trigger: ".modal .o_inner_group [name=charge_card] input",
            run: "click",
        },
        {trigger: ".modal td[name=charge_card]:has(input:checked):count(2)"},
        {
            content: "It says how much",
            trigger: ".modal [name=amount_to_charge]:contains(150.00)",
        },
        {
            content: "or only one, with one click",
            trigger:
                ".modal .o_data_row:contains(Client 2) td[name=charge_card] input:checked",
            run: "click",
        },
        {trigger: ".modal td[name=charge_card]:has(input:checked):count(1)"},
        {
            content: "Continue",
            trigger: ".modal .modal-footer button[name=action_cancel]",
            run: "click",
        },
        ...closeResultSteps("3 appointments"),
    ],
});

tours.add("noshow_batch", {
    steps: () => [
        ...selectAllSteps(5),
        {
            content: "The outcome is chosen",
            trigger:
                ".modal [name=visit_state] .o_radio_item:contains(No-show) input:checked",
        },
        {
            content: "A line for each",
            trigger: ".modal [name=line_ids] .o_data_row:eq(4):contains(NOSHOW)",
        },
        {
            content: "Change the amount of one",
            trigger: ".modal [name=line_ids] .o_data_row:eq(0) [name=amount]",
            run: "click",
        },
        {
            content: "to 20",
            trigger: ".modal [name=line_ids] .o_selected_row [name=amount] input",
            run: "edit 20",
        },
        {
            content: "Another one",
            trigger: ".modal [name=line_ids] .o_data_row:eq(1) [name=product_id]",
            run: "click",
        },
        {
            content: "is not charged",
            // Of this row: the one before may still be the selected one.
            trigger:
                ".modal [name=line_ids] .o_data_row:eq(1).o_selected_row [name=product_id] input",
            run: "clear",
        },
        {
            content: "Continue",
            trigger:
                ".modal .modal-footer button[name=action_cancel]:contains(Continue)",
            run: "click",
        },
        ...closeResultSteps("5 appointments"),
        {
            content: "The worklist is empty, and says so",
            trigger:
                ".o_nocontent_help:contains(All past appointments have an outcome)",
        },
    ],
});
