"""The checks of kinds (`devtools/kinds.py`): each on a bad and on a good example."""

from textwrap import dedent

import pytest

from devtools import kinds
from devtools.settings import ADDON, ROOT

ORDER = """
    from . import (
        appointment,
        fee,
    )
"""
APPOINTMENT = """
    class CalendarEvent(models.Model):
        _inherit = "calendar.event"

        def write(self, vals):
            return super().write(vals)
"""


def find(check, *arguments, **files):
    """:return: the lines of the findings in these files, as `file:line`; the folders of
    a name are parted by two underscores"""
    modules = [
        kinds.Module(f"{name.replace('__', '/')}.py", dedent(text))
        for name, text in files.items()
    ]
    modules.append(kinds.Module("models/__init__.py", dedent(ORDER)))
    return [f"{finding.path}:{finding.line}" for finding in check(modules, *arguments)]


def test_overridden_twice():
    bad = find(
        kinds.overridden_twice,
        models__fee__calendar_event=APPOINTMENT,
        models__fee__calendar_event_guards=APPOINTMENT,
    )
    assert bad == ["models/fee/calendar_event_guards.py:5"]
    good = find(
        kinds.overridden_twice,
        models__appointment__calendar_event=APPOINTMENT,
        models__fee__calendar_event=APPOINTMENT,
        models__fee__account_move=APPOINTMENT.replace("calendar.event", "account.move"),
        tests__test_a=APPOINTMENT,
        tests__test_b=APPOINTMENT,
    )
    assert not good


def test_built_up_in_several_files():
    own = """
        class NoshowReport(models.Model):
            _name = "noshow.report"

            @property
            def _table_query(self):
                return self._select()
    """
    adding = """
        class NoshowReport(models.Model):
            _inherit = "noshow.report"

            @property
            def _table_query(self):
                return SQL("%s UNION ALL", super()._table_query)
    """
    files = {"report__noshow_report": own, "report__noshow_report_more": adding}
    assert not find(kinds.overridden_twice, **files)
    files["report__noshow_report_more"] = adding.replace("super()", "self")
    assert find(kinds.overridden_twice, **files)


def test_named_by_another():
    assert find(kinds.named_by_another, models__fee__waive=APPOINTMENT) == [
        "models/fee/waive.py:2"
    ]
    assert find(kinds.named_by_another, models__fee__calendar_events=APPOINTMENT)
    good = find(
        kinds.named_by_another,
        models__fee__calendar_event=APPOINTMENT,
        models__fee__calendar_event_guards=APPOINTMENT,
        report__noshow_chart_report=APPOINTMENT.replace(
            "calendar.event", f"report.{ADDON}.noshow_chart_report"
        ),
        tests__common=APPOINTMENT,
    )
    assert not good


@pytest.mark.parametrize(
    ("place", "line", "is_bad"),
    [
        ("models__appointment__a", "from ..fee.b import C", True),
        ("models__appointment__a", "from ..fee import b", True),
        ("models__appointment__a", f"import odoo.addons.{ADDON}.models.fee.b", True),
        ("models__appointment__a", "from ...wizards.fee.b import C", True),
        ("models__appointment__a", "from ..unknown import b", True),
        ("tools__a", "from ..models.fee.b import C", True),
        ("const", "from .models.fee.b import C", True),
        ("models__fee__a", "from ..appointment.b import C", False),
        ("models__fee__a", "from . import b", False),
        ("models__fee__a", "from ...const import C\nfrom ...tools.b import D", False),
        ("models__fee__a", "from odoo.addons.account.models.b import C", False),
        ("tools__a", "from ..const import C\nfrom .b import D", False),
        ("wizards__fee__a", "from ...models.fee.b import C", False),
    ],
)
def test_imported_against_the_order(place, line, is_bad):
    assert bool(find(kinds.imported_against_the_order, **{place: line})) == is_bad


@pytest.mark.parametrize(
    "statement",
    [
        'logging.getLogger("odoo.sql_db").addFilter(Filter())',
        "logging.getLogger().setLevel(30)",
        'getLogger("werkzeug").addHandler(handler)',
        "logging.getLogger(Controller.__module__).addFilter(Filter())",
        'other = logging.getLogger("requests")\nother.setLevel(30)',
        'other = logging.getLogger("requests")\nother.propagate = False',
        'logging.getLogger("noshow_fees_of_others").disabled = True',
        "logging.disable(30)",
    ],
)
def test_foreign_loggers_changed(statement):
    assert find(kinds.foreign_loggers_changed, tools__log=statement)


