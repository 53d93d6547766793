import {formatCurrency} from "@web/core/currency";
import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {Component} from "@odoo/owl";

/** What the schedule's pop-over says about an appointment. */
export class AppointmentDetails extends Component {
    static template = "noshow_fees.AppointmentDetails";
    static props = {
        model: Object,
        record: Object,
        details: Object, // see `calendar.event.get_schedule_details`
    };

    /** The label of a selection's value, in the user's language. */
    label(fieldName, value) {
        return Object.fromEntries(this.props.model.fields[fieldName].selection)[value];
    }

    /** The time of the cancellation, in the user's time zone. */
    get cancelledOn() {
        return toLocaleDateTimeString(
            deserializeDateTime(this.props.details.cancelled_on)
        );
    }

    openClient() {
        return this.env.services.action.doAction(
            "noshow_fees.res_partner_action_client",
            {
                props: {resId: this.props.details.client_id[0]},
            }
        );
    }

    get feeAmount() {
        const {fee_amount, currency_id} = this.props.details;
        return formatCurrency(fee_amount, currency_id[0]);
    }
}
