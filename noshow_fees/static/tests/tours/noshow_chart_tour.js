import {registry} from "@web/core/registry";

const openTab = [
    {
        content: "Open the Chart tab",
        trigger: ".o_notebook .nav-link[name='noshow_chart']",
        run: "click",
    },
    {trigger: ".o_noshow_chart_kanban .o_kanban_renderer"},
];

registry.category("web_tour.tours").add("noshow_chart_client", {
    steps: () => [
        {
            content: "The client's form, with the Chart tab closed",
            trigger: ".o_notebook .nav-link[name='noshow_chart']:not(.active)",
        },
    ],
});

registry.category("web_tour.tours").add("noshow_chart_note", {
    steps: () => [
        ...openTab,
        {
            content: "Write a quick note",
            trigger: ".o_noshow_chart_kanban button[name='action_new']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='body'] .odoo-editor-editable",
            run: "editor A note of the tour",
        },
        {
            content: "Keep it as a draft",
            trigger: ".modal footer button:contains('Keep as a draft')",
            run: "click",
        },
        {
            content: "Sign it",
            trigger:
                ".o_kanban_record:contains('A note of the tour') button[name='action_sign']",
            run: "click",
        },
        {
            content: "Add to it",
            trigger:
                ".o_kanban_record:contains('A note of the tour') button[name='action_open_addendum']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='body'] .odoo-editor-editable",
            run: "editor What the tour forgot",
        },
        {
            trigger: ".modal footer button:contains('Sign')",
            run: "click",
        },
        {
            content: "The addendum shows under the note",
            trigger:
                ".o_kanban_record:contains('A note of the tour'):contains('What the tour forgot'):contains('Addendum')",
        },
        {
            content: "A signed note has no buttons but the addendum's",
            trigger:
                ".o_kanban_record:contains('A note of the tour'):not(:has(button:contains('Edit'):visible)):not(:has(button:contains('Discard'):visible))",
        },
        {
            content: "Search for its words",
            trigger: ".o_noshow_chart_kanban .o_searchview_input",
            run: "edit forgot",
        },
        {
            trigger: ".o_searchview_autocomplete .o-dropdown-item:contains('Words')",
            run: "click",
        },
        {
            trigger:
                ".o_kanban_renderer:has(.o_kanban_record:contains('A note of the tour')):not(:has(.o_kanban_record:contains('dysthymia')))",
        },
        {
            content: "The print asks for a period",
            trigger: ".o_noshow_chart_kanban button[name='action_open_print']",
            run: "click",
        },
        {trigger: ".modal .o_field_widget[name='date_from']"},
        {
            trigger: ".modal footer button:contains('Close')",
            run: "click",
        },
        {trigger: "body:not(:has(.modal))"},
    ],
});
