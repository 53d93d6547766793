"""What a version of the policy asks for one case, and why, in one sentence."""

from odoo import models

from ...tools.policy_rule import NO_FEE, find_rule


class NoshowPolicy(models.Model):
    _inherit = "noshow.policy"

    def _answer(self, rules, case, limit, get_total, is_told=True):
        """What this version asks for one case.

        :param list rules: this version's, as `_to_fee_rules` gives them
        :param Case case: the facts
        :param Limit limit: what coverage says, if there is any
        :param get_total: what would be owed for a code and an amount, taxes included
        :param bool is_told: the sentence names what covers the client
        :return: values of a `noshow.fee.decision`, and the sentence
        """
        self.ensure_one()
        rule = find_rule(rules, case)
        fee = dict(NO_FEE)
        if not rule:
            return fee, self.env._("No rule of the %s asks for a fee.", self.reference)
        record = self.env["noshow.policy.rule"].sudo().browse(rule.id)
        fee["rule_id"] = rule.id
        if is_told or not rule.classes:
            sentence = self.env._(
                "Rule %(number)s of the %(policy)s: %(rule)s.",
                number=rule.number,
                policy=self.reference,
                rule=record.sentence,
            )
        else:
            sentence = self.env._(
                "A rule of the %s for the client's coverage.", self.reference
            )
        if rule.charge == "none":
            return fee, sentence
        amount = rule.get_amount(case, self.company_id.currency_id.round)
        if amount is None:
            no_price = self.env._("No price of the service is on record: no fee.")
            return fee, f"{sentence} {no_price}"
        if not record.product_id.active:
            archived = self.env._(
                "Fee code %s is archived: no fee is proposed.",
                record.product_id.cpt_code,
            )
            return fee, f"{sentence} {archived}"
        if limit and limit.by:
            amount, words = self._keep_limit(
                limit, amount, lambda net: get_total(record.product_id, net), is_told
            )
            sentence = " ".join(filter(None, (sentence, words)))
            if amount is None:
                return fee, sentence
        fee.update(proposed_product_id=rule.product, proposed_amount=amount)
        return fee, sentence

    def _keep_limit(self, limit, amount, get_total, is_told):
        """No more than coverage allows, taxes included.

        :param get_total: what would be owed for a net amount
        :return: the net amount, None for no fee, and why it is less
        """
        kind, currency = limit.by, self.company_id.currency_id
        if kind.missed_fee == "forbidden":
            if not is_told:
                return None, self.env._(
                    "The client's coverage allows no fee for a missed visit."
                )
            return None, self.env._(
                "Covered by %s: a missed visit may not be charged.", kind.name
            )
        total = get_total(amount)
        if currency.compare_amounts(total, limit.total) <= 0:
            return amount, None
        # Taxes are rounded, and not all of them grow with the amount.
        while amount > 0 and currency.compare_amounts(total, limit.total) > 0:
            share = currency.round(amount * limit.total / total)
            amount = min(share, currency.round(amount - currency.rounding))
            total = get_total(amount)
        amount = amount if amount > 0 else None
        if not is_told:
            return amount, self.env._(
                "The client's coverage allows %s at most, taxes included.",
                currency.format(limit.total),
            )
        return amount, self.env._(
            "Covered by %(coverage)s: %(cap)s at most, taxes included.",
            coverage=kind.name,
            cap=currency.format(limit.total),
        )
