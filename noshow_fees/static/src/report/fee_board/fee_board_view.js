import {FeeFigures} from "./fee_figures";
import {GraphController} from "@web/views/graph/graph_controller";
import {GraphRenderer} from "@web/views/graph/graph_renderer";
import {View} from "@web/views/view";
import {_t} from "@web/core/l10n/translation";
import {onWillUpdateProps} from "@odoo/owl";
import {rateGraphView} from "../rates/rate_graph_view";
import {registry} from "@web/core/registry";
import {useBus} from "@web/core/utils/hooks";

/** The graph of the fees with their figures above and two more graphs below, all of
 * them for what the search bar finds. */
export class FeeBoardController extends GraphController {
    static template = "noshow_fees.FeeBoard";
    static components = {...GraphController.components, FeeFigures, View};

    setup() {
        super.setup();
        this.graphs = this.getGraphs(this.props);
        onWillUpdateProps((props) => {
            this.graphs = this.getGraphs(props);
        });
    }

    /** @override Not deeply, as `useModelWithSampleData` (web/model/model.js) asks for:
     * another measure would load the figures and the other graphs anew, too. */
    render() {
        super.render();
    }

    getGraphs({resModel, domain, context}) {
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
                resModel,
                domain,
                context: {
                    ...context,
                    graph_groupbys: [groupBy],
                    graph_measure: measure,
                    graph_mode: "bar",
                },
                display: {controlPanel: false},
            },
        }));
    }
}

/** Renders itself, since the controller does so without it. */
export class FeeBoardRenderer extends GraphRenderer {
    setup() {
        super.setup();
        useBus(this.model.bus, "update", () => this.render());
    }
}

registry.category("views").add("noshow_fee_board", {
    ...rateGraphView,
    Controller: FeeBoardController,
    Renderer: FeeBoardRenderer,
});
