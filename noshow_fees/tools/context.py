"""What several models of this addon share."""

import functools

from odoo.tools.misc import clean_context

#: Value of the context key `noshow_by_method`: this write comes from one of the
#: addon's own methods, after its checks. An object has no JSON form, so no RPC
#: call can bring it along (as `BYPASS_LOCK_CHECK` in account/models/account_move.py).
BY_METHOD = object()


def by_method(records):
    """Return `records` for a write that the addon's own methods have checked. What a
    caller's context has for defaults is not among that."""
    context = clean_context(records.env.context)
    return records.with_context(context, noshow_by_method=BY_METHOD)


def is_by_method(env):
    """Tell whether the current write comes from the addon's own methods."""
    return env.context.get("noshow_by_method") is BY_METHOD


#: Value of the context key `noshow_by_sync`: this comes from an outside calendar.
BY_SYNC = object()


def by_sync(records):
    """Return `records` for what a calendar synchronisation does to them."""
    return records.with_context(noshow_by_sync=BY_SYNC)


def is_by_sync(env):
    """Tell whether the current change comes from an outside calendar."""
    return env.context.get("noshow_by_sync") is BY_SYNC


#: Value of the context key `noshow_not_booked`: this is no person's booking, but what
#: follows from one, a series, a list of the past. It gives nobody into care.
NOT_BOOKED = object()


def not_booked(records):
    """Return `records` for bookings that give nobody into care."""
    return records.with_context(noshow_not_booked=NOT_BOOKED)


def is_not_booked(env):
    """Tell whether what is done here gives nobody into care."""
    return env.context.get("noshow_not_booked") is NOT_BOOKED


#: All that a caller's context may tell the methods that move money.
TRUSTED_KEYS = {
    "allowed_company_ids",
    "lang",
    "noshow_by_method",
    "noshow_by_sync",
    "tz",
}


#: Key of a context in which a person's own default values (`ir.default`) say nothing.
#: It gives nobody more, so any call may bring it along.
NO_OWN_DEFAULTS = "noshow_no_own_defaults"


def ignores_own_defaults(env):
    """Tell whether what is made here is the practice's, and not as whoever makes it
    would like it."""
    return is_by_method(env) or bool(env.context.get(NO_OWN_DEFAULTS))


def without_flags(method):
    """Call a method of a model without the technical flags of the caller's context, and
    without the caller's own default values.

    Any RPC call can bring them along, and `sudo()` keeps them: `uom` multiplies a list
    price, `skip_invoice_sync` leaves the books out, a default discount halves a fee.
    """

    @functools.wraps(method)
    def call(self, *args, **kwargs):
        context = self.env.context
        trusted = {key: context[key] for key in TRUSTED_KEYS & context.keys()}
        trusted[NO_OWN_DEFAULTS] = True
        # pylint: disable=context-overridden
        return method(self.with_context(trusted), *args, **kwargs)

    return call


def optional(parent, name):
    """Return the method `name` of `super()`, or one that does nothing: what is of an
    addon that may not be installed is called by whoever finds our override of it."""
    return getattr(parent, name, lambda *args, **kwargs: None)


def changed_fields(record, vals, names):
    """Return those of `names` that `vals` would change on `record`.

    Forms and importers send unchanged values along; only a change is worth an
    error.
    """
    changed = []
    for name in names & vals.keys():
        field = record._fields[name]
        new = field.convert_to_record(
            field.convert_to_cache(vals[name], record), record
        )
        if record[name] != new:
            changed.append(name)
    return changed
