import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {KeepLast} from "@web/core/utils/concurrency";
import {_t} from "@web/core/l10n/translation";
import {formatCurrency} from "@web/core/currency";
import {formatInteger} from "@web/views/fields/formatters";
import {useService} from "@web/core/utils/hooks";
import {user} from "@web/core/user";

const AMOUNTS = [
    "charged",
    "waived",
    "revenue",
    "collected",
    "refunded",
    "open_amount",
    "processing_fee",
];
const MEASURES = [...AMOUNTS, "fee_count"];

/** The sums of all fees that the search finds; a click lists them. */
export class FeeFigures extends Component {
    static template = "noshow_fees.FeeFigures";
    static props = {context: Object, domain: Array, fields: Object, resModel: String};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({sums: {}});
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((props) => this.load(props));
    }

    async load({resModel, domain, context}) {
        const [sums] = await this.keepLast.add(
            this.orm.formattedReadGroup(
                resModel,
                domain,
                [],
                MEASURES.map((name) => `${name}:sum`),
                {context}
            )
        );
        this.state.sums = sums;
    }

    get figures() {
        return MEASURES.map((name) => {
            const sum = this.state.sums[`${name}:sum`] || 0;
            const isAmount = AMOUNTS.includes(name);
            return {
                name,
                label: this.props.fields[name].string,
                help: this.props.fields[name].help || "",
                value: isAmount
                    ? formatCurrency(sum, user.activeCompany.currency_id)
                    : formatInteger(sum),
            };
        });
    }

    open({name, label}) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Fees: %s", label),
            res_model: this.props.resModel,
            views: [[false, "list"]],
            domain: [...this.props.domain, [name, "!=", 0]],
        });
    }
}
