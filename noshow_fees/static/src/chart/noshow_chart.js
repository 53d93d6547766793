import {Component, useExternalListener, xml} from "@odoo/owl";
import {HtmlField, htmlField} from "@html_editor/fields/html_field";
import {RelationalModel} from "@web/model/relational_model/relational_model";
import {_t} from "@web/core/l10n/translation";
import {View} from "@web/views/view";
import {formView} from "@web/views/form/form_view";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/** Odoo keeps what views have loaded in the browser's storage; not so the chart. */
class ChartModel extends RelationalModel {
    static withCache = false;
}

registry
    .category("views")
    .add("noshow_chart_kanban", {...kanbanView, Model: ChartModel});
registry.category("views").add("noshow_chart_form", {...formView, Model: ChartModel});

// A note is text: nothing to upload, to load from elsewhere, or to send elsewhere.
const LEFT_OUT_PLUGINS = new Set([
    "banner",
    "chatgpt_translate",
    "column",
    "dblclickImagePreview",
    "file",
    "icon",
    "iconColor",
    "image",
    "imageCrop",
    "imagePostProcess",
    "imageSave",
    "media",
    "mediaUrlPaste",
    "star",
    "video",
    "youtube",
]);

/** Tab goes on to the next field, as in any form; in a list it indents, as in Odoo. */
function leaveOnTab(ev) {
    const {anchorNode} = document.getSelection();
    const inList = (anchorNode?.parentElement || anchorNode)?.closest?.("li");
    if (
        ev.key === "Tab" &&
        ev.target.closest?.(".o_field_noshow_chart_text") &&
        !inList
    ) {
        // The editor would insert a tab stop; without it, the browser moves on.
        ev.stopPropagation();
    }
}

/** The editor of a note; text that the server cannot keep is refused there. */
export class NoshowChartText extends HtmlField {
    setup() {
        super.setup();
        useExternalListener(window, "keydown", leaveOnTab, {capture: true});
    }

    getConfig() {
        const config = super.getConfig();
        config.Plugins = config.Plugins.filter(({id}) => !LEFT_OUT_PLUGINS.has(id));
        return config;
    }
}

registry.category("fields").add("noshow_chart_text", {
    ...htmlField,
    component: NoshowChartText,
    additionalClasses: ["o_field_html"],
    extractProps: (info, dynamicInfo) => ({
        ...htmlField.extractProps(info, dynamicInfo),
        embeddedComponents: false,
    }),
});

/**
 * The chart of a client, or what was written about one appointment: a view of its own
 * inside of a form, with its filters and pages. A notebook draws a page when it is
 * opened, so nothing of the chart is read (and logged) before.
 *
 * Attribute `link`: the field of the chart entry that points to the form's record.
 */
export class NoshowChart extends Component {
    static template = xml`<View t-props="viewProps" t-key="props.record.resId" />`;
    static components = {View};
    static props = {...standardWidgetProps, link: String};

    get viewProps() {
        const {data, resId} = this.props.record;
        const context =
            this.props.link === "client_id"
                ? {default_client_id: resId}
                : {default_client_id: data.client_id.id, default_appointment_id: resId};
        return {
            type: "kanban",
            resModel: "noshow.chart.entry",
            domain: [
                [this.props.link, "=", resId],
                ["parent_id", "=", false],
            ],
            context,
            display: {searchPanel: false},
            noBreadcrumbs: true,
            searchViewId: false,
            noContentHelp: _t("There is no note here that you may read."),
        };
    }
}

registry.category("view_widgets").add("noshow_chart", {
    component: NoshowChart,
    extractProps: ({attrs}) => ({link: attrs.link}),
});
