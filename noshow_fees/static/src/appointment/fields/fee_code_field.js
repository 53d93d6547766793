import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {
    buildM2OFieldDescription,
    Many2OneField,
} from "@web/views/fields/many2one/many2one_field";

/** A fee code, where “No fee” is a choice like any other. */
export class FeeCodeField extends Many2OneField {
    get m2oProps() {
        const props = super.m2oProps;
        const isRequired = this.props.record.isFieldRequired?.(this.props.name);
        return {
            ...props,
            otherSources: [
                {
                    options: () => [
                        {
                            cssClass: "o_m2o_dropdown_option o_noshow_no_fee",
                            label: _t("No fee"),
                            onSelect: () => props.update(false),
                        },
                    ],
                },
            ].filter(() => !isRequired),
        };
    }
}

registry.category("fields").add("noshow_fee_code", {
    ...buildM2OFieldDescription(FeeCodeField),
    displayName: _t("Fee code"),
});
