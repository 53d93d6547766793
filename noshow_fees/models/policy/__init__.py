"""What a missed visit costs, and why: the practice's rules, what they propose, what was
decided; and whom nobody may charge.

Loads after `fee` and `charge`, whose ways to make, change, charge and pay a fee it
guards by wrapping them; may import `practice`, `const` and `tools`. What comes earlier
(the schedule, the cancellation) asks `calendar.event._propose_fees`, by name. The
policy and coverage come before the appointments that they price; *notice* says which
outcome a cancellation has by the time that is left, *proposal* what it costs.
"""

from . import (
    noshow_policy,
    noshow_policy_rule,
    noshow_policy_answer,
    noshow_policy_effect,
    noshow_policy_text,
    noshow_coverage_class,
    noshow_coverage,
    noshow_fee_change,
    noshow_fee_decision,
    calendar_event,
    calendar_event_notice,
    calendar_event_proposal,
    calendar_event_decision,
    account_move,
    account_move_line,
    payment_transaction,
    product_template,
    product_product,
    res_company,
    res_partner,
    res_users,
)
