"""What a browser asks of a server: pages, by the fields that their views show."""

from xml.etree import ElementTree

LIST_LIMIT = 40
HIDDEN = ("1", "True")


def get_shown(node):
    """The fields of a view, those of the lists in it apart."""
    for child in node:
        if child.tag == "field":
            yield child
        elif child.tag != "groupby":
            yield from get_shown(child)


def get_specification(node, model, fields):
    """What the browser asks for to show this view (getFieldsSpec in
    web/static/src/model/relational_model/utils.js).

    :param node: the view, or one of the lists in it
    :param dict fields: `{model: {name: description}}`, of `get_views`
    """
    asked = {}
    for shown in get_shown(node):
        name, is_hidden = shown.get("name"), shown.get("invisible") in HIDDEN
        field = fields[model][name]
        entry = asked.setdefault(name, {})
        if field["type"] == "many2one":
            entry.setdefault("fields", {})
            if not is_hidden:
                entry["fields"]["display_name"] = {}
        elif field["type"] in ("one2many", "many2many") and not is_hidden:
            inner = next((tag for tag in shown if tag.tag in ("list", "kanban")), None)
            if inner is not None:
                below = get_specification(inner, field["relation"], fields)
                entry.update(fields=below, limit=LIST_LIMIT)
            elif shown.get("widget", "").startswith("many2many"):
                entry["fields"] = {"display_name": {}}
    return asked


class Browser:
    """Of somebody who has logged in (`Session`). It keeps its views."""

    def __init__(self, session):
        self.call = session.call
        self._views = {}

    def get_view(self, model, view=False):
        """:return: what the form of a model asks for"""
        if (model, view) not in self._views:
            found = self.call(model, "get_views", [(view, "form")])
            fields = {name: of["fields"] for name, of in found["models"].items()}
            arch = ElementTree.fromstring(found["views"]["form"]["arch"])  # noqa: S314
            self._views[model, view] = get_specification(arch, model, fields)
        return self._views[model, view]