@pytest.mark.parametrize(
    "statement",
    [
        "_logger = logging.getLogger(__name__)\n_logger.setLevel(30)",
        f'logging.getLogger("odoo.addons.{ADDON}.tools").addFilter(Filter())',
        'logging.getLogger("requests").warning("said, not changed")',
        'logging.getLogger("stripe").setLevel(30)',
        "record.level = 3",
    ],
)
def test_own_loggers_changed(statement):
    assert not find(kinds.foreign_loggers_changed, tools__log=statement)


def test_loggers_changed_in_tests():
    statement = 'logging.getLogger("odoo.sql_db").setLevel(10)'
    assert not find(kinds.foreign_loggers_changed, tests__test_log=statement)


def test_lines_of_others_paired():
    bad = """
        def _reverse_moves(self):
            copies = super()._reverse_moves()
            origin = self.invoice_line_ids
            for line, copy in zip(origin, copies.line_ids, strict=True):
                pass
            return dict(zip(self._get_fee_lines, copies, strict=True)), zip(
                origin, copies, strict=True
            )
    """
    found = find(kinds.lines_of_others_paired, models__fee__account_move=bad)
    assert [finding.split(":")[1] for finding in found] == ["5", "7", "7"]
    good = """
        def copy_data(self, default=None):
            vals_list = super().copy_data(default)
            lines = self.invoice_line_ids
            for pair in zip(lines, vals_list, strict=False):
                pass
            return list(zip(self.sudo(), vals_list, strict=True))
    """
    assert not find(kinds.lines_of_others_paired, models__fee__account_move=good)


class StockMethods:
    """As `kinds.OdooMethods`, with one method."""

    def has(self, model, name):
        return (model, name) == ("calendar.event", "write")


def test_days_of_another_form():
    text = """
        def show(self):
            return format_date(self.env, self.date)

        def tell(self):
            return format_day(self.env, self.date)

        def print(self):
            return format_date(self.env, self.date, lang_code=self.partner_id.lang)
    """
    assert find(
        kinds.days_of_another_form, wizards__fee__a=text, tests__test_a=text
    ) == ["wizards/fee/a.py:3"]


def test_super_of_what_may_be_missing():
    bad = APPOINTMENT.replace("write", "_sync_google2odoo")
    check = kinds.super_of_what_may_be_missing
    found = find(check, StockMethods(), models__appointment__calendar_event=bad)
    assert found == ["models/appointment/calendar_event.py:6"]
    optional = bad.replace(
        "super()._sync_google2odoo(vals)",
        'optional(super(), "_sync_google2odoo")(vals)',
    )
    good = find(
        check,
        StockMethods(),
        models__appointment__calendar_event=APPOINTMENT,
        models__fee__calendar_event=optional,
        models__fee__account_move="""
            class AccountMove(models.Model):
                _name = "account.move"
                _inherit = ["calendar.event"]

                def write(self, vals):
                    return super().write(vals)
        """,
    )
    assert not good
    ours = """
        class CalendarEvent(models.Model):
            _inherit = "calendar.event"

            def _is_missed(self):
                return False
    """
    override = APPOINTMENT.replace("write", "_is_missed")
    files = {
        "models__appointment__calendar_event": ours,
        "models__fee__calendar_event": override,
    }
    assert not find(check, StockMethods(), **files)


def test_methods_of_odoo(bench):
    """Odoo's own source: what the addon depends on, and no more."""
    odoo_methods = kinds.OdooMethods(
        bench.source.addons_paths,
        sorted((bench.source.root / "odoo" / "orm").glob("*.py")),
        ["calendar"],
    )
    assert odoo_methods.has("calendar.event", "_check_private_event_conditions")
    assert odoo_methods.has("calendar.event", "message_post")
    assert odoo_methods.has("calendar.event", "web_save")
    assert odoo_methods.has("calendar.event", "write")
    assert not odoo_methods.has("calendar.event", "_sync_google2odoo")
    assert not odoo_methods.has("res.partner", "_check_private_event_conditions")


def test_the_addon_is_read_whole():
    modules = kinds.read_addon(ROOT / ADDON)
    assert len(modules) > 100
    assert kinds.subjects_in_order(modules)[:3] == ["rights", "practice", "appointment"]
