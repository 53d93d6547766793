import {AutoComplete} from "@web/core/autocomplete/autocomplete";
import {Many2One} from "@web/views/fields/many2one/many2one";
import {Many2XAutocomplete} from "@web/views/fields/relational_utils";

/** Who chooses is told what is typed at that moment. What stock tells (`options`) is
 *  from when the list was filled: a quick click comes before that. */
class TypedAutocomplete extends AutoComplete {
    selectOption(option) {
        const {value} = this.inputRef.el;
        const typed = value === this.props.value ? "" : value.trim();
        super.selectOption({...option, onSelect: () => option.onSelect(typed)});
    }
}

class DropdownAutocomplete extends Many2XAutocomplete {
    static template = "noshow_fees.DropdownAutocomplete";
    static components = {
        ...Many2XAutocomplete.components,
        AutoComplete: TypedAutocomplete,
    };

    get autoCompleteProps() {
        return {...super.autoCompleteProps, menuCssClass: "o_noshow_choices"};
    }
}

/** What is typed is looked for on a phone, too. Stock opens a list of all records there
 *  (relational_utils.xml, `env.isSmall`), in which a choice of ours, as “New client…” or
 *  “No fee”, is missing. */
export class DropdownMany2One extends Many2One {
    static components = {
        ...Many2One.components,
        Many2XAutocomplete: DropdownAutocomplete,
    };
}
