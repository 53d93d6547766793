import {registry} from "@web/core/registry";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {useKeptFocus} from "./kept_focus_hook";

/** Appointments whose outcomes are set row by row, by keyboard if one likes. */
export class AppointmentListRenderer extends ListRenderer {
    setup() {
        super.setup();
        useKeptFocus(this.rootRef, ".o_data_row");
    }

    /**
     * Enter presses a row's button. In stock's lists it opens the record, whatever has
     * the focus in it (web/views/list/list_renderer.js).
     *
     * @override
     */
    onCellKeydownReadOnlyMode(hotkey, cell) {
        const button = document.activeElement.closest("button");
        if (hotkey === "enter" && cell.contains(button)) {
            button.click();
            return true;
        }
        return super.onCellKeydownReadOnlyMode(...arguments);
    }
}

registry.category("views").add("noshow_appointment_list", {
    ...listView,
    Renderer: AppointmentListRenderer,
});
