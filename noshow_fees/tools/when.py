"""One way to write a day and a moment on every screen: as Odoo's own fields show them
(web/static/src/core/l10n/dates.js, `toLocaleDateString`)."""

import babel.dates

from odoo.fields import Date, Datetime
from odoo.tools import format_time, get_lang
from odoo.tools.misc import babel_locale_parse


def format_day(env, day, with_year=False):
    """`Nov 28`; with the year where it is not this one.

    :param date day: as it is meant, whatever the time zone
    :param bool with_year: for what is read in years to come, too
    """
    this_year = Date.context_today(env.user).year
    # Not Odoo's “medium”, which is all digits in some languages: “28.11.2026”.
    skeleton = "yMMMd" if with_year or day.year != this_year else "MMMd"
    locale = babel_locale_parse(get_lang(env).code)
    return babel.dates.format_skeleton(skeleton, day, locale=locale)


def format_when(env, moment):
    """`Nov 28, 3:00 PM`, in the user's time zone.

    :param datetime moment: UTC
    """
    try:
        # Any record of this environment: the zone of its context, else the user's.
        local = Datetime.context_timestamp(env["res.lang"], moment)
    except OverflowError:
        # The first and the last day of the calendar have no neighbour.
        local = moment
    day = format_day(env, local.date())
    return f"{day}, {format_time(env, local.time(), time_format='short')}"
