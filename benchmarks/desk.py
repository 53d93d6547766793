"""From the click on *Cancel* to the page that says what happened."""

from lxml import etree

from odoo.service.model import call_kw

from .screens import specification

#: What somebody at the desk leaves as it was proposed, and sends along.
PROPOSED = ("visit_state", "product_id", "amount", "opening", "cancel_initiator")


class Desk:
    """To be mixed into `Bench`."""

    def measure_desk(self):
        model = "calendar.event.cancel"
        views = {}

        def read_view(view):
            """The browser keeps views."""
            if view not in views:
                found = self.as_biller[model].get_views([view])
                arch = etree.fromstring(found["views"]["form"]["arch"])
                views[view] = specification(self.as_biller[model], arch)
            return views[view]

        def ask(name, method, *args, **kwargs):
            # A call of its own finds nothing in memory.
            self.env.cr.flush()
            self.env.invalidate_all()
            self.calls += 1
            return call_kw(self.as_biller[name], method, args, kwargs)

        def cancel(event):
            self.calls = 0
            page = ask("calendar.event", "action_open_cancel", event.ids)
            context = page["context"]
            asked = read_view((False, "form"))
            answer = ask(model, "onchange", [], {}, [], asked, context=context)
            values = answer["value"]
            vals = {name: values[name] for name in PROPOSED}
            vals["product_id"] = vals["product_id"] and vals["product_id"]["id"]
            vals |= {"event_ids": [(4, event.id)], "reason": "Ill"}
            result = ask(model, "web_cancel", [], vals, context=context)
            ask(model, "web_read", [result["res_id"]], read_view(result["views"][0]))

        self._compare(
            lambda: (
                f"a no-show at the desk, in {self.calls} calls: from click to result"
            ),
            self._new_appointment,
            addon=cancel,
        )
