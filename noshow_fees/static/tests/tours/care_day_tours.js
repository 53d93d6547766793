import {rpc, rpcBus} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {delay} from "@web/core/utils/concurrency";
import {session} from "@web/session";
import {closeResultSteps, REASON} from "./cancellation_page";

const tours = registry.category("web_tour.tours");

/** What a therapist stumbles over: a refusal, and *Open with a reason*. */
const met = [];

function listenStep(trigger) {
    return {
        content: "From here on nobody stumbles",
        trigger,
        run() {
            met.length = 0;
            rpcBus.addEventListener("RPC:RESPONSE", ({detail}) => {
                const {data, error} = detail;
                if (error) {
                    met.push(error.data?.message || error.message);
                } else if (data?.params?.model === "noshow.care.open") {
                    met.push("Open with a reason");
                }
            });
        },
    };
}

const nothingMetStep = {
    content: "Nobody has stumbled",
    trigger: "body:not(:has(.o_error_dialog)):not(:has(.modal))",
    run() {
        if (met.length) {
            throw new Error(met.join("; "));
        }
    },
};

const bookedSteps = (client) => [
    {
        content: "Book",
        trigger: ".modal-footer button[name=action_book]",
        run: "click",
    },
    {
        content: "It says so",
        trigger: `.o_notification:contains(Booked: ${client})`,
    },
    {trigger: "body:not(:has(.modal))"},
];

const slotStep = (time) => ({
    content: "Click on a free slot",
    trigger: `.fc-timegrid-slot-lane[data-time='${time}']`,
    run: "click",
});

const bookKnownSteps = (client, time) => [
    slotStep(time),
    {
        content: `Book ${client}`,
        trigger: ".modal .o_noshow_book [name=client_id] input",
        run: `edit ${client}`,
    },
    {
        trigger: `.modal .o-autocomplete--dropdown-item:contains(${client})`,
        run: "click",
    },
    ...bookedSteps(client),
];

const bookNewSteps = (client, time) => [
    slotStep(time),
    {
        content: `Book ${client}, whom nobody knows`,
        trigger: ".modal .o_noshow_book [name=client_id] input",
        run: `edit ${client}`,
    },
    {
        content: "New, when nobody else is found",
        trigger:
            ".modal .o-autocomplete--dropdown-menu:contains(No records) .o_noshow_new_client",
        run: "click",
    },
    {trigger: `.modal [name=new_name] input:value(${client})`},
    {
        trigger: ".modal [name=new_phone] input",
        run: "edit 646 555 0199",
    },
    ...bookedSteps(client),
];

const chartSteps = [
    {
        content: "To the chart",
        trigger: ".o_notebook .nav-link[name=noshow_chart]",
        run: "click",
    },
    {
        content: "It is open, without a word about care",
        trigger:
            ".tab-pane.active:has(.o_noshow_chart_kanban .o_kanban_renderer):not(:has(button[name=action_open_care]:visible))",
    },
];

const noteSteps = (text) => [
    {
        content: "Write a quick note",
        trigger: ".modal .o_field_widget[name=body] .odoo-editor-editable",
        run: `editor ${text}`,
    },
    {
        trigger: ".modal footer button:contains(Sign)",
        run: "click",
    },
    {trigger: "body:not(:has(.modal))"},
];

/**
 * Click on an event as a person does, who is slower than the calendar. Beside other
 * addons it is drawn twice after a change (`hr_calendar`, onWillUpdateProps), and the
 * pop-over of an event that was drawn anew closes at once.
 */
const eventStep = (content, trigger) => ({
    content,
    trigger,
    async run({anchor, click}) {
        const title = anchor.innerText;
        const find = () =>
            [...document.querySelectorAll(".fc-event")].find(
                (event) => event.innerText === title
            );
        let event = null;
        while (!event || event !== find()) {
            event = find();
            await delay(500);
        }
        await click(event);
    },
});

const attendedSteps = [
    eventStep("The client is here: to the appointment", ".fc-event:contains(Here now)"),
    {trigger: ".o_cw_popover .o_noshow_attended", run: "click"},
    {
        content: "It says so",
        trigger: ".o_notification:contains(Casey Present)",
    },
    eventStep(
        "To the appointment, when it shows",
        ".fc-event:contains(Here now):has(.fa-check)"
    ),
    {trigger: ".o_cw_popover .o_cw_popover_edit:contains(Open)", run: "click"},
    {
        content: "A quick note",
        trigger: ".o_form_view button[name=action_open_chart_note]",
        run: "click",
    },
    ...noteSteps("Slept better"),
    ...chartSteps,
    {trigger: ".o_kanban_record:contains(Slept better):contains(Signed by)"},
];

