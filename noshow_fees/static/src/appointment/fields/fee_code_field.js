import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {
    buildM2OFieldDescription,
    extractM2OFieldProps,
    Many2OneField,
} from "@web/views/fields/many2one/many2one_field";
import {DropdownMany2One} from "./dropdown_many2one";

/** A fee code, where “No fee” is a choice like any other. With the option `none_button`
 *  it stands beside the field, too: one click instead of two. */
export class FeeCodeField extends Many2OneField {
    static template = "noshow_fees.FeeCodeField";
    static components = {...Many2OneField.components, Many2One: DropdownMany2One};
    static props = {
        ...Many2OneField.props,
        hasNoneButton: {type: Boolean, optional: true},
    };

    get noneLabel() {
        return _t("No fee");
    }

    get showsNoneButton() {
        const {hasNoneButton, name, readonly, record} = this.props;
        return hasNoneButton && !readonly && Boolean(record.data[name]);
    }

    chooseNone() {
        return this.props.record.update({[this.props.name]: false});
    }

    get m2oProps() {
        return {
            ...super.m2oProps,
            otherSources: [
                {
                    options: () => [
                        {
                            cssClass: "o_m2o_dropdown_option o_noshow_no_fee",
                            label: this.noneLabel,
                            onSelect: () => this.chooseNone(),
                        },
                    ],
                },
            ],
        };
    }
}

registry.category("fields").add("noshow_fee_code", {
    ...buildM2OFieldDescription(FeeCodeField),
    displayName: _t("Fee code"),
    extractProps: (staticInfo, dynamicInfo) => ({
        ...extractM2OFieldProps(staticInfo, dynamicInfo),
        hasNoneButton: Boolean(staticInfo.options.none_button),
    }),
});

/** The service that is booked: a code, too, but none of it is not “No fee”. */
export class ServiceField extends FeeCodeField {
    get noneLabel() {
        return _t("Not on record");
    }
}

registry.category("fields").add("noshow_service", {
    ...buildM2OFieldDescription(ServiceField),
    displayName: _t("Service"),
});
