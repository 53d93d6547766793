"""The chart on paper, and the line in the log about it."""

import io
import time
from datetime import datetime, timedelta
from unittest.mock import patch

from reportlab.pdfgen import canvas

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfFileReader

from ...report.ir_actions_report import number_pages
from ...tools.chart_text import visible_text
from .chart_common import SECRET, ChartCase

REPORT = "noshow_fees.noshow_chart_report"


class ChartPrintCase(ChartCase):
    def _page(self, user, **vals):
        pages = self.env["noshow.chart.entry.print"].with_user(user)
        return pages.create({"client_id": self.client_1.id, **vals})

    def _html(self, user, **vals):
        page = self._page(user, **vals)
        self.env.invalidate_all()
        reports = self.env["ir.actions.report"].with_user(user)
        return reports._render_qweb_html(REPORT, page.ids)[0].decode()

    def _new_notes(self, count, author=None):
        """One note a day, the first one on 2020-01-01 at 09:00 UTC."""
        start = datetime(2020, 1, 1, 9)
        entries = self.env["noshow.chart.entry"].with_user(author or self.therapist)
        return entries.create(
            [
                {
                    "client_id": self.client_1.id,
                    "date": start + timedelta(days=number),
                    "body": f"<p>Note {number}. {'Spoke of the week. ' * 10}</p>",
                }
                for number in range(count)
            ]
        )


@tagged("post_install", "-at_install")
class TestChartPrint(ChartPrintCase):
    def test_content(self):
        self.note.with_user(self.therapist)._add_addendum("<p>Rather not</p>")
        self._new_draft(self.therapist)
        html = self._html(self.therapist)
        words = visible_text(html)
        for text in (
            self.company.name,
            self.client_1.name,
            SECRET,
            "Called",
            self.therapist.name,
            self.frontdesk.name,
            "Rather not",
            "Addendum by",
            "From the first note to the latest",
        ):
            self.assertIn(visible_text(text), words)
        for text in ("Not yet", "Not the whole chart", "Session"):
            self.assertNotIn(visible_text(text), words)
        self.assertLess(words.index(SECRET), words.index("Rathernot"))
        self.assertIn("counter(page)", html)

    def test_each_paragraph_has_its_direction(self):
        self._new_note(
            self.therapist,
            self.appointment,
            "<p>שלום</p><p>(Hello)</p><ul><li>a</li></ul>",
        )
        self.assertIn(
            '<p dir="auto">שלום</p><p dir="auto">(Hello)</p>'
            '<ul><li dir="auto">a</li></ul>',
            self._html(self.therapist),
        )

    def test_the_print_is_logged(self):
        before = self._log()
        self._html(self.therapist, date_from="2020-01-01")
        row = self._log() - before
        self.assertEqual(len(row), 1, "one print, and no reading besides")
        self.assertEqual(row.action, "print")
        self.assertEqual(row.user_id, self.therapist)
        self.assertEqual(row.client_id, self.client_1)
        self.assertEqual(row.detail, "2020-01-01 – …")
        self.assertEqual(row.entry_count, 2)
        self.assertEqual(row.date_to, self.appointment.start)

    def test_period(self):
        """Days of the practice's zone (New York), both included."""
        self._new_notes(5)
        late = (
            self.env["noshow.chart.entry"]
            .with_user(self.therapist)
            .create(
                {
                    "client_id": self.client_1.id,
                    "date": "2020-01-05 03:30:00",  # the evening of the fourth
                    "body": "<p>Late call</p>",
                }
            )
        )
        page = self._page(self.therapist, date_from="2020-01-02", date_to="2020-01-04")
        notes = page._get_entries()
        self.assertEqual([note.date.day for note in notes], [2, 3, 4, 5])
        self.assertEqual(notes[-1], late)
        page = self._page(self.therapist, date_from="2021-01-02", date_to="2021-01-01")
        with self.assertRaisesRegex(ValidationError, "ends before"):
            page.action_print()

    def test_who_prints_what(self):
        html = visible_text(self._html(self.frontdesk))
        self.assertIn("Called", html)
        self.assertNotIn(SECRET, html)
        self.assertIn("Notthewholechart", html)
        self.assertNotIn(SECRET, self._html(self.colleague))
        self.assertIn(SECRET, self._html(self.owner))
        self.assertEqual(self._log().mapped("ground"), ["author", "author", "owner"])

    def test_another_ones_print(self):
        page = self._page(self.owner)
        for user in (self.therapist, self.frontdesk, self.employee, self.portal):
            reports = self.env["ir.actions.report"].with_user(user)
            with self.assertRaises(AccessError):
                reports._render_qweb_html(REPORT, page.ids)
        self.assertFalse(self._log())

    def test_page_numbers(self):
        stream = io.BytesIO()
        sheet = canvas.Canvas(stream)
        for _page in range(3):
            sheet.drawString(100, 700, "Text")
            sheet.showPage()
        sheet.save()
        pages = PdfFileReader(number_pages(stream)).pages
        texts = [page.extract_text() for page in pages]
        self.assertEqual(
            ["".join(text.split()) for text in texts], ["Text1/3", "Text2/3", "Text3/3"]
        )

    def test_a_thousand_notes(self):
        """A page of the tab, and the print, cost the same few queries whatever the
        length of the chart."""
        notes = self._new_notes(1000)
        addenda = [
            {"parent_id": note.id, "body": "<p>More</p>"} for note in notes[::10]
        ]
        notes.create(addenda)
        self._open_tab()
        with self.assertQueryCount(18):
            started = time.process_time()
            page = self._open_tab()
            self.assertLess(time.process_time() - started, 1)
        self.assertEqual((page["length"], len(page["records"])), (1002, 40))
        started = time.process_time()
        html = self._html(self.therapist)
        self.assertLess(time.process_time() - started, 5)
        self.assertEqual(html.count("Addendum"), 100)
        self.assertEqual(self._log()[-1].entry_count, 1102)

    def _open_tab(self):
        names = ("date", "body", "addenda", "state", "has_appointment", "is_own_draft")
        return self._rpc(
            self.therapist,
            "noshow.chart.entry",
            "web_search_read",
            [("client_id", "=", self.client_1.id), ("parent_id", "=", False)],
            {
                **{name: {} for name in names},
                "author_id": {"fields": {"display_name": {}}},
            },
            limit=40,
            order="date desc",
        )


