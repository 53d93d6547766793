import {FeeFigures} from "./fee_figures";
import {GraphController} from "@web/views/graph/graph_controller";
import {View} from "@web/views/view";
import {_t} from "@web/core/l10n/translation";
import {graphView} from "@web/views/graph/graph_view";
import {registry} from "@web/core/registry";

/** The graph of the fees with their figures above and two more graphs below, all of
 * them for what the search bar finds. */
export class FeeBoardController extends GraphController {
    static template = "noshow_fees.FeeBoard";
    static components = {...GraphController.components, FeeFigures, View};

    get graphs() {
        return [
            {title: _t("Open by age"), groupBy: "age", measure: "open_amount"},
            {
                title: _t("Missed visits by state of the fee"),
                groupBy: "fee_state",
                measure: "missed_count",
            },
        ].map(({title, groupBy, measure}) => ({
            title,
            props: {
                type: "graph",
                // The plain graph: this one would hold itself.
                viewId: false,
                resModel: this.props.resModel,
                domain: this.props.domain,
                context: {
                    ...this.props.context,
                    graph_groupbys: [groupBy],
                    graph_measure: measure,
                    graph_mode: "bar",
                },
                display: {controlPanel: false},
            },
        }));
    }
}

registry.category("views").add("noshow_fee_board", {
    ...graphView,
    Controller: FeeBoardController,
});
