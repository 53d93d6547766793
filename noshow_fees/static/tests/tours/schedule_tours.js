import {registry} from "@web/core/registry";
import {noShowSteps, REASON} from "./cancellation_page";

const tours = registry.category("web_tour.tours");

const RED = ".fc-event.o_noshow_cancelled:contains(From the schedule)";
const LIVE = ".fc-event:not(.o_noshow_cancelled):contains(From the schedule)";

const toggleStep = () => ({
    content: "Show cancellations",
    trigger: ".o_noshow_cancellation_toggle input:not(:checked)",
    run: "click",
});

const redDetailsSteps = () => [
    {content: "The red appointment", trigger: RED, run: "click"},
    {
        content: "tells why",
        trigger: `.o_noshow_details [data-name=cancel_reason]:contains(${REASON})`,
    },
    {
        content: "and who cancelled it",
        trigger:
            ".o_noshow_details [data-name=cancelled_by_id]:contains(noshow_frontdesk)",
    },
    {
        content: "and what was charged",
        trigger: ".o_noshow_details [data-name=fee]:contains(NOSHOW):contains(75.00)",
    },
];

tours.add("noshow_cancel_from_schedule", {
    steps: () => [
        {content: "Click on the appointment", trigger: LIVE, run: "click"},
        {
            content: "The client at a glance",
            trigger: ".o_cw_popover [data-name=client_id]:contains(Client 1)",
        },
        {
            content: "Cancel it",
            trigger: ".o_cw_popover .o_noshow_cancel",
            run: "click",
        },
        ...noShowSteps(),
        {
            content: "It is gone from the schedule",
            trigger:
                ".o_calendar_renderer:not(:has(.fc-event:contains(From the schedule)))",
        },
        toggleStep(),
        {content: "It comes up in red", trigger: RED},
        {
            content: "What was archived by hand does not",
            trigger: ".o_calendar_renderer:not(:has(.fc-event:contains(Archived)))",
        },
        {
            content: "Load the page anew",
            trigger: RED,
            run: () => window.location.reload(),
            expectUnloadPage: true,
        },
        {
            content: "The box is remembered",
            trigger: ".o_noshow_cancellation_toggle input:checked",
        },
        ...redDetailsSteps(),
        {
            content: "To the Billing tab",
            trigger: ".o_cw_popover .o_noshow_billing",
            run: "click",
        },
        {
            content: "The fee is there",
            trigger:
                ".o_notebook:has(.nav-link.active[name=noshow_billing]) [name=fee_line_ids] .o_data_row:contains(NOSHOW)",
        },
    ],
});

tours.add("noshow_schedule_phone", {
    steps: () => [
        {
            content: "Open the panel",
            trigger: ".o_other_calendar_panel",
            run: "click",
        },
        toggleStep(),
        {
            content: "Back to the calendar",
            trigger: ".o_other_calendar_panel:contains(Cancellations)",
            run: "click",
        },
        {
            content: "The name is beside its icon: below it, nobody sees it",
            trigger: `${RED} .o_noshow_visit_icon`,
            run({anchor}) {
                const {top} = anchor.nextElementSibling.getBoundingClientRect();
                if (top >= anchor.getBoundingClientRect().bottom) {
                    throw new Error("Only the icon is seen");
                }
            },
        },
        ...redDetailsSteps(),
        {
            content: "Billing, but no Restore: that is for billers",
            trigger:
                ".modal-footer:has(.o_noshow_billing):not(:has(.o_noshow_restore))",
        },
    ],
});

tours.add("noshow_schedule_therapist", {
    steps: () => [
        toggleStep(),
        ...redDetailsSteps(),
        {
            content: "Billing, but no Restore: that is for billers",
            trigger:
                ".o_cw_popover:has(.o_noshow_billing):not(:has(.o_noshow_restore))",
        },
    ],
});

