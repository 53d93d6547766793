"""Nothing lost, nothing executed, nothing told to others."""

import time
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ...tools.chart_text import visible_text
from .chart_common import SECRET, ChartCase


@tagged("post_install", "-at_install")
class TestChartText(ChartCase):
    def _kept(self, body):
        note = self._new_note(self.therapist, self.appointment, body)
        return str(note.with_user(self.therapist).body)

    def test_scripts_of_all_languages(self):
        for body in (
            "<p>naïve, œuvre, Straße</p>",
            '<p dir="rtl">שלום עולם</p>',
            "<p>مرحبا 123 abc</p>",
            "<p>👩‍👩‍👧 😀 🏳️‍🌈</p>",
            "<p>BP &lt; 120 &amp; pulse &gt; 60</p>",
        ):
            self.assertEqual(self._kept(body), body)

    def test_length(self):
        body = f"<p>{'0123456789' * 2000}</p>"
        self.assertEqual(self._kept(body), body)

    def test_plain_text(self):
        self.assertEqual(
            self._kept("weight <50kg & falling"), "<p>weight &lt;50kg &amp; falling</p>"
        )

    def test_nothing_is_executed(self):
        kept = self._kept(
            '<p onclick="evil()">Text</p><script>evil()</script>'
            '<a href="javascript:evil()">link</a><iframe src="https://evil"></iframe>'
            '<svg onload="evil()"></svg><form action="https://evil">in</form>'
            "<style>body {display: none}</style>"
            '<div style="position: fixed; color: red" class="modal">over</div>'
        )
        for word in ("evil", "script", "iframe", "svg", "form", "position", "class"):
            self.assertNotIn(word, kept)
        self.assertEqual(visible_text(kept), "Textlinkinover")
        self.assertIn("color:red", kept)

    def test_nothing_is_fetched(self):
        """A picture would tell its server that the chart is being read or printed."""
        kept = self._kept(
            '<p>a<img src="https://evil/1.png" alt="scan"/>b</p>'
            '<video src="https://evil/2"></video>'
            '<p style="background-image: url(https://evil/3)">c</p>'
        )
        self.assertNotIn("evil", kept)
        self.assertEqual(visible_text(kept), "a[scan]bc")

    def test_what_would_be_lost_is_refused(self):
        for body in (
            "<div>" * 300 + "deep" + "</div>" * 300,
            "<p>a</p><textarea>b</textarea>",
            "pulse <b and falling",
            '<p>a<img src="data:image/png;base64,iVBORw0KGgo="/></p>',
            '<p>a<img src="/web/image/1"/></p>',
        ):
            with self.assertRaisesRegex(ValidationError, "cannot be kept"):
                self._kept(body)

    def test_what_no_editor_makes_costs_nothing(self):
        """Tags that never close took Python's parser half a minute, and a marked
        section stopped it with an error that quoted the text."""
        started = time.process_time()
        for body in ("<a " * 8000, "<p a=" * 8000, ">" * 9000 + "<a " * 8000):
            with self.assertRaisesRegex(ValidationError, "cannot be kept"):
                self._kept(body)
        with self.assertRaisesRegex(ValidationError, "cannot be kept"):
            self._kept("<p>a</p><![pulse")
        self.assertLess(time.process_time() - started, 2.0)

    def test_empty(self):
        for body in (
            False,
            "",
            "<p><br></p>",
            "<!-- x -->",
            "<script>x</script>",
            # What the Tab key and an editor leave.
            '<p><span class="oe-tabs">\t</span>\u200b</p><p>\ufeff&nbsp;</p>',
        ):
            with self.assertRaisesRegex(ValidationError, "empty"):
                self._kept(body)
        draft = self._new_draft(self.therapist)
        with self.assertRaisesRegex(ValidationError, "empty"):
            draft.write({"body": "<p> </p>"})

    def test_search_for_words(self):
        self.note.with_user(self.therapist)._add_addendum("<p>R&amp;D, 5 < 6</p>")
        for words in (SECRET, "r&d", "5 < 6"):
            found = self._rpc(
                self.therapist,
                "noshow.chart.entry",
                "search",
                [("text", "ilike", words)],
            )
            self.assertIn(self.note.id, found, words)
            self.assertNotIn(self.foreign_note.id, found, words)
            row = self._log()[-1]
            self.assertEqual((row.action, row.entry_count), ("search", 1))
            self.assertEqual(row.client_id, self.client_1)

    def test_a_failed_sanitizing_does_not_log_the_text(self):
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.therapist)
            .create({"event_ids": self.appointment.ids})
        )
        with (
            patch("odoo.tools.mail.html_normalize", side_effect=ValueError("no HTML")),
            self.assertNoLogs(level="WARNING"),
        ):
            page.chart_note = f"<p>{SECRET}</p>"
            page.flush_recordset()
            with self.assertRaisesRegex(ValidationError, "cannot be kept"):
                self._kept(f"<p>{SECRET}</p>")
