"""Who may do what: the design's table, in one place.

A right names the groups that have it for every appointment, and the groups that
have it for their own: appointments of which the user is the provider. Which
records a person sees at all is said by the record rules; this is asked before
something is done.
"""

from odoo import models
from odoo.exceptions import AccessError

from ...const import BILLER, FINANCIAL, MANAGER, OWNER, STAFF, THERAPIST

#: right: (groups that have it for all, groups that have it for their own)
RIGHTS = {
    "schedule": ((STAFF,), (THERAPIST,)),
    "change_amount": ((BILLER,), (FINANCIAL,)),
    "edit_fee": ((BILLER,), (FINANCIAL,)),
    "charge_later": ((BILLER,), (FINANCIAL,)),
    "waive_fee": ((BILLER,), ()),
    "settle_by_hand": ((BILLER,), ()),
    "write_off": ((BILLER,), ()),
    "take_payment": ((BILLER,), ()),
    "figures": ((BILLER,), (THERAPIST,)),
    "configure": ((MANAGER,), ()),
    "merge_clients": ((OWNER,), ()),
    "export": ((OWNER,), ()),
    "give_care": ((STAFF,), ()),
    "end_care": ((OWNER,), ()),
    "open_with_reason": ((THERAPIST,), ()),
    "publish_policy": ((MANAGER,), ()),
    "override_coverage": ((OWNER,), ()),
}


class ResUsers(models.Model):
    _inherit = "res.users"

    def _has_practice_right(self, right, providers=None):
        """Tell whether this user has a right of the design's table.

        :param str right: a key of `RIGHTS`
        :param providers: the `res.users` whose appointments are concerned; empty
            or None asks for the right on all appointments
        """
        self.ensure_one()
        for_all, for_own = RIGHTS[right]
        if any(self.has_group(group) for group in for_all):
            return True
        own = providers is not None and providers == self
        return own and any(self.has_group(group) for group in for_own)

    def _check_practice_right(self, right, providers=None):
        """:raise AccessError: when the user does not have the right, in words"""
        if self._has_practice_right(right, providers):
            return
        messages = {
            "schedule": self.env._(
                "You may only do this with your own appointments. Ask the front desk."
            ),
            "change_amount": self.env._(
                "Changing the amount of a fee needs the role Owner, Manager, Biller "
                "or Therapist with the financial role (for own appointments)."
            ),
            "edit_fee": self.env._(
                "Changing a posted fee needs the role Owner, Manager, Biller or "
                "Therapist with the financial role (for own appointments)."
            ),
            "charge_later": self.env._(
                "Charging a fee later needs the role Owner, Manager, Biller or "
                "Therapist with the financial role (for own appointments)."
            ),
            "take_payment": self.env._(
                "Taking a payment needs the role Owner, Manager or Biller; the front "
                "desk may when the practice's settings say so."
            ),
            "waive_fee": self.env._(
                "Waiving or refunding a fee needs the role Owner, Manager or Biller."
            ),
            "write_off": self.env._(
                "Writing off a fee needs the role Owner, Manager or Biller."
            ),
            "figures": self.env._(
                "The practice's figures need the role Owner, Manager or Biller."
            ),
            "settle_by_hand": self.env._(
                "Saying what became of a charge needs the role Owner, Manager or "
                "Biller."
            ),
            "configure": self.env._(
                "The practice's settings need the role Owner or Manager."
            ),
            "give_care": self.env._(
                "Giving a client into a therapist's care needs a role of the practice "
                "(Staff, Biller, Manager or Owner). Ask the front desk."
            ),
            "open_with_reason": self.env._(
                "Opening a chart with a reason needs the role Therapist."
            ),
            "end_care": self.env._(
                "Ending a therapist's care for a client needs the role Owner."
            ),
            "publish_policy": self.env._(
                "Publishing a cancellation policy needs the role Owner or Manager."
            ),
            "override_coverage": self.env._(
                "Charging against a client's coverage needs the role Owner."
            ),
            "export": self.env._(
                "Exporting everything, and agreeing to uninstall, needs the role Owner."
            ),
            "merge_clients": self.env._(
                "Merging clients, or who pays for them, needs the role Owner: their "
                "records are joined for good."
            ),
        }
        raise AccessError(messages[right])
