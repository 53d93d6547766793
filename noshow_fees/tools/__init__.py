"""What several subjects need and no model is: no subject is imported here."""

from . import chart_text, context, sql_log, stripe_client
