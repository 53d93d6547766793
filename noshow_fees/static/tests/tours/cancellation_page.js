/** Steps on the cancellation page, the same wherever it was opened from. */

export const REASON = "Forgot, wants a new date";

export function noShowSteps() {
    return [
        {
            content: "Choose the outcome",
            trigger: ".modal [name=visit_state] .o_radio_item:contains(No-show) input",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal [name=reason] textarea",
            run: `edit ${REASON}`,
        },
        {
            content: "The practice's fee is proposed",
            trigger: ".modal [name=product_id] input:value(NOSHOW)",
        },
        {
            content: "Continue",
            trigger:
                ".modal .modal-footer button[name=action_cancel]:contains(Continue)",
            run: "click",
        },
        ...closeResultSteps("No-show"),
    ];
}

export function closeResultSteps(text) {
    return [
        {
            content: "It says what happened",
            trigger: `.modal .o_noshow_result:contains(${text})`,
        },
        {
            content: "Close",
            trigger: ".modal .modal-footer button:contains(Close)",
            run: "click",
        },
        {content: "Closed", trigger: "body:not(:has(.modal))"},
    ];
}
