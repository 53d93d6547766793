import {BadgeField, badgeField} from "@web/views/fields/badge/badge_field";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {CANCELLED_STATES, VISIT_STATE_ICONS} from "@noshow_fees/schedule/visit_states";

/** The outcome of an appointment: in words, with an icon, and in colour. */
export class VisitStateField extends BadgeField {
    static template = "noshow_fees.VisitStateField";

    get state() {
        return this.props.record.data[this.props.name];
    }

    get icon() {
        return VISIT_STATE_ICONS[this.state];
    }

    get badgeClass() {
        if (CANCELLED_STATES.includes(this.state)) {
            return "text-bg-danger";
        }
        return this.state === "attended" ? "text-bg-success" : "text-bg-300";
    }
}

registry.category("fields").add("noshow_visit_state", {
    ...badgeField,
    component: VisitStateField,
    displayName: _t("Outcome of an appointment"),
    supportedTypes: ["selection"],
});
