import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {KeepLast} from "@web/core/utils/concurrency";
import {_t} from "@web/core/l10n/translation";
import {formatCurrency} from "@web/core/currency";
import {formatInteger} from "@web/views/fields/formatters";
import {formatRate} from "../rates/rate_formatter";
import {useService} from "@web/core/utils/hooks";
import {user} from "@web/core/user";

const formatAmount = (value) => formatCurrency(value, user.activeCompany.currency_id);
const sums = (names, format) =>
    names.map((name) => ({
        name,
        aggregate: `${name}:sum`,
        format: (value) => format(value || 0),
    }));
const FIGURES = [
    ...sums(
        [
            "charged",
            "waived",
            "revenue",
            "collected",
            "refunded",
            "open_amount",
            "processing_fee",
        ],
        formatAmount
    ),
    ...sums(["fee_count", "missed_count"], formatInteger),
    {
        name: "fee_rate",
        aggregate: "fee_rate:avg",
        format: (rate) => formatRate(rate) || "–",
        // Which were not charged is what one asks next.
        title: _t("Missed without a fee"),
        listed: [["move_type", "=", false]],
    },
];

/** The figures of all that the search finds; a click lists what they are made of. */
export class FeeFigures extends Component {
    static template = "noshow_fees.FeeFigures";
    static props = {context: Object, domain: Array, fields: Object, resModel: String};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({values: {}});
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((props) => {
            // Not awaited: the graphs do not wait for the figures.
            this.load(props);
        });
    }

    async load({resModel, domain, context}) {
        const [values] = await this.keepLast.add(
            this.orm.formattedReadGroup(
                resModel,
                domain,
                [],
                FIGURES.map(({aggregate}) => aggregate),
                {context}
            )
        );
        this.state.values = values;
    }

    get figures() {
        return FIGURES.map((figure) => {
            const {string, help} = this.props.fields[figure.name];
            const value = figure.format(this.state.values[figure.aggregate]);
            return {...figure, label: string, help, value};
        });
    }

    open({name, label, title, listed}) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: title || _t("Fees: %s", label),
            res_model: this.props.resModel,
            views: [[false, "list"]],
            domain: [...this.props.domain, ...(listed || [[name, "!=", 0]])],
        });
    }
}
