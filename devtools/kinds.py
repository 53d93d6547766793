"""Kinds of mistakes that have been made here, found in the code: ``python -m
devtools.kinds [ODOO]``, a part of ``./dev lint``.

Nothing is imported or run. Whether a method exists in Odoo is looked up in its source,
in the modules that the addon depends on.
"""

import ast
import sys
from collections import defaultdict
from pathlib import Path

from .settings import ADDON, ROOT

#: Folders of models; in the first and the second each folder is a subject.
MODEL_FOLDERS = ("models", "wizards", "report")
#: What models may import beside each other.
SHARED = ("const", "tools")
OURS = (ADDON, f"odoo.addons.{ADDON}")
#: Loggers of libraries that nobody but this addon uses in an Odoo: Stripe's SDK (Odoo's
#: own payment_stripe sends its requests itself).
OUR_LIBRARIES = ("stripe",)


class Finding(Exception):
    """A mistake: where, and what is wrong."""

    def __init__(self, path, node, message):
        self.path = path
        self.line = getattr(node, "lineno", 1)
        super().__init__(f"{path}:{self.line}: {message}")


class Module:
    """A Python file of the addon."""

    def __init__(self, path, source):
        self.path = Path(path)  # within the addon
        self.tree = ast.parse(source)
        self.classes = [
            (model, node)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ClassDef) and (model := model_name(node))
        ]

    @property
    def folder(self):
        return self.path.parts[0]

    @property
    def subject(self):
        return self.path.parts[:-1]

    @property
    def is_test(self):
        return self.folder == "tests"


def constant(class_node, name):
    for statement in class_node.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name
            for target in statement.targets
        ):
            try:
                return ast.literal_eval(statement.value)
            except ValueError:
                return None
    return None


def model_name(class_node):
    """The model that a class makes or extends; None for another class."""
    inherit = constant(class_node, "_inherit")
    if isinstance(inherit, (list, tuple)):
        inherit = inherit[0] if inherit else None
    return constant(class_node, "_name") or inherit


def parents(class_node):
    inherit = constant(class_node, "_inherit") or ()
    return (inherit,) if isinstance(inherit, str) else tuple(inherit)


def methods(class_node):
    return [
        node
        for node in class_node.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


# ------------------------------------------------------------
# THE HOUSE
# ------------------------------------------------------------


def calls_super(method):
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == method.name
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "super"
        for node in ast.walk(method)
    )


def overridden_twice(modules):
    """No subject defines a method of Odoo's model twice: the second would hide the
    first, or their order would be that of two imports. A model of ours may be built up
    in several files, each adding to what it finds."""
    ours = {
        model
        for module in modules
        for model, node in module.classes
        if constant(node, "_name") and model not in parents(node)
    }
    seen = {}
    for module in modules:
        if module.folder not in MODEL_FOLDERS:
            continue
        for model, node in module.classes:
            for method in methods(node):
                key = (module.subject, model, method.name)
                if key in seen and not (model in ours and calls_super(method)):
                    yield Finding(
                        module.path,
                        method,
                        f"{model}.{method.name} is in {seen[key]}, of the same subject,"
                        " already: join them",
                    )
                seen.setdefault(key, module.path)


def named_by_another(modules):
    """A file bears its model's name, or that and what of the model it holds."""
    for module in modules:
        if module.folder not in MODEL_FOLDERS:
            continue
        for model, node in module.classes:
            # Odoo finds the values of a report by such a name.
            name = model.removeprefix(f"report.{ADDON}.").replace(".", "_")
            if module.path.stem != name and not module.path.stem.startswith(f"{name}_"):
                yield Finding(
                    module.path,
                    node,
                    f"a class of {model}: the file's name is to begin with {name}",
                )


def subjects_in_order(modules):
    """The order of loading, as `models/__init__.py` has it."""
    for module in modules:
        if module.path == Path("models", "__init__.py"):
            return [
                alias.name
                for node in module.tree.body
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            ]
    return []


