import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {reactive} from "@odoo/owl";
import {CancelProgress} from "./cancel_progress";

/** So many are cancelled in one go; more, in steps of as many, with a progress bar. */
export const STEP = 25;

/** The cancellation page: Continue shows its progress when there are many. */
export class CancelFormController extends FormController {
    setup() {
        super.setup();
        this.actionService = useService("action");
        this.overlay = useService("overlay");
        this.notification = useService("notification");
    }

    /** @override */
    async beforeExecuteActionButton(clickParams) {
        const saved = await super.beforeExecuteActionButton(...arguments);
        const total = this.model.root.data.event_ids.count;
        if (clickParams.name === "action_cancel" && saved !== false && total > STEP) {
            const action = await this.cancelInSteps(total);
            if (action) {
                await this.actionService.doAction(action);
            }
            return false;
        }
        return saved;
    }

    /** @returns {Object|null} of a page that is too old: one that proposes anew */
    async cancelInSteps(total) {
        const {resModel, resId} = this.model.root;
        const progress = reactive({
            done: this.model.root.data.cancelled_count,
            total,
        });
        const removeOverlay = this.overlay.add(CancelProgress, {progress});
        try {
            while (progress.done < total) {
                const done = await this.orm.call(resModel, "action_cancel_some", [
                    [resId],
                    STEP,
                ]);
                if (typeof done !== "number") {
                    return done;
                }
                progress.done = done;
            }
        } catch (error) {
            if (progress.done) {
                this.notification.add(
                    _t(
                        "%(done)s of %(total)s appointments were cancelled; the others are unchanged.",
                        {done: progress.done, total}
                    ),
                    {type: "warning", sticky: true}
                );
            }
            throw error;
        } finally {
            removeOverlay();
            // The result page; after an error, what is left to do.
            await this.model.root.load();
        }
        return null;
    }
}

registry.category("views").add("noshow_cancel_form", {
    ...formView,
    Controller: CancelFormController,
});
