import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {Component, xml} from "@odoo/owl";

/** The start of an appointment of today: its time, without the date. */
export class TimeField extends Component {
    static template = xml`<time t-out="formattedValue"/>`;
    static props = {...standardFieldProps};

    get formattedValue() {
        const {data} = this.props.record;
        if (data.allday) {
            return _t("All day");
        }
        return data[this.props.name].toLocaleString(luxon.DateTime.TIME_SIMPLE);
    }
}

registry.category("fields").add("noshow_time", {
    component: TimeField,
    displayName: _t("Time of day"),
    supportedTypes: ["datetime"],
    fieldDependencies: [{name: "allday", type: "boolean"}],
});
