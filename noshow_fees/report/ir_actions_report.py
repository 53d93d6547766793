"""Page numbers on the printed chart and statement."""

import io

from odoo import models
from odoo.tools.pdf import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    PdfFileReader,
    PdfFileWriter,
)

NUMBERED = (
    "noshow_fees.noshow_chart_report",
    "noshow_fees.noshow_statement_report",
)
FONT, SIZE, BOTTOM = "/NoshowPageNumber", 9, 28


def number_pages(stream):
    """Return a PDF with "1 / 12" at the bottom of each page.

    Odoo's own page numbers stand in a footer, which only a wkhtmltopdf built with a
    patched Qt can print (Debian's and Ubuntu's are not). The number is added as a
    content stream: merging pages would parse all of their content, which takes half
    a minute for a chart of a thousand notes.

    :param io.BytesIO stream: a PDF
    """
    pages = PdfFileReader(stream, strict=False).pages
    writer = PdfFileWriter()
    font = writer._addObject(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
    )
    # What a page draws may leave another coordinate system behind: put it aside.
    save = writer._addObject(_content("q"))
    for number, page in enumerate(pages, 1):
        resources = page["/Resources"].get_object()
        fonts = resources.setdefault(NameObject("/Font"), DictionaryObject())
        fonts.get_object()[NameObject(FONT)] = font
        text = f"{number} / {len(pages)}"
        left = (float(page["/MediaBox"][2]) - len(text) * SIZE / 2) / 2
        drawing = f"Q BT {FONT} {SIZE} Tf {left:.1f} {BOTTOM} Td ({text}) Tj ET"
        contents = page["/Contents"]
        if not isinstance(contents.get_object(), ArrayObject):
            contents = ArrayObject([page.raw_get("/Contents")])
        page[NameObject("/Contents")] = ArrayObject(
            [save, *contents.get_object(), writer._addObject(_content(drawing))]
        )
        writer.add_page(page)
    result = io.BytesIO()
    writer.write(result)
    return result


def _content(operators):
    content = DecodedStreamObject()
    content.set_data(operators.encode())
    return content


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        report_name = self._get_report(report_ref).report_name
        if report_name in NUMBERED:
            for stream in streams.values():
                stream["stream"] = number_pages(stream["stream"])
        return streams