tours.add("noshow_restore_from_schedule", {
    steps: () => [
        toggleStep(),
        ...redDetailsSteps(),
        {
            content: "Restore",
            trigger: ".o_cw_popover .o_noshow_restore",
            run: "click",
        },
        {
            content: "The dialog about the fee",
            trigger: ".modal .modal-footer button[name=action_restore]",
            run: "click",
        },
        {content: "It is live again", trigger: LIVE},
    ],
});

tours.add("noshow_cancel_from_today", {
    steps: () => [
        {
            content: "By provider",
            trigger: ".o_group_header:contains(noshow_therapist)",
        },
        {
            content: "Cancel the appointment",
            trigger:
                ".o_data_row:contains(Client 3) button[name=action_open_cancel]:contains(Cancel)",
            run: "click",
        },
        ...noShowSteps(),
        {
            content: "It shows",
            trigger: ".o_data_row:contains(Client 3) .badge:contains(No-show)",
        },
    ],
});

tours.add("noshow_cancel_from_client", {
    steps: () => [
        {
            content: "Open the client",
            trigger: ".o_data_row .o_data_cell:contains(Client 4)",
            run: "click",
        },
        {
            content: "Cancel the appointment",
            trigger:
                "[name=upcoming_appointment_ids] .o_data_row button[name=action_open_cancel]",
            run: "click",
        },
        ...noShowSteps(),
        {
            content: "It shows",
            trigger: "[name=upcoming_appointment_ids] .o_data_row:contains(No-show)",
        },
    ],
});

// On a desktop a row of a list, on a phone a card.
tours.add("noshow_client_billing", {
    steps: () => [
        {
            content: "Open the client",
            trigger:
                ".o_data_cell:contains(Client 1), .o_kanban_record:contains(Client 1)",
            run: "click",
        },
        {
            content: "The cancelled appointment, and why",
            trigger: `[name=upcoming_appointment_ids]:contains(${REASON})`,
        },
        {
            content: "To the Billing tab",
            trigger: ".nav-link[name=noshow_billing]",
            run: "click",
        },
        {
            content: "What is owed is on top",
            trigger: ".tab-pane.active [name=noshow_fee_open]:contains(75.00)",
        },
        {
            content: "Click on the date of service",
            trigger:
                "[name=noshow_fee_line_ids] :is(td[name=date_of_service], .o_kanban_record)",
            run: "click",
        },
        {
            content: "The fee opens: click on its description",
            trigger: ".modal button.btn-link:contains(NOSHOW)",
            run: "click",
        },
        {
            content: "Its code and amount can be changed",
            trigger: ".modal:contains('What happens when you save') [name=product_id]",
        },
    ],
});

tours.add("noshow_book_from_schedule", {
    steps: () => [
        {
            content: "Click on a free slot",
            trigger: ".fc-timegrid-slot-lane[data-time='07:00:00']",
            run: "click",
        },
        {
            content: "Look for the client by phone, written in another way",
            trigger: ".modal .o_noshow_book [name=client_id] input",
            run: "edit 2125550148",
        },
        {
            content: "Enter takes who was found",
            trigger: ".modal .o-autocomplete--dropdown-item:contains(Client 1)",
            run: "click",
        },
        {
            content: "Who saw the client last is proposed",
            trigger: ".modal [name=provider_id] input:value(noshow_therapist)",
        },
        {
            content: "Weekly",
            trigger: ".modal [name=repeat] .o_radio_item:contains(Every week) input",
            run: "click",
        },
        {
            content: "said in words",
            trigger: ".modal [name=repeat_summary]:contains(12 times)",
        },
        {
            content: "Book",
            trigger: ".modal-footer button[name=action_book]",
            run: "click",
        },
        {
            content: "It says so",
            trigger: ".o_notification:contains(Booked: Client 1)",
        },
        {
            content: "and shows it",
            trigger: "body:not(:has(.modal)) .fc-event:contains(Client 1)",
        },
    ],
});

