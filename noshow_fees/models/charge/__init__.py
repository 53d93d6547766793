"""The saved card: charged once, whatever dies. A decline keeps the fee open and says
why.

May import `fee` and what that may. `payment_transaction` declares the fields;
*protocol* is the two phases, *refund* what goes back, *dispute* what a bank takes back,
*online* what clients pay themselves; *result* is what people read of a charge,
*decline* of a declined one, *result_unknown* of one without an answer, *task* what
billers are asked, *hand* what they answer.
Works with any provider; that Stripe can be asked is known here, what it answers in
`stripe`, which loads after it.
"""

from . import (
    payment_transaction,
    payment_transaction_protocol,
    account_move,
    account_move_line,
    account_payment,
    mail_mail,
    payment_provider,
    payment_token,
    payment_transaction_decline,
    payment_transaction_dispute,
    payment_transaction_hand,
    payment_transaction_online,
    payment_transaction_refund,
    payment_transaction_result,
    payment_transaction_result_unknown,
    payment_transaction_task,
    res_company,
    res_partner,
)
