import {registry} from "@web/core/registry";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {PracticeDashboard} from "./practice_dashboard";

export class DashboardKanbanRenderer extends KanbanRenderer {
    static template = "noshow_fees.DashboardKanbanRenderer";
    static components = {...KanbanRenderer.components, PracticeDashboard};
}

registry.category("views").add("noshow_dashboard", {
    ...kanbanView,
    Renderer: DashboardKanbanRenderer,
});
