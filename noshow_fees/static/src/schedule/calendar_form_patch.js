import {patch} from "@web/core/utils/patch";
import {onMounted} from "@odoo/owl";
import {useFreshRecord} from "@noshow_fees/appointment/fresh_record_hook";
import {CalendarFormController} from "@calendar/views/calendar_form/calendar_form_controller";
import {CalendarQuickCreateFormController} from "@calendar/views/calendar_form/calendar_quick_create";

patch(CalendarFormController.prototype, {
    setup() {
        super.setup();
        useFreshRecord(this);
        // A notebook opens at a page by its number only, which depends on the arch
        // (web/views/form/form_compiler.js).
        onMounted(() => {
            if (this.props.context.noshow_open_billing) {
                this.rootRef.el
                    .querySelector(".nav-link[name='noshow_billing']")
                    ?.click();
            }
        });
    },
});

patch(CalendarQuickCreateFormController.prototype, {
    /**
     * “More Options” takes client and provider along: stock passes on the fields that it
     * knows, and the context of the dialog.
     *
     * @override
     */
    goToFullEvent() {
        const {client_id, user_id} = this.model.root.data;
        if (client_id) {
            Object.assign(this.props.context, {
                default_client_id: client_id.id,
                default_user_id: user_id && user_id.id,
            });
        }
        return super.goToFullEvent(...arguments);
    },
});
