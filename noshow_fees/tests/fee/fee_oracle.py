"""What a client's fees come to, by SQL on lines and partials alone: it shares no code
with the addon, and stock's own measures are not asked either."""

from collections import defaultdict

from odoo.tools import SQL

DOCUMENTS = ("out_invoice", "out_refund")


class FeeOracle:
    """The books of one client whose documents are all of fees.

    :param money: ids of the accounts that are money: banks, cash, outstanding, suspense
    """

    def __init__(self, env, client, money):
        self.env, self.client, self.money = env, client, set(money)
        #: Money that an edit found: `{payment's receivable line: most that it paid}`.
        self.found = {}

    def _read(self):
        self.env.flush_all()
        rows = self.env.execute_query_dict
        self.lines = {
            row["id"]: row
            for row in rows(
                SQL(
                    """
                    SELECT line.id, line.move_id, move.move_type,
                           move.reversed_entry_id AS reversed_id, line.balance,
                           line.account_id, account.account_type, line.display_type,
                           line.appointment_id, line.partner_id
                      FROM account_move_line line
                      JOIN account_move move ON move.id = line.move_id
                      JOIN account_account account ON account.id = line.account_id
                     WHERE move.state = 'posted'
                       AND move.id IN (
                           SELECT move_id FROM account_move_line
                            WHERE partner_id = %s)
                    """,
                    self.client.id,
                )
            )
        }
        receivable = [
            line_id
            for line_id, line in self.lines.items()
            if line["account_type"] == "asset_receivable"
        ]
        self.partials = rows(
            SQL(
                """
                SELECT debit_move_id AS debit, credit_move_id AS credit, amount
                  FROM account_partial_reconcile
                 WHERE debit_move_id = ANY(%s) AND credit_move_id = ANY(%s)
                """,
                # Not what is matched of taxes that are owed when it is paid.
                receivable,
                receivable,
            )
        )
        self.rebilled = {
            row["credit_note_id"]
            for row in rows(
                SQL(
                    "SELECT credit_note_id FROM noshow_fee_change"
                    " WHERE kind = 'reissued' AND credit_note_id > %s",
                    0,
                )
            )
        }
        self.moves = defaultdict(list)
        for line in self.lines.values():
            line["balance"] = float(line["balance"])
            self.moves[line["move_id"]].append(line)

    def _is_document(self, line):
        return line["move_type"] in DOCUMENTS

    def _share(self, line):
        """The share of an entry's receivable line that is money."""
        entry = self.moves[line["move_id"]]
        money = sum(i["balance"] for i in entry if i["account_id"] in self.money)
        sign = 1 if line["balance"] > 0 else -1
        rest = sum(
            abs(i["balance"])
            for i in entry
            if i["account_id"] not in self.money and i["balance"] * sign > 0
        )
        return min(max(-sign * money / rest, 0.0), 1.0) if rest else 0.0

    def _pairs(self):
        for partial in self.partials:
            yield (
                self.lines[partial["debit"]],
                self.lines[partial["credit"]],
                float(partial["amount"]),
            )

    def _appointment(self, line):
        return next(
            (
                i["appointment_id"]
                for i in self.moves[line["move_id"]]
                if i["appointment_id"]
            ),
            None,
        )

    def _paid_by(self, appointment):
        """`{payment's receivable line: what of it is matched with this appointment}`"""
        paid = defaultdict(float)
        for debit, credit, amount in self._pairs():
            if not self._is_document(credit) and self._appointment(debit) == (
                appointment.id
            ):
                paid[credit["id"]] += amount
        return paid

    def before_edit(self, appointment):
        """An edit may take matches apart: what was paid stays paid."""
        self._read()
        self.before = self._paid_by(appointment)

    def after_edit(self, appointment):
        self._read()
        now = self._paid_by(appointment)
        for line_id, amount in self.before.items():
            if amount > now.get(line_id, 0.0) + 0.001:
                self.found[line_id] = max(self.found.get(line_id, 0.0), amount)

    def add_up_losses(self, invoices):
        """What was settled of these by neither money nor documents."""
        self._read()
        return sum(
            amount * (1 - self._share(credit))
            for debit, credit, amount in self._pairs()
            if debit["move_id"] in invoices.ids and not self._is_document(credit)
        )

    def add_up_received(self, invoice):
        """What settled this invoice, but its own credit notes.

        :return: money and documents, and the same with what was lost
        """
        self._read()
        pairs = [
            (1 if self._is_document(credit) else self._share(credit), amount)
            for debit, credit, amount in self._pairs()
            if debit["move_id"] == invoice.id and credit["reversed_id"] != invoice.id
        ]
        return (
            sum(share * amount for share, amount in pairs),
            sum(amount for _share, amount in pairs),
        )

    def _note_given_back(self, appointment):
        """A payment for the fee of which a part went back was received for it, though
        an accountant has taken its match apart."""
        taken_for = {
            row["id"]
            for row in self.env.execute_query_dict(
                SQL(
                    """
                    SELECT line.id
                      FROM account_move_line line
                      JOIN account_move move ON move.id = line.move_id
                      JOIN account_move__account_payment link
                        ON link.payment_id = move.origin_payment_id
                      JOIN account_move_line fee ON fee.move_id = link.invoice_id
                     WHERE fee.appointment_id = %s
                    """,
                    appointment.id,
                )
            )
        }
        paid, back = self._paid_by(appointment), defaultdict(float)
        given = set()
        for debit, credit, amount in self._pairs():
            if not self._is_document(debit) and not self._is_document(credit):
                back[credit["id"]] += amount
                if self._share(debit):
                    given.add(credit["id"])
        for line_id, amount in back.items():
            if line_id in given & (taken_for | paid.keys() | self.found.keys()):
                most = amount + paid.get(line_id, 0.0)
                self.found[line_id] = max(self.found.get(line_id, 0.0), most)

    def measure(self, appointment):
        """:param appointment: the one that was edited; others were not
        :return: what the report has to say of the client's fees
        """
        self._read()
        self._note_given_back(appointment)
        self.sums = dict.fromkeys(
            ("charged", "tax", "waived", "collected", "refunded", "written_off"), 0.0
        )
        # Used here, it came from here.
        self.sums["credit_used"] = self.sums["left"] = 0.0
        self._add_documents()
        self._add_matches()
        self._add_found(appointment)
        return self.sums

    def _add_documents(self):
        sums, owed = self.sums, 0.0
        for line in self.lines.values():
            if not self._is_document(line):
                continue
            if line["display_type"] == "payment_term":
                owed += line["balance"]
            elif line["display_type"] == "product":
                is_waiver = line["balance"] > 0 and line["move_id"] not in self.rebilled
                name = "waived" if is_waiver else "charged"
                sums[name] += abs(line["balance"]) if is_waiver else -line["balance"]
        sums["tax"] = owed - sums["charged"] + sums["waived"]
        sums["left"] = owed

    def _add_matches(self):
        sums = self.sums
        for debit, credit, amount in self._pairs():
            if self._is_document(debit) and not self._is_document(credit):
                share = self._share(credit)
                sums["left"] -= amount
                sums["collected"] += amount * share
                sums["written_off"] += amount * (1 - share)
            elif self._is_document(credit) and not self._is_document(debit):
                share = self._share(debit)
                sums["left"] += amount
                sums["refunded"] += amount * share
                sums["written_off"] -= amount * (1 - share)

    def _add_found(self, appointment):
        """Money of which an edit took the match away: given back, or left as credit.
        What another fee took of it is in the sum already."""
        sums, paid = self.sums, self._paid_by(appointment)
        for line_id, most in self.found.items():
            if line_id not in self.lines:
                continue
            share = self._share(self.lines[line_id])
            residual = -self.lines[line_id]["balance"]
            back = money_back = 0.0
            for debit, credit, amount in self._pairs():
                if credit["id"] == line_id:
                    residual -= amount
                    if not self._is_document(debit):
                        back += amount
                        money_back += amount * self._share(debit)
            surplus = max(most - paid.get(line_id, 0.0), 0.0)
            part = min(surplus, back)
            kept = min(surplus - part, max(residual, 0.0))
            part_money = part * money_back / back if back else 0.0
            sums["collected"] += (part + kept) * share
            sums["written_off"] += (part + kept) * (1 - share) - (part - part_money)
            sums["refunded"] += part_money
            sums["left"] -= kept
