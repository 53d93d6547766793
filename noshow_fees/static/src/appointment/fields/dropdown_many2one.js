import {Many2One} from "@web/views/fields/many2one/many2one";
import {Many2XAutocomplete} from "@web/views/fields/relational_utils";

class DropdownAutocomplete extends Many2XAutocomplete {
    static template = "noshow_fees.DropdownAutocomplete";
}

/** What is typed is looked for on a phone, too. Stock opens a list of all records there
 *  (relational_utils.xml, `env.isSmall`), in which a choice of ours, as “New client…”, is
 *  missing. */
export class DropdownMany2One extends Many2One {
    static components = {
        ...Many2One.components,
        Many2XAutocomplete: DropdownAutocomplete,
    };
}
