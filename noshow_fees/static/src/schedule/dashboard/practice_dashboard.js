import {formatCurrency} from "@web/core/currency";
import {deserializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";

/** Fees of the month, a chart of the last weeks, and what needs attention. */
export class PracticeDashboard extends Component {
    static template = "noshow_fees.PracticeDashboard";
    // The list below: whenever it is loaded anew, so are the figures.
    static props = {list: Object};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({data: null});
        onWillStart(() => this.load());
        onWillUpdateProps(() => {
            // Not awaited: the list does not wait for the figures.
            this.load();
        });
    }

    async load() {
        this.state.data = await this.keepLast.add(
            this.orm.call("calendar.event", "retrieve_practice_dashboard")
        );
    }

    get figures() {
        return this.state.data.figures;
    }

    get month() {
        const {month} = this.figures;
        return [
            {
                name: "charged",
                label: _t("Billed"),
                help: _t("Fees billed this month, taxes included"),
            },
            {
                name: "collected",
                label: _t("Received"),
                help: _t(
                    "For fees billed this month: money, and credit that was used. What came in this month is in the reports."
                ),
            },
            {name: "open", label: _t("Open")},
            {
                name: "waived",
                label: _t("Waived or written off"),
                help: _t("Of the fees billed this month"),
            },
        ].map((figure) => ({...figure, amount: this.format(month[figure.name])}));
    }

    /** The bars of the chart: what became of the fees of each week, in percent. */
    get weeks() {
        const highest = Math.max(...this.figures.weeks.map((week) => week.charged));
        return this.figures.weeks.map((week) => ({
            label: deserializeDate(week.start).toLocaleString({
                month: "short",
                day: "numeric",
            }),
            amounts: this.month.map(({name, label}) => ({
                name,
                label,
                amount: this.format(week[name]),
                height: highest && (100 * week[name]) / highest,
            })),
        }));
    }

    get hasFees() {
        return this.figures.weeks.some((week) => week.charged);
    }

    get attention() {
        const counts = this.state.data.attention;
        return [
            {kind: "declined", icon: "fa-credit-card", label: _t("Declined cards")},
            {
                kind: "unanswered",
                icon: "fa-question-circle",
                label: _t("Charges without an answer"),
            },
            {
                kind: "outcome",
                icon: "fa-calendar-o",
                label: _t("Appointments without an outcome"),
            },
        ]
            .map((item) => ({...item, count: counts[item.kind]}))
            .filter((item) => item.count);
    }

    format(amount) {
        return formatCurrency(amount, this.figures.currency_id);
    }

    tooltip(week) {
        const lines = week.amounts.map(({label, amount}) => `${label}: ${amount}`);
        return [_t("Week of %s", week.label), ...lines].join("\n");
    }

    async openAttention(kind) {
        this.action.doAction(
            await this.orm.call("calendar.event", "action_open_attention", [kind])
        );
    }
}
