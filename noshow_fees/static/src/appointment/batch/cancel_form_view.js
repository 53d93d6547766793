import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {reactive} from "@odoo/owl";
import {CancelProgress} from "./cancel_progress";

/** So many are cancelled in one go; more, in steps of as many, with a progress bar. */
export const STEP = 25;

/** The cancellation page: Continue saves and cancels in one call of the server, and
 *  shows its progress when there are many. */
export class CancelFormController extends FormController {
    setup() {
        super.setup();
        this.actionService = useService("action");
        this.overlay = useService("overlay");
        this.notification = useService("notification");
    }

    /** @override */
    async beforeExecuteActionButton(clickParams) {
        if (clickParams.name !== "action_cancel") {
            return super.beforeExecuteActionButton(...arguments);
        }
        const total = this.model.root.data.event_ids.count;
        let action = null;
        if (total <= STEP) {
            action = await this.cancelAtOnce();
        } else if ((await super.beforeExecuteActionButton(...arguments)) !== false) {
            action = await this.cancelInSteps(total);
        }
        if (action) {
            await this.actionService.doAction(action);
        }
        return false;
    }

    /** @returns {Object|null} what comes next; none of a page that lacks something */
    async cancelAtOnce() {
        const {root} = this.model;
        if (!(await root.checkValidity({displayNotification: true}))) {
            return null;
        }
        return this.orm.call(
            root.resModel,
            "web_cancel",
            [root.resId ? [root.resId] : [], await root.getChanges()],
            {context: root.context}
        );
    }

    /** @returns {Object} the page that says what happened; of one that is too old, a
     *  page that proposes anew */
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
            return await this.orm.call(resModel, "action_look_again", [[resId]]);
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
            // What is left to do.
            await this.model.root.load();
            throw error;
        } finally {
            removeOverlay();
        }
    }
}

registry.category("views").add("noshow_cancel_form", {
    ...formView,
    Controller: CancelFormController,
});