tours.add("noshow_book_nobody_by_enter", {
    steps: () => [
        {
            content: "Click on a free slot",
            trigger: ".fc-timegrid-slot-lane[data-time='07:00:00']",
            run: "click",
        },
        {
            content: "A phone number that nobody has, and Enter",
            trigger: ".modal .o_noshow_book [name=client_id] input",
            async run(actions) {
                await actions.edit("646 555 0000");
                await new Promise((resolve) => {
                    setTimeout(resolve, 600);
                });
                await actions.press("Enter");
            },
        },
        {
            content: "asks for a name, and makes nobody",
            trigger: ".modal [name=new_phone] input:value(646 555 0000)",
        },
        {
            content: "Without a name there is no booking",
            trigger: ".modal-footer button[name=action_book]",
            run: "click",
        },
        {trigger: ".modal [name=new_name].o_field_invalid"},
        {
            content: "Discard",
            trigger: ".modal-footer button:contains(Discard)",
            run: "click",
        },
        {trigger: "body:not(:has(.modal))"},
    ],
});

tours.add("noshow_book_on_phone", {
    steps: () => [
        {
            content: "Book",
            trigger: ".o_control_panel button:contains(New)",
            run: "click",
        },
        {
            content: "Found by phone, in any format",
            trigger: ".modal .o_noshow_book [name=client_id] input",
            run: "edit 212.555.0148",
        },
        {
            trigger:
                ".o-autocomplete--dropdown-item:contains(Client 1):contains(0148) a",
            run: "click",
        },
        {
            content: "Who saw the client last is proposed",
            trigger: ".modal [name=provider_id] input:value(noshow_therapist)",
        },
        {
            content: "No, somebody new",
            trigger: ".modal [name=client_id] input",
            async run(actions) {
                await actions.edit("Nora New");
                // Until what is offered is for what was typed.
                await new Promise((resolve) => {
                    setTimeout(resolve, 1000);
                });
            },
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(New client) a",
            run: "click",
        },
        {
            content: "asked for a phone number",
            trigger: ".modal [name=new_phone] input",
        },
        {trigger: ".modal [name=new_name] input:value(Nora New)"},
        {
            content: "Not now",
            trigger: ".modal-footer button:contains(Discard)",
            run: "click",
        },
        {trigger: "body:not(:has(.modal))"},
    ],
});

// The Billing tab has been looked at: what it shows later is not from then.
tours.add("noshow_client_fresh", {
    steps: () => [
        {
            content: "Open the client",
            trigger: ".o_data_row .o_data_cell:contains(Client 4)",
            run: "click",
        },
        {
            content: "To the Billing tab",
            trigger: ".nav-link[name=noshow_billing]",
            run: "click",
        },
        {trigger: ".tab-pane.active:contains(No fee)"},
        {
            content: "Back to the appointments",
            trigger: ".nav-link[name=noshow_appointments]",
            run: "click",
        },
        {
            content: "Cancel the appointment",
            trigger:
                "[name=upcoming_appointment_ids] .o_data_row button[name=action_open_cancel]",
            run: "click",
        },
        ...noShowSteps(),
        {
            content: "What is open stands on top",
            trigger: ".o_noshow_client .o_group [name=noshow_fee_open]:contains(75.00)",
        },
        {
            content: "To the Billing tab",
            trigger: ".nav-link[name=noshow_billing]",
            run: "click",
        },
        {
            content: "The fee is there",
            trigger:
                ".tab-pane.active [name=noshow_fee_line_ids] .o_data_row:contains(NOSHOW) td[name=date_of_service]",
            run: "click",
        },
        {
            content: "Change it",
            trigger: ".modal button[name=action_open_edit]:contains(Change)",
            run: "click",
        },
        {
            content: "to 20",
            trigger: ".modal [name=amount] input",
            run: "edit 20",
        },
        {
            trigger: ".modal [name=reason] input",
            run: "edit Agreed on the phone",
        },
        {
            content: "Save",
            trigger: ".modal button[name=action_save]",
            run: "click",
        },
        {
            content: "The fee knows it",
            trigger: ".modal [name=fee_amount]:contains(20.00)",
        },
        {
            content: "Close the fee",
            trigger: ".modal .modal-footer button:contains(Close)",
            run: "click",
        },
        {
            content: "So does the list behind",
            trigger:
                ".tab-pane.active [name=noshow_fee_line_ids] .o_data_row [name=fee_amount]:contains(20.00)",
        },
        {
            content: "and the sum on top",
            trigger: ".o_noshow_client .o_group [name=noshow_fee_open]:contains(20.00)",
        },
    ],
});

