"""The seal on the invoices and credit notes of fees: guarded by their result.

Whoever writes, by whatever screen, wizard, flag or x2many command: what the outermost
create, write or unlink leaves behind is compared with what was there. What books and
law need stays free: matching, sending, EDI, hash, payment reference, analytic
distribution, other addons' fields.
"""

from contextlib import contextmanager, nullcontext

from odoo import api, models
from odoo.exceptions import UserError

from ...tools.context import is_by_method

#: Key in the transaction's data of what the outermost change has to leave alone.
GUARD = "noshow_fees.seal"
#: Of a draft credit note its maker may still say how much, and of which day.
SEALED = (
    "state",
    "move_type",
    "company_id",
    "journal_id",
    "currency_id",
    "partner_id",
    "partner_shipping_id",
    "fiscal_position_id",
    "invoice_payment_term_id",
    "invoice_cash_rounding_id",
    "reversed_entry_id",
    # Stock copies what repeats whenever it is posted, as a change of the fee does.
    "auto_post",
    "auto_post_until",
)
SEALED_UNLESS_DRAFT_NOTE = (
    "name",
    "date",
    "invoice_date",
    "invoice_date_due",
    "delivery_date",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
)
SEALED_LINE = (
    "account_id",
    "company_id",
    "currency_id",
    "display_type",
    "partner_id",
    "product_id",
    "product_uom_id",
    "tax_ids",
    "appointment_id",
    "client_id",
    "date_of_service",
    "is_noshow_fee",
    "provider_id",
)
SEALED_LINE_UNLESS_DRAFT_NOTE = (
    "quantity",
    "price_unit",
    "discount",
    "price_subtotal",
    "price_total",
    "balance",
    "amount_currency",
    "date_maturity",
)
#: Computed by Odoo from the rest: nobody says them.
RESULTS = {"parent_state", "payment_state", "reconciled"}


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model_create_multi
    def create(self, vals_list):
        with self._keep_fee_seal():
            return super().create(vals_list)

    def write(self, vals):
        with self._keep_fee_seal():
            self._check_results(self, vals)
            self._check_new_link(vals)
            return super().write(vals)

    def unlink(self):
        self.check_access("unlink")
        # Before Odoo says that a posted move is reset to draft first.
        self._unlink_except_posted_fee()
        with self._keep_fee_seal():
            return super().unlink()

    @contextmanager
    def _keep_fee_seal(self):
        """Let what is done to these moves, and to any others meanwhile, leave those of
        fees as they are.

        :raise UserError: it has not
        """
        # Of this transaction, not of a context: a change of another move's line that is
        # nested in this one looks here, too.
        # The data of its hooks would not do: a savepoint clears them.
        data = self.env.cr.cache
        if is_by_method(self.env):
            yield
            if GUARD in data:
                data[GUARD]["seals"] = {
                    move_id: seal
                    for move_id, seal in data[GUARD]["seals"].items()
                    if move_id not in self.ids
                }
            return
        is_outermost = GUARD not in data
        guard = data.setdefault(GUARD, {"seen": set(), "seals": {}})
        try:
            new = self.browse(set(self.ids) - guard["seen"])
            guard["seen"].update(new.ids)
            guard["seals"].update(new._filter_fee_invoices()._get_fee_seal())
            # What is refused is undone, should somebody go on after the error.
            undo = is_outermost and guard["seals"]
            with self.env.cr.savepoint() if undo else nullcontext():
                yield
                if is_outermost and guard["seals"]:
                    self.env["account.move"]._compare_fee_seals(guard["seals"])
        finally:
            if is_outermost:
                data.pop(GUARD, None)

    def _get_fee_seal(self):
        """What of these invoices and credit notes of fees nobody but our own methods
        changes.

        :return: `{move id: {name: value}}`
        """
        seals = {}
        # In sudo: it does not depend on who looks.
        for move in self.sudo():
            is_draft_note = move.state == "draft" and move.move_type == "out_refund"
            seal = {name: move[name] for name in SEALED}
            if not is_draft_note:
                seal |= {name: move[name] for name in SEALED_UNLESS_DRAFT_NOTE}
            for line in move.line_ids:
                if line.display_type == "product":
                    seal["name", line.id] = line.name
                elif is_draft_note:
                    # Odoo makes these anew when the amount changes.
                    if line.display_type == "payment_term":
                        seal["receivable"] = line.account_id
                    continue
                names = SEALED_LINE
                if not is_draft_note:
                    names += SEALED_LINE_UNLESS_DRAFT_NOTE
                seal |= {(name, line.id): line[name] for name in names}
            seals[move.id] = seal
        return seals

    @api.model
    def _compare_fee_seals(self, seals):
        """:raise UserError: one of these moves is not what it was"""
        moves = self.browse(seals).exists()
        for move_id, seal in moves._get_fee_seal().items():
            if seal != seals[move_id]:
                changed = {
                    key
                    for key in seal.keys() | seals[move_id].keys()
                    if seal.get(key) != seals[move_id].get(key)
                }
                raise UserError(self.browse(move_id)._get_seal_message(changed))

    def _get_seal_message(self, changed):
        """:param set changed: keys of `_get_fee_seal`"""
        self.ensure_one()
        move_sudo = self.sudo()
        if "state" in changed:
            return move_sudo._get_reset_message()
        if move_sudo.move_type == "out_refund":
            return self.env._(
                "%s is a credit note of a missed-appointment fee. Only a draft can be "
                "changed, and only in its amount and dates: delete the draft and make "
                "another one, or change the fee from the client's Billing tab.",
                move_sudo.name or self.env._("This"),
            )
        return self.env._(
            "%s is the invoice of a missed-appointment fee. Open the fee from the "
            "client's or the appointment's Billing tab to change its code or amount: "
            "the books follow there.",
            move_sudo.name or self.env._("This"),
        )

    def _get_reset_message(self):
        self.ensure_one()
        if self.move_type == "out_refund":
            return self.env._(
                "Credit note %s of a missed-appointment fee stays as it is. To bill "
                "the visit again, restore the appointment and cancel it with a fee.",
                self.name,
            )
        return self.env._(
            "The invoice of a missed-appointment fee is neither reset to draft nor "
            "cancelled. Change or waive the fee from the client's Billing tab."
        )

    def _check_new_link(self, vals):
        """:raise UserError: what is no credit note of a fee would become one, without
        a row in its history; Odoo's button makes one that is"""
        fees = self.browse(vals.get("reversed_entry_id") or ())._filter_fee_invoices()
        if fees and not is_by_method(self.env):
            raise UserError(
                self.env._(
                    "Use “Credit note” on %s: another one does not become its.",
                    fees.name,
                )
            )

    def _check_results(self, records, vals):
        """:param records: of this model or of its lines
        :raise UserError: `vals` say of a fee what Odoo computes"""
        names = {
            name
            for name in vals
            if (field := records._fields.get(name))
            and (name in RESULTS or field.type == "monetary")
            and field.compute
            and field.store
            and field.readonly
            and not field.inverse
            and "account" in field._modules
        }
        if names and not is_by_method(self.env) and self._filter_fee_invoices():
            records.check_access("write")
            raise UserError(
                self.env._(
                    "Odoo computes %s of a missed-appointment fee: they cannot be "
                    "written. Change the fee from the client's Billing tab.",
                    ", ".join(sorted(names)),
                )
            )

    def _filter_fee_invoices(self):
        """Those of these moves that bill a missed appointment, or did."""
        if not self.ids:
            return self.browse()
        # In sudo: whether it is a fee must not depend on what the user may read.
        lines_sudo = self.env["account.move.line"].sudo()
        rows = lines_sudo._read_group(
            [("move_id", "in", self.ids), ("appointment_id", "!=", False)], ["move_id"]
        )
        return self.browse(move.id for [move] in rows)