def imported(module):
    """(node, path within the addon) of what a file imports from the addon."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module else [a.name for a in node.names]
            for name in names:
                if node.level:
                    base = module.path.parts[: -node.level]
                    yield node, (*base, *name.split("."))
                elif f"{name}.".startswith(f"{OURS[1]}."):
                    yield node, tuple(name.split(".")[3:])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if f"{alias.name}.".startswith(f"{OURS[1]}."):
                    yield node, tuple(alias.name.split(".")[3:])


def imported_against_the_order(modules):
    """Models import what is shared and earlier subjects; what is shared imports no
    models."""
    order = subjects_in_order(modules)
    for module in modules:
        in_models = module.folder == "models" and len(module.path.parts) > 2
        is_shared = module.path.parts[0].removesuffix(".py") in SHARED
        for node, target in imported(module):
            where = ".".join(target)
            if is_shared and target[:1] and target[0] not in SHARED:
                yield Finding(module.path, node, f"imports {where}: shared by all")
            elif in_models and target[:1] == ("models",) and len(target) > 1:
                own, other = module.path.parts[1], target[1]
                if other not in order or order.index(other) > order.index(own):
                    yield Finding(
                        module.path, node, f"imports {where}, a later subject"
                    )
            elif in_models and target[:1] and target[0] not in ("models", *SHARED):
                yield Finding(module.path, node, f"imports {where}, loaded after it")


# ------------------------------------------------------------
# WHAT IS OTHERS'
# ------------------------------------------------------------


def is_get_logger(node):
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("getLogger")


def is_foreign_logger(node):
    """Whether this call of `getLogger` names a logger that is not ours."""
    if not node.args:
        return True  # the root
    name = node.args[0]
    if isinstance(name, ast.Constant):
        own = (*OURS, *OUR_LIBRARIES)
        return not any(f"{name.value}.".startswith(f"{ours}.") for ours in own)
    return not (isinstance(name, ast.Name) and name.id == "__name__")


def foreign_loggers_changed(modules):
    """Whoever reads a server's log reads that of all databases and addons: only loggers
    of ours get filters, handlers and levels. (Tests set them for themselves.)"""
    changing = {"addFilter", "addHandler", "setLevel"}
    settings = {"disabled", "filters", "handlers", "level", "propagate"}
    for module in modules:
        if module.is_test:
            continue
        names = {
            target.id
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Assign)
            and is_get_logger(node.value)
            and is_foreign_logger(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

        def is_foreign(node, names=names):
            if is_get_logger(node):
                return is_foreign_logger(node)
            return isinstance(node, ast.Name) and node.id in names

        for node in ast.walk(module.tree):
            changed = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if ast.unparse(node.func) == "logging.disable":
                    yield Finding(module.path, node, "silences all loggers")
                if node.func.attr in changing:
                    changed = [node.func.value]
            elif isinstance(node, ast.Assign):
                changed = [
                    target.value
                    for target in node.targets
                    if isinstance(target, ast.Attribute) and target.attr in settings
                ]
            if any(map(is_foreign, changed)):
                yield Finding(module.path, node, "changes a logger that is not ours")


def lines_of_others_paired(modules):
    """Another addon may add lines to what Odoo makes (shipping, rounding, a deposit):
    two lists of records are not paired by `zip(strict=True)`. Pairs of lists that
    Odoo's interface promises, as in `copy_data`, are right."""
    for module in modules:
        for function in ast.walk(module.tree):
            if module.is_test or not isinstance(function, ast.FunctionDef):
                continue
            named = {
                target.id: node.value
                for node in ast.walk(function)
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }

            def is_records(node, named=named):
                parts = list(ast.walk(node))
                for part in list(parts):
                    if isinstance(part, ast.Name) and part.id in named:
                        parts += ast.walk(named[part.id])
                return any(
                    isinstance(part, ast.Attribute)
                    and part.attr.endswith(("_ids", "_lines"))
                    for part in parts
                )

            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and ast.unparse(node.func) == "zip"
                    and any(
                        keyword.arg == "strict"
                        and getattr(keyword.value, "value", None) is True
                        for keyword in node.keywords
                    )
                    and any(map(is_records, node.args))
                ):
                    yield Finding(
                        module.path, node, "pairs lines that others may add to"
                    )


# ------------------------------------------------------------
# WHAT IS SHOWN
# ------------------------------------------------------------


