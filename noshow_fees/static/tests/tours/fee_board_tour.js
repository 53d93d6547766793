/* global Chart */
import {rpcBus} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";

const calls = [];

function assertEqual(found, expected) {
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
        throw new Error(`${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
    }
}

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
            content: "Another measure",
            trigger: ".o_graph_renderer .dropdown-toggle:contains(Measures):visible",
            run: "click",
        },
        {
            trigger: ".o_popover .o_menu_item:contains(Fee Rate)",
            run(actions) {
                rpcBus.addEventListener("RPC:REQUEST", ({detail}) =>
                    calls.push(detail.url)
                );
                return actions.click();
            },
        },
        {
            content: "Rates are not added up",
            trigger:
                ".o_noshow_fee_board .o_graph_renderer:first:not(:has([aria-label=Stacked])) canvas",
            run() {
                const {data, options} = Chart.getChart(this.anchor).config;
                assertEqual(
                    data.datasets.map((dataset) => dataset.data),
                    [[0], [1]]
                );
                assertEqual(
                    data.datasets.filter(({stack}) => stack !== undefined),
                    []
                );
                assertEqual(options.scales.y.ticks.callback(0.5), "50%");
                // What stands around the graph is as it was.
                assertEqual(calls.length, 1);
            },
        },
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
