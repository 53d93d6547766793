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
            content: "Look for the client",
            trigger: ".modal [name=client_id] input",
            run: "edit Client 1",
        },
        {
            content: "Choose the client",
            trigger: ".modal .o-autocomplete--dropdown-item a:contains(Client 1)",
            run: "click",
        },
        {
            content: "Who saw the client last is proposed",
            trigger: ".modal [name=user_id] input:value(noshow_therapist)",
        },
        {
            content: "More Options",
            trigger: ".modal button:contains(More Options)",
            run: "click",
        },
        {
            content: "The client came along",
            trigger: ".o_form_sheet [name=client_id] input:value(Client 1)",
        },
        {
            content: "and the provider",
            trigger: ".o_form_sheet [name=user_id] input:value(noshow_therapist)",
        },
        {
            content: "Book it",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {content: "It is saved", trigger: ".o_form_saved"},
    ],
});
