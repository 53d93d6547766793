"""What clients read, in every language of the practice."""

from odoo import models
from odoo.tools import is_html_empty


class NoshowPolicy(models.Model):
    _inherit = "noshow.policy"

    def _get_untranslated(self):
        """The active languages in which this text is not written. None where there is
        no text at all: the table of fees says it."""
        # pylint: disable-next=no-search-all
        languages = self.env["res.lang"].sudo().search([])
        if is_html_empty(self.text) or len(languages) == 1:
            return languages.browse()
        self.flush_recordset(["text"])
        stored = self._fields["text"]._get_stored_translations(self) or {}
        return languages.filtered(lambda lang: is_html_empty(stored.get(lang.code)))

    def _get_text_terms(self):
        """What the text says in the other languages: `copy_data` knows the user's only,
        and the version may be gone (`_retire_former`) before the next one is there.

        :return: `{language: {term in the user's language: term}}`
        """
        self.ensure_one()
        field = self._fields["text"]
        self.flush_recordset(["text"])
        active = dict(self.env["res.lang"].get_installed())
        texts = {
            lang: text
            for lang, text in (field._get_stored_translations(self) or {}).items()
            if text and lang in {*active, "en_US"}
        }
        if len(texts) < 2:
            return {}
        # As odoo/orm/models.py, `copy_translations`.
        own = texts.pop(self.env.lang or "en_US", texts["en_US"])
        terms = field.get_translation_dictionary(own, texts)
        return {
            lang: {term: found[lang] for term, found in terms.items()} for lang in texts
        }
