import {GraphModel} from "@web/views/graph/graph_model";
import {graphView} from "@web/views/graph/graph_view";
import {registry} from "@web/core/registry";

/** A graph that does not add up rates: they stand side by side, without a line of their
 * sum above. */
export class RateGraphModel extends GraphModel {
    _prepareData() {
        const wasRate = this.isRate;
        const {fields, measure} = this.metaData;
        this.isRate = fields[measure]?.aggregator === "avg";
        if (this.isRate) {
            Object.assign(this.metaData, {stacked: false, cumulated: false});
        } else if (wasRate) {
            this.metaData.stacked = true;
        }
        super._prepareData(...arguments);
    }

    /** @override `GraphModel` takes what is not there for 0. */
    _getData() {
        const data = super._getData(...arguments);
        if (this.isRate && this.metaData.groupBy.length > 1) {
            for (const dataset of data.datasets) {
                dataset.data = dataset.data.map((rate, index) =>
                    dataset.domains[index].length ? rate : null
                );
            }
        }
        return data;
    }
}

export const rateGraphView = {
    ...graphView,
    Model: RateGraphModel,
    buttonTemplate: "noshow_fees.RateGraph.Buttons",
};

registry.category("views").add("noshow_rate_graph", rateGraphView);
