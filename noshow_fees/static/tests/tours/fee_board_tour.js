import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("noshow_fee_board", {
    steps: () => [
        {
            content: "The figures of the month",
            trigger: ".o_noshow_figure[data-name=charged]:contains('150.00')",
        },
        {trigger: ".o_noshow_figure[data-name=open_amount]:contains('75.00')"},
        {trigger: ".o_noshow_figure[data-name=waived]:contains('75.00')"},
        {trigger: ".o_noshow_fee_graphs canvas:count(2)"},
        {
            content: "The other graphs are for what the search finds, too",
            trigger: ".o_facet_remove",
            run: "click",
        },
        {trigger: ".o_noshow_figure[data-name=fee_count]:contains('2')"},
        {trigger: ".o_noshow_figure[data-name=missed_count]:contains('3')"},
        {
            content: "Which fees are open",
            trigger: ".o_noshow_figure[data-name=open_amount]",
            run: "click",
        },
        {trigger: ".o_list_view .o_data_row:count(1):contains('Client 2')"},
        {
            trigger: ".o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "Who was not charged",
            trigger: ".o_noshow_figure[data-name=fee_rate]:contains('66.67%')",
            run: "click",
        },
        {
            trigger:
                ".o_list_view .o_data_row:count(1):contains('Client 3') td[name=client_id]",
            run: "click",
        },
        {
            content: "A row without an invoice opens the appointment",
            trigger: ".o_form_view .o_field_widget[name=client_id]",
        },
    ],
});