tours.add("noshow_undo_attended", {
    steps: () => [
        {
            content: "A wrong click",
            trigger: ".o_kanban_record:contains(Client 5) button:contains(Attended)",
            run: "click",
        },
        {
            content: "It says whom",
            trigger: ".o_notification:contains(Client 5) button:contains(Undo)",
            run: "click",
        },
        {
            content: "As before",
            trigger: ".o_kanban_record:contains(Client 5) button:contains(Attended)",
        },
    ],
});

tours.add("noshow_popover_to_client", {
    steps: () => [
        {content: "Click on the appointment", trigger: LIVE, run: "click"},
        {
            content: "The phone at a glance",
            trigger: ".o_cw_popover a[href^='tel:']:contains(555)",
        },
        {
            content: "One click to the client",
            trigger: ".o_cw_popover .o_noshow_client_link",
            run: "click",
        },
        {
            content: "The client's page",
            trigger: ".o_noshow_client [name=name] input:value(Client 1)",
        },
    ],
});

tours.add("noshow_choose_fee", {
    steps: () => [
        {content: "Click on the appointment", trigger: LIVE, run: "click"},
        {trigger: ".o_cw_popover .o_noshow_cancel", run: "click"},
        {
            content: "The fees to choose from",
            trigger: ".modal [name=product_id] input",
            run: "click",
        },
        {
            content: "Missed visits first, with their prices",
            trigger:
                ".o-autocomplete--dropdown-item:contains(NOSHOW):contains(75.00):contains(Custom)",
        },
        {
            content: "No fee is a choice",
            trigger: ".o-autocomplete--dropdown-item:contains(No fee)",
            run: "click",
        },
        {
            content: "No amount is left",
            trigger: ".modal .o_form_view:not(:has([name=amount] input))",
        },
        {trigger: ".modal [name=product_id] input", run: "click"},
        {
            content: "More of them",
            trigger: ".o-autocomplete--dropdown-item:contains(Search more)",
            run: "click",
        },
        {
            content: "with codes and prices",
            trigger:
                ".modal .o_list_view .o_data_row:contains(NOSHOW):contains(75.00):contains(Custom) td[name=cpt_code]",
            run: "click",
        },
        {trigger: ".modal [name=product_id] input:value(NOSHOW)"},
        {
            content: "Not now",
            trigger: ".modal-footer button:contains(Keep the appointment)",
            run: "click",
        },
        {trigger: "body:not(:has(.modal))"},
    ],
});

tours.add("noshow_book_enlarged", {
    steps: () => [
        {
            content: "Book somebody",
            trigger: ".o_control_panel button:contains(New)",
            run: "click",
        },
        {
            content: "When?",
            trigger: ".modal .o_noshow_book [name=start] input",
            run: "click",
        },
        {
            content: "Below the days, the time and “Apply” can be reached",
            trigger: ".o_datetime_buttons button:contains(Apply)",
            async run({anchor, click}) {
                anchor.scrollIntoView();
                if (anchor.getBoundingClientRect().bottom > window.innerHeight) {
                    throw new Error("“Apply” stays below the window");
                }
                await click();
            },
        },
        {
            content: "Discard",
            trigger: ".modal-footer button:contains(Discard)",
            run: "click",
        },
        {content: "Closed", trigger: "body:not(:has(.modal))"},
    ],
});