@tagged("post_install", "-at_install")
class TestChartPage(ChartPrintCase, HttpCase):
    def test_a_reading_through_http(self):
        """Reading methods get a cursor that cannot write where there is one (a
        replica): Odoo calls them again with another when the log is written."""
        self.authenticate(self.therapist.login, self.therapist.login)
        with self.assertLogs("odoo.http", level="WARNING") as logs:
            records = self.make_jsonrpc_request(
                "/web/dataset/call_kw/noshow.chart.entry/web_read",
                {
                    "model": "noshow.chart.entry",
                    "method": "web_read",
                    "args": [self.note.ids],
                    "kwargs": {"specification": {"body": {}}},
                },
            )
        self.assertIn("retrying with a read/write cursor", logs.output[0])
        self.assertIn(SECRET, records[0]["body"])
        self.assertEqual(self._log().user_id, self.therapist)

    def test_the_printable_page(self):
        """What the web client opens when the server has no wkhtmltopdf."""
        page = self._page(self.therapist)
        self.authenticate(self.therapist.login, self.therapist.login)
        with patch(
            "odoo.addons.base.models.ir_actions_report.IrActionsReport"
            ".get_wkhtmltopdf_state",
            lambda self: "install",
        ):
            state = self.make_jsonrpc_request("/report/check_wkhtmltopdf")
        self.assertEqual(state, "install")
        response = self.url_open(f"/report/html/{REPORT}/{page.id}")
        self.assertEqual(response.status_code, 200)
        self.assertIn(SECRET, response.text)
        self.assertIn("window.print()", response.text)
        self.authenticate(self.frontdesk.login, self.frontdesk.login)
        response = self.url_open(f"/report/html/{REPORT}/{page.id}")
        self.assertNotIn(SECRET, response.text)
        self.assertEqual(response.status_code, 403)
