import {patch} from "@web/core/utils/patch";
import {onMounted} from "@odoo/owl";
import {CalendarFormController} from "@calendar/views/calendar_form/calendar_form_controller";

patch(CalendarFormController.prototype, {
    setup() {
        super.setup();
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