def days_of_another_form(modules):
    """On screen a day looks as in Odoo's own fields, which `tools/when.py` writes.
    Without a language or a format of its own, which a paper has, Odoo's `format_date`
    writes a form that no field has: 11/28/2026."""
    for module in modules:
        if module.folder not in MODEL_FOLDERS:
            continue
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in ("format_date", "format_datetime")
                and not node.keywords
            ):
                yield Finding(
                    module.path, node, "another form of a day: see tools/when.py"
                )


# ------------------------------------------------------------
# WHAT MAY NOT BE THERE
# ------------------------------------------------------------


class OdooMethods:
    """The methods that each model has in Odoo and the modules depended on, and in no
    other."""

    def __init__(self, addons_paths, orm_paths, depends):
        self.names = defaultdict(set)
        self.parents = defaultdict(set)
        for module in self._closure(addons_paths, depends):
            for path in sorted(module.rglob("*.py")):
                if "tests" not in path.parts:
                    self._read(path)
        for path in orm_paths:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    self.names["base"].update(m.name for m in methods(node))

    @staticmethod
    def _closure(addons_paths, depends):
        found, left = {}, [*depends, "base"]
        while left:
            name = left.pop()
            folders = [path / name for path in addons_paths]
            folder = next(
                (f for f in folders if (f / "__manifest__.py").is_file()), None
            )
            if folder and name not in found:
                found[name] = folder
                manifest = ast.literal_eval((folder / "__manifest__.py").read_text())
                left += manifest.get("depends", ())
        return found.values()

    def _read(self, path):
        text = path.read_text()
        if "_inherit" not in text and "_name" not in text:
            return
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and (model := model_name(node)):
                self.names[model].update(method.name for method in methods(node))
                self.parents[model].update(parents(node))

    def has(self, model, name):
        done, left = set(), [model, "base"]
        while left:
            one = left.pop()
            if one in done:
                continue
            done.add(one)
            if name in self.names[one]:
                return True
            left += self.parents[one]
        return False


def super_of_what_may_be_missing(modules, odoo_methods):
    """Where Google's or Microsoft's addon is not installed, their methods are not there
    to be called. (`tools.context.optional` is the way.)"""
    defined = defaultdict(set)  # (model, method): files
    inherits = defaultdict(set)
    for module in modules:
        for model, node in module.classes:
            inherits[model].update(parents(node))
            for method in methods(node):
                defined[model, method.name].add(module.path)

    def is_there(model, name, path, done=()):
        if odoo_methods.has(model, name) or defined[model, name] - {path}:
            return True
        return any(
            is_there(parent, name, path if parent == model else None, (*done, model))
            for parent in inherits[model]
            if parent not in (model, *done)
        )

    for module in modules:
        if module.folder not in MODEL_FOLDERS:
            continue
        for model, class_node in module.classes:
            for node in ast.walk(class_node):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Call)
                    and ast.unparse(node.func.value.func) == "super"
                    and not is_there(model, node.func.attr, module.path)
                ):
                    yield Finding(
                        module.path,
                        node,
                        f"super().{node.func.attr} of {model} is in no module that the"
                        " addon depends on",
                    )


# ------------------------------------------------------------
# ALL
# ------------------------------------------------------------

CHECKS = (
    overridden_twice,
    named_by_another,
    imported_against_the_order,
    foreign_loggers_changed,
    lines_of_others_paired,
    days_of_another_form,
)


def read_addon(folder):
    return [
        Module(path.relative_to(folder), path.read_text())
        for path in sorted(folder.rglob("*.py"))
        if "migrations" not in path.relative_to(folder).parts
    ]


def main(odoo_root=None):
    """Print what is found.

    :param str odoo_root: the folder of Odoo's source; without it, what may be missing
        is not looked for
    :return: the number of findings
    """
    folder = ROOT / ADDON
    modules = read_addon(folder)
    findings = [finding for check in CHECKS for finding in check(modules)]
    if odoo_root:
        root = Path(odoo_root)
        manifest = ast.literal_eval((folder / "__manifest__.py").read_text())
        odoo_methods = OdooMethods(
            [root / "odoo" / "addons", root / "addons"],
            sorted((root / "odoo" / "orm").glob("*.py")),
            manifest["depends"],
        )
        findings += super_of_what_may_be_missing(modules, odoo_methods)
    for finding in findings:
        print(f"{ADDON}/{finding}")
    return len(findings)


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
