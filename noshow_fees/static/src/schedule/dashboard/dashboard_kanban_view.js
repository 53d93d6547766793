import {registry} from "@web/core/registry";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {useKeptFocus} from "../today/kept_focus_hook";
import {PracticeDashboard} from "./practice_dashboard";

/** Today's appointments, with the dashboard around them. */
export class DashboardKanbanRenderer extends KanbanRenderer {
    static template = "noshow_fees.DashboardKanbanRenderer";
    static components = {...KanbanRenderer.components, PracticeDashboard};

    setup() {
        super.setup();
        useKeptFocus(this.rootRef, ".o_kanban_record:not(.o_kanban_ghost)");
    }
}

registry.category("views").add("noshow_dashboard", {
    ...kanbanView,
    Renderer: DashboardKanbanRenderer,
});
