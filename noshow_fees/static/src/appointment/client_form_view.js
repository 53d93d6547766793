import {registry} from "@web/core/registry";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {useFreshRecord} from "./fresh_record_hook";

/** The client's page: always fresh. */
export class ClientFormController extends FormController {
    setup() {
        super.setup();
        useFreshRecord(this);
    }
}

registry.category("views").add("noshow_client_form", {
    ...formView,
    Controller: ClientFormController,
});
