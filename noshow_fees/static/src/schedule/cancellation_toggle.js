import {patch} from "@web/core/utils/patch";
import {CalendarSidePanel} from "@web/views/calendar/calendar_side_panel/calendar_side_panel";
import {CheckBox} from "@web/core/checkbox/checkbox";
import {Component} from "@odoo/owl";
import {CANCELLED_STATES, VISIT_STATE_ICONS} from "./visit_states";

/** “Show Cancellations?” in the calendar's side panel, with the legend when it is on. */
export class CancellationToggle extends Component {
    static template = "noshow_fees.CancellationToggle";
    static components = {CheckBox};
    static props = {model: Object};

    get legend() {
        const {visitStates} = this.props.model;
        return CANCELLED_STATES.map((state) => ({
            state,
            icon: VISIT_STATE_ICONS[state],
            label: visitStates[state],
        }));
    }
}

patch(CalendarSidePanel, {
    components: {...CalendarSidePanel.components, CancellationToggle},
});