const clientSteps = [
    {
        content: "Back to the schedule",
        trigger: ".o_menu_sections .o_nav_entry:contains(Schedule)",
        run: "click",
    },
    eventStep("To the appointment again", ".fc-event:contains(Here now)"),
    {
        content: "To the client's page",
        trigger: ".o_cw_popover .o_noshow_client_link",
        run: "click",
    },
    ...chartSteps,
    {trigger: ".o_kanban_record:contains(Slept better)"},
    {
        content: "The saved cards",
        trigger: ".o_noshow_client button[name=action_open_cards]",
        run: "click",
    },
    {trigger: ".modal .o_data_row:contains(4242)"},
    {trigger: ".modal .btn-close", run: "click"},
    {
        content: "Ask for another card",
        trigger:
            "body:not(:has(.modal)) .o_noshow_client button[name=action_ask_for_card]",
        run: "click",
    },
    {trigger: ".modal [name=kind], .modal [name=preview]"},
    {trigger: ".modal .btn-close", run: "click"},
    {
        content: "They cancel what was to come today",
        trigger: "body:not(:has(.modal)) .nav-link[name=noshow_appointments]",
        run: "click",
    },
    {
        trigger:
            "[name=upcoming_appointment_ids] .o_data_row:contains(Scheduled) button[name=action_open_cancel]",
        run: "click",
    },
    {
        content: "That is late",
        trigger:
            ".modal [name=visit_state] .o_radio_item:contains(Late cancellation) input:checked",
    },
    {trigger: ".modal [name=reason] textarea", run: `edit ${REASON}`},
    {
        content: "Charge the saved card",
        trigger: ".modal [name=charge_card] input:not(:checked)",
        run: "click",
    },
    {
        trigger:
            ".modal [name=payment_token_id]:contains(4242), .modal [name=payment_token_id] input:value(4242)",
    },
    {
        content: "Continue",
        trigger: ".modal .modal-footer button[name=action_cancel]",
        run: "click",
    },
    ...closeResultSteps("Late cancellation"),
    {
        content: "To the Billing tab",
        trigger: ".nav-link[name=noshow_billing]",
        run: "click",
    },
    {
        content: "The fee is there",
        trigger:
            ".tab-pane.active [name=noshow_fee_line_ids] .o_data_row:contains(LATECX)",
    },
];

const nextDaySteps = [
    {
        content: "Who comes tomorrow?",
        trigger: ".o_menu_sections .o_nav_entry:contains(Schedule)",
        run: "click",
    },
    {trigger: ".scale_button_selection", run: "click"},
    {trigger: ".o_scale_button_day", run: "click"},
    {trigger: ".fc-timeGridDay-view .fc-event:contains(Here now)"},
    {trigger: ".o_calendar_button_next", run: "click"},
    eventStep(
        "To the client of tomorrow",
        ".fc-timeGridDay-view:not(:has(.fc-event:contains(Here now))) .fc-event:contains(Day after)"
    ),
    {
        trigger: ".o_cw_popover .o_noshow_client_link:contains(Taylor Next)",
        run: "click",
    },
    {
        trigger:
            ".o_noshow_client [name=name]:contains(Taylor Next), .o_noshow_client [name=name] input:value(Taylor Next)",
    },
    ...chartSteps,
];

// Owner, therapist and front desk in one.
tours.add("noshow_day_of_one", {
    steps: () => [
        listenStep(".o_calendar_renderer .fc-event:contains(Here now)"),
        ...bookKnownSteps("Robin Known", "07:00:00"),
        ...bookNewSteps("Nora Newcomer", "09:00:00"),
        ...attendedSteps,
        ...clientSteps,
        ...nextDaySteps,
        nothingMetStep,
    ],
});

// Who may not add a client is told whom to ask.
const askForNewSteps = [
    slotStep("08:00:00"),
    {
        content: "Nobody knows this name",
        trigger: ".modal .o_noshow_book [name=client_id] input",
        run: "edit Nobody Yet",
    },
    {
        trigger:
            ".modal .o-autocomplete--dropdown-menu:contains(No records) .o_noshow_no_new_client:contains(ask the front desk)",
    },
    {
        content: "Not now",
        trigger: ".modal .btn-close",
        run: "click",
    },
    {trigger: "body:not(:has(.modal))"},
];

// One of nine who book for themselves: new clients are entered by the Owner.
tours.add("noshow_day_of_nine", {
    steps: () => [
        listenStep(".o_calendar_renderer .fc-event:contains(Here now)"),
        ...bookKnownSteps("Robin Known", "07:00:00"),
        ...bookKnownSteps("Nora Newcomer", "09:00:00"),
        ...askForNewSteps,
        ...attendedSteps,
        ...clientSteps,
        ...nextDaySteps,
        nothingMetStep,
    ],
});

const loginStep = (login) => ({
    content: `Log in as ${login}`,
    trigger: "body:not(:has(.modal))",
    async run() {
        const {db} = session;
        await rpc("/web/session/authenticate", {db, login, password: login});
        window.location = "/odoo/clients";
    },
    expectUnloadPage: true,
});

const shortSteps = (login, client) => [
    {
        content: `It is the screen of ${login}`,
        trigger: `.o_data_row .o_data_cell:contains(${client})`,
        run() {
            if (user.login !== login) {
                throw new Error(`${user.login} is logged in`);
            }
        },
    },
    {
        content: "A client whom the Owner has entered",
        trigger: `.o_data_row .o_data_cell:contains(${client})`,
        run: "click",
    },
    listenStep(".o_noshow_client button[name=action_book]"),
    {
        content: "Book",
        trigger: ".o_noshow_client button[name=action_book]",
        run: "click",
    },
    ...bookedSteps(client),
    ...chartSteps,
    {
        trigger: ".o_noshow_chart_kanban button[name=action_new]",
        run: "click",
    },
    ...noteSteps("First call"),
    {trigger: ".o_kanban_record:contains(First call):contains(Signed by)"},
    {
        trigger: ".o_noshow_client button[name=action_open_cards]",
        run: "click",
    },
    {trigger: ".modal .o_data_row:contains(4242)"},
    {trigger: ".modal .btn-close", run: "click"},
    nothingMetStep,
];

// The other eight, one after the other: the shortest day there is.
tours.add("noshow_days_of_others", {
    steps: () =>
        // Who comes first is logged in: a page that still loads would undo a login.
        [1, 2, 3, 4, 5, 6, 7, 8].flatMap((number) => [
            ...(number > 1 ? [loginStep(`noshow_t${number}`)] : []),
            ...shortSteps(`noshow_t${number}`, `Nora ${number}`),
        ]),
});
