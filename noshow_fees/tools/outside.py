"""What an outside calendar tells, taken over in pieces."""

import contextlib
import logging

from psycopg2 import IntegrityError

from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


@contextlib.contextmanager
def savepoint(cr):
    """Like the cursor's own, and what was put off until after the commit is taken back
    as well: stock would tell it to the calendar outside all the same, of records that
    are not here (google_calendar/models/google_sync.py, `after_commit`)."""
    cr.flush()  # what was put off until before the commit may put off more
    before, inside = cr.postcommit, type(cr.postcommit)()
    # One data: by a key in it, stock tells that it has put something off already.
    inside.data = before.data
    known = set(before.data)
    cr.postcommit = inside
    try:
        with cr.savepoint():
            yield
        if inside:
            before.add(inside.run)
    except BaseException:
        for key in before.data.keys() - known:
            del before.data[key]
        raise
    finally:
        inside.data = {}
        cr.postcommit = before


def take_over(env, pieces, take):
    """Take over all of these, or, where something of it is refused here, all but that.

    One refusal would otherwise undo whatever else this account has told, now and at
    every run to come: how far it has come is kept in the same transaction
    (google_calendar/models/res_users.py, `_sync_request`).

    :param list pieces: what has changed outside, each a piece that stands by itself
    :param take: a function of a list of pieces
    :return: what `take` has returned, in a list, and the pieces that were refused
    """
    if not pieces:
        return [], []
    try:
        with savepoint(env.cr):
            return [take(pieces)], []
    except (IntegrityError, UserError) as error:
        if len(pieces) == 1:
            # Without its text, which may tell a title.
            _logger.warning(
                "A change in an outside calendar is refused: %s", type(error).__name__
            )
            return [], pieces
    middle = len(pieces) // 2
    taken, refused = take_over(env, pieces[:middle], take)
    others, refused_others = take_over(env, pieces[middle:], take)
    return taken + others, refused + refused_others


def take_over_google(records, told, take):
    """The same of Google's events, or of its series.

    :param records: an empty recordset of those here
    :param told: `GoogleEvent`
    :return: the records that `take` has returned
    """
    make = type(told)
    _forget_foreign_links(records, told)
    taken, refused = take_over(
        records.env, list(told), lambda pieces: take(make(pieces)) or records
    )
    for event in refused:
        known = records.browse(event.odoo_ids(records.env))
        known._get_appointments()[:1]._note_refused()
    return records.union(*taken)


def _forget_foreign_links(records, told):
    """Whoever makes an event in Google, a client for one, may write into it the number
    of any record here, and stock takes that for the same event (google_calendar/utils/
    google_event.py, `_load_odoo_ids_from_metadata`). An appointment is linked with an
    event there by who may change it here."""
    database, user = records.env.cr.dbname, records.env.user
    numbers = [(event, event._meta_odoo_id(database)) for event in told]
    named = records.browse(number for _event, number in numbers if number)
    existing = named.exists().grouped("id")
    for event, number in numbers:
        record = existing.get(number)
        if not record or record.google_id == event.id:
            continue
        appointments = record._get_appointments().sudo(False)
        if not appointments.with_context(
            allowed_company_ids=user.company_ids.ids
        ).has_access("write"):
            [values] = event._events.values()
            values.update(_odoo_id=None, extendedProperties=None)
