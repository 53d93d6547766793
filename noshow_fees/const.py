"""Names that several subjects share: roles, states, domains, times."""

from datetime import date, timedelta

# Roles (security/noshow_groups.xml); who may do what:
# models/rights/res_users_rights.py.
PRACTICE = "noshow_fees.group_practice"
STAFF = "noshow_fees.group_staff"
BILLER = "noshow_fees.group_biller"
MANAGER = "noshow_fees.group_manager"
OWNER = "noshow_fees.group_owner"
THERAPIST = "noshow_fees.group_therapist"
FINANCIAL = "noshow_fees.group_therapist_financial"
#: Accountants see what was charged, not what the appointment was about.
BOOKS = f"{PRACTICE},account.group_account_readonly,account.group_account_invoice"

# Appointments.
VISIT_STATES = [
    ("scheduled", "Scheduled"),
    ("attended", "Attended"),
    ("cancelled", "Cancelled"),
    ("late_cancelled", "Late cancellation"),
    ("no_show", "No-show"),
]
CANCELLED_STATES = ("cancelled", "late_cancelled", "no_show")
MISSED_STATES = ("late_cancelled", "no_show")
#: Nobody is treated outside of these days, or for longer: it is a slip of the hand.
FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2099, 12, 31)
LONGEST_APPOINTMENT = timedelta(days=31)
#: What is or was an appointment: not the rows that a change of a whole series has
#: replaced (stock archives them still scheduled), and once what was booked again.
ON_RECORD = [
    ("rebooked_event_id", "=", False),
    "|",
    ("active", "=", True),
    ("visit_state", "not in", (False, "scheduled")),
]
#: From so many records on, it is asked first which of them there are.
MANY = 50
INITIATORS = [("client", "Client"), ("provider", "Provider"), ("practice", "Practice")]
# Written by the addon's own methods only, once the outcome is known.
FROZEN_FIELDS = {
    "active",
    "allday",
    "booked_on",
    "client_id",
    "company_id",
    "duration",
    "follow_recurrence",
    "recurrence_id",
    "recurrency",
    "service_id",
    "service_price",
    "start",
    "start_date",
    "stop",
    "stop_date",
    "user_id",
}

# Fees.
FEE_STATES = [
    ("none", "No fee"),
    ("charging", "Charging the card"),
    ("disputed", "Disputed"),
    ("open", "Open"),
    ("partial", "Partly paid"),
    ("paid", "Paid"),
    ("waived", "Waived"),
    ("refunded", "Refunded"),
    ("written_off", "Written off"),
]
#: What `res.company._may_use` lets a company bill by.
FEE_CODE_DOMAIN = (
    "[('cpt_code', '!=', False), '|', ('company_id', '=', False),"
    " ('company_id', 'parent_of', company_id)]"
)
#: The codes that come with the addon and are proposed from the first day on.
SHIPPED_CODES = {
    "no_show": "noshow_fees.product_noshow",
    "late_cancelled": "noshow_fees.product_latecx",
}
#: What was taken beside what the policy proposed.
DEVIATIONS = [
    ("none", "As proposed"),
    ("let_go", "Proposed, not charged"),
    ("not_proposed", "Charged, not proposed"),
    ("less", "Less than proposed"),
    ("more", "More than proposed"),
    ("other_code", "Another code, same amount"),
]
FIGURES = ("charged", "collected", "open", "waived")
#: Where the loss of a fee may go: never to the balance sheet.
WRITE_OFF_ACCOUNT_TYPES = (
    "expense",
    "expense_direct_cost",
    "expense_other",
    "income",
    "income_other",
)

# Charges.
#: How the references begin that go to the provider for a fee's charge.
FEE_PREFIX = "fee-"
#: Money may be moving.
LIVE_STATES = ("pending", "authorized")
#: Money has moved, or has come back, and the books do not say so yet.
UNBOOKED = [
    "&",
    ("is_post_processed", "=", False),
    "|",
    ("state", "=", "done"),
    "&",
    "&",
    ("operation", "=", "refund"),
    ("payment_id", "!=", False),
    ("state", "in", ("error", "cancel")),
]
#: Until then, by the provider's own clock, a request without an answer may arrive.
MAY_STILL_ARRIVE = timedelta(minutes=10)
#: Then a person may say what became of a charge.
ONE_DAY = timedelta(days=1)
#: Then a person has to look.
TOO_LONG = timedelta(hours=1)
#: How long a link works.
LINK_DAYS = 7
