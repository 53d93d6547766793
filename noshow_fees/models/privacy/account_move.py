"""Invoices: what is noted on them is not guessed."""

from odoo import models

from ...tools.relations import AskingMessages

ACCOUNTANTS = ("account.group_account_invoice", "account.group_account_readonly")


class AccountMove(models.Model):
    _inherit = "account.move"

    message_ids = AskingMessages(bypass_search_access=False, whole_for=ACCOUNTANTS)
    website_message_ids = AskingMessages(
        bypass_search_access=False, whole_for=ACCOUNTANTS
    )
