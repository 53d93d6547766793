import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {CalendarModel} from "@web/views/calendar/calendar_model";
import {showNotice} from "./notice";

/** A drag of an appointment says what it did, and can be undone; inside the notice it
 *  asks on whose behalf it was. */
patch(CalendarModel.prototype, {
    /** @override */
    async updateRecord(record, options = {}) {
        if (!this.records?.[record.id]?.isAppointment) {
            return super.updateRecord(...arguments);
        }
        const vals = this.buildRawRecord(record, options);
        delete vals.name; // as stock: a name is not changed by a drag
        let notice = false;
        try {
            notice = await this.orm.call(
                this.meta.resModel,
                "action_move",
                [[this.records[record.id].id], vals],
                {context: this.meta.context}
            );
        } finally {
            // Also when the server refused: it stands where it was.
            await this.load();
        }
        if (notice) {
            showNotice(this.env, notice, () => this.load());
            if (notice.ask) {
                this.askWhoMoved(notice.undo_id);
            }
        }
        return undefined;
    },

    askWhoMoved(undoId) {
        const answer = (movedFor) =>
            this.orm.call("calendar.event.undo", "set_moved_for", [[undoId], movedFor]);
        this.env.services.dialog.add(ConfirmationDialog, {
            title: _t("Who asked for the move?"),
            body: _t(
                "It was inside the notice. When the client asked for it, a later cancellation still counts as late."
            ),
            confirmLabel: _t("The client"),
            confirm: () => answer("client"),
            cancelLabel: _t("The practice"),
            cancel: () => answer("practice"),
            // Closed without an answer: as the practice's.
            dismiss: () => null,
        });
    },
});
