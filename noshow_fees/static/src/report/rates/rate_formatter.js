import {formatPercentage} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";

/** A rate in percent, and nothing where there was nothing to rate. */
export function formatRate(value, options) {
    return typeof value === "number" ? formatPercentage(value, options) : "";
}
formatRate.extractOptions = formatPercentage.extractOptions;

registry.category("formatters").add("noshow_rate", formatRate);
