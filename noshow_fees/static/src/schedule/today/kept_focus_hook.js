import {useEffect, useExternalListener} from "@odoo/owl";

const FOCUSABLE = "button:not(:disabled), input";

/**
 * Keep the focus on a row when the list is loaded anew after one of its buttons.
 *
 * The button that was pressed is gone then, and the focus with it: whoever works by
 * keyboard would start over at the top of the page for every appointment. A row that
 * has left the list passes the focus on to the one that took its place.
 *
 * @param {{el: HTMLElement | null}} rootRef
 * @param {string} rowSelector
 */
export function useKeptFocus(rootRef, rowSelector) {
    let focused = -1;
    const rows = () => [...(rootRef.el?.querySelectorAll(rowSelector) || [])];

    useExternalListener(document, "focusin", ({target}) => {
        // A dialog gives the focus back when it closes.
        if (!target.closest(".o_dialog")) {
            focused = rows().findIndex((row) => row.contains(target));
        }
    });

    useEffect(() => {
        if (focused >= 0 && document.activeElement === document.body) {
            const row = rows()[Math.min(focused, rows().length - 1)];
            (row?.querySelector(FOCUSABLE) || row)?.focus();
        }
    });
}
