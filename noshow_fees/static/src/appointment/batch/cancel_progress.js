import {useActiveElement} from "@web/core/ui/ui_service";
import {Component, useState} from "@odoo/owl";

/** How far a long batch is. Covers the page, so that nobody closes it meanwhile. */
export class CancelProgress extends Component {
    static template = "noshow_fees.CancelProgress";
    static props = {progress: Object};

    setup() {
        this.progress = useState(this.props.progress);
        useActiveElement("root");
    }
}
