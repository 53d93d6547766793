"""The text of a chart entry: nothing executed, nothing fetched, nothing lost."""

import re
import unicodedata
from html.parser import HTMLParser

from lxml import etree, html
from markupsafe import Markup

from odoo import fields
from odoo.tools import format_date, format_time, html2plaintext, html_sanitize

KEPT_ATTRIBUTES = {"href", "dir", "lang", "style", "colspan", "rowspan", "start"}
#: None of these can name an address to load.
KEPT_STYLES = {
    "background-color",
    "color",
    "font-style",
    "font-weight",
    "text-align",
    "text-decoration",
}
#: What loads from an address as soon as somebody reads or prints the chart.
LOADING_TAGS = ("img", "svg", "image", "picture", "source", "video", "audio", "track")
#: Their content is no text of the note.
SILENT_TAGS = {"head", "iframe", "noscript", "object", "script", "style", "title"}
BLOCKS_WITHOUT_DIRECTION = re.compile(
    r"<(p|div|li|td|th|blockquote|h[1-6])(?=[\s>])(?![^>]*\sdir=)"
)
#: No editor makes a longer note, or so many tags at its end that never close: parsers
#: go over the rest of the text for each of these.
LONGEST, OPEN_TAGS = 1_000_000, 20
#: Letters and signs by their category, and nothing on paper.
BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class _VisibleText(HTMLParser):
    """Collects the words, read by another parser than the one that cleans."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.words, self.silent = [], []

    def handle_starttag(self, tag, attrs):
        if tag in SILENT_TAGS:
            self.silent.append(tag)

    def handle_endtag(self, tag):
        if tag in self.silent:
            del self.silent[self.silent.index(tag) :]

    def handle_data(self, data):
        if not self.silent:
            self.words.append(data)


def visible_text(body):
    """Return the words of some HTML, without any white space."""
    parser = _VisibleText()
    parser.feed(str(body))
    parser.close()
    return "".join("".join(parser.words).split())


def is_blank(body):
    """Whether nobody could read anything of this HTML: spaces, tab stops, the marks of
    no width that an editor leaves."""
    return not shows_anything(html2plaintext(body or ""))


def shows_anything(text):
    """Whether anybody could read anything of this text: a letter, a digit, a sign."""
    return any(
        unicodedata.category(char)[0] not in "CMZ" and char not in BLANK_LETTERS
        for char in text or ""
    )


def clean_chart_text(body):
    """Return the HTML of a note as the chart keeps it: text, lists, tables, emphasis.

    Odoo's sanitizer alone is not enough here: when it fails it writes the text to
    the log and keeps "Unknown error when sanitizing" instead (tools/mail.py,
    html_sanitize); it drops what is nested too deeply; and it keeps pictures and
    `background-image`, which tell another server that the chart is being read.

    :raise ValueError: a part of the text, or a pasted picture, would be lost
    """
    body = CONTROL_CHARACTERS.sub("", str(body or ""))
    if len(body) > LONGEST or body.rpartition(">")[2].count("<") > OPEN_TAGS:
        raise ValueError("no editor makes this")
    try:
        words = visible_text(body)
        cleaned = html_sanitize(
            body,
            silent=False,
            sanitize_attributes=True,
            sanitize_style=True,
            strip_classes=True,
        )
    except Exception:  # noqa: BLE001
        # Without its cause, whose message may quote the text.
        raise ValueError("not readable as HTML") from None
    if visible_text(cleaned) != words:
        raise ValueError("a part of the text would be lost")
    root = html.fragment_fromstring(cleaned, create_parent="div")
    for element in list(root.iterdescendants(etree.Comment, etree.PI)):
        element.drop_tree()
    for element in list(root.iterdescendants(*LOADING_TAGS)):
        if element.tag == "img":
            if element.get("src", "").startswith(("data:", "/")):
                raise ValueError("a picture would be lost")
            element.text = f"[{element.get('alt') or 'image'}]"
        element.drop_tag()
    for element in root.iterdescendants():
        for name in set(element.attrib) - KEPT_ATTRIBUTES:
            del element.attrib[name]
        if "style" in element.attrib:
            element.set("style", _keep_styles(element.get("style")))
    return html.tostring(root, encoding="unicode")[len("<div>") : -len("</div>")]


def _keep_styles(style):
    declarations = (part.strip() for part in style.split(";"))
    return "; ".join(
        part for part in declarations if part.partition(":")[0].lower() in KEPT_STYLES
    )


def direct_paragraphs(body):
    """Return a kept, and so clean, text whose paragraphs each run as their script.

    Browsers do that by `unicode-bidi: plaintext`, which wkhtmltopdf does not know.
    """
    directed = BLOCKS_WITHOUT_DIRECTION.sub(r'<\1 dir="auto"', str(body or ""))
    return Markup(directed)  # noqa: S704


def format_moment(env, moment, zone=None):
    """Date and time to the minute, as the user's language writes them.

    :param datetime moment: UTC
    :param str zone: name of the time zone; the user's by default
    """
    if zone:
        env = env(context={**env.context, "tz": zone})
    try:
        local = fields.Datetime.context_timestamp(env.user, moment)
    except OverflowError:
        # The first and the last day of the calendar have no neighbour.
        local = moment
    time = format_time(env, local.time(), time_format="short")
    return f"{format_date(env, local.date())} {time}"
