import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {
    buildM2OFieldDescription,
    Many2OneField,
} from "@web/views/fields/many2one/many2one_field";
import {DropdownMany2One} from "./dropdown_many2one";

// What somebody types who looks for a phone number.
const PHONE = /^[\d\s()+./-]{4,}$/;

/** Whom to book for: found among all contacts; a new client is asked for by name and
 *  phone in the form itself (fields `is_new_client`, `new_name` and so on). */
export class ClientField extends Many2OneField {
    static components = {...Many2OneField.components, Many2One: DropdownMany2One};

    get m2oProps() {
        const props = super.m2oProps;
        const {record} = this.props;
        const newClient = (typed) => {
            const isPhone = PHONE.test(typed);
            const isEmail = typed.includes("@");
            return record.update({
                [this.props.name]: false,
                is_new_client: true,
                new_name: isPhone || isEmail ? "" : typed,
                new_phone: isPhone ? typed : "",
                new_email: isEmail ? typed : "",
            });
        };
        return {
            ...props,
            otherSources: record.data.may_create_client
                ? [
                      {
                          options: () => [
                              {
                                  cssClass: "o_m2o_dropdown_option o_noshow_new_client",
                                  label: _t("New client…"),
                                  // As typed by now (`TypedAutocomplete`).
                                  onSelect: newClient,
                              },
                          ],
                      },
                  ]
                : [
                      {
                          options: () => [
                              {
                                  cssClass: "o_m2o_no_result o_noshow_no_new_client",
                                  label: _t(
                                      "New clients: ask the front desk or the Owner."
                                  ),
                              },
                          ],
                      },
                  ],
        };
    }
}

registry.category("fields").add("noshow_client", {
    ...buildM2OFieldDescription(ClientField),
    displayName: _t("Client"),
});
