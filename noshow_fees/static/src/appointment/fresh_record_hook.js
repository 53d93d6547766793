import {useBus, useService} from "@web/core/utils/hooks";
import {onMounted, onWillUnmount} from "@odoo/owl";

/**
 * Load the record of a form anew whenever a dialog over it has been closed: what was
 * done there (a fee changed, a charge) shows in other tabs and in the sums on top, which
 * stock reloads for the form's own buttons only. What somebody is typing is kept.
 *
 * @param {Object} controller a `FormController`
 */
export function useFreshRecord(controller) {
    const ui = useService("ui");
    let mounted = false;
    onMounted(() => {
        mounted = true;
    });
    onWillUnmount(() => {
        mounted = false;
    });
    useBus(ui.bus, "active-element-changed", async () => {
        const {root} = controller.model;
        const isBelow = ui.activeElement === document;
        if (!mounted || !isBelow || controller.env.inDialog || !root.resId) {
            return;
        }
        if (!(await root.isDirty())) {
            await root.load();
        }
    });
}
