import {BadgeField, badgeField} from "@web/views/fields/badge/badge_field";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** Where a fee stands. Its credit notes are listed beside it, and say what they are. */
export class FeeStateField extends BadgeField {
    get formattedValue() {
        const isNote = this.props.record.data.move_type === "out_refund";
        return isNote ? _t("Credit note") : super.formattedValue;
    }
}

registry.category("fields").add("noshow_fee_state", {
    ...badgeField,
    component: FeeStateField,
    displayName: _t("State of a fee"),
    fieldDependencies: [{name: "move_type", type: "selection"}],
    supportedTypes: ["selection"],
});
