/** The outcomes of an appointment that the schedule marks (`calendar.event.visit_state`). */

// By shape, not by colour alone: an icon for each.
export const VISIT_STATE_ICONS = {
    attended: "fa-check",
    cancelled: "fa-calendar-times-o",
    late_cancelled: "fa-clock-o",
    no_show: "fa-user-times",
};

export const CANCELLED_STATES = ["cancelled", "late_cancelled", "no_show"];

/** Name of the user's setting that keeps “Show Cancellations?” (`res.users.settings`). */
export const SHOW_CANCELLATIONS = "noshow_show_cancellations";
