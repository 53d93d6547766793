"""What a practice was proposed before the cancellation policy had rules, and after."""

#: Of the released version: per appointment and outcome, the code and its price, and the
#: outcome that the notice proposes so many hours before the start.
BEFORE = """
SELECT event.id, outcome.name, product.id,
       CASE WHEN product.id IS NOT NULL THEN template.list_price END
  FROM calendar_event event
  JOIN res_company company ON company.id = event.company_id
 CROSS JOIN LATERAL (VALUES
       ('no_show', company.noshow_no_show_product_id),
       ('late_cancelled', company.noshow_late_cancelled_product_id),
       ('cancelled', company.noshow_cancelled_product_id)) outcome (name, product_id)
  LEFT JOIN product_product product
    ON product.id = outcome.product_id AND product.active
  LEFT JOIN product_template template ON template.id = product.product_tmpl_id
 WHERE event.visit_state = 'scheduled'
 UNION ALL
SELECT event.id, 'hours ' || hours, NULL,
       CASE WHEN hours <= 0 THEN 0
            WHEN hours <= company.noshow_notice_hours THEN 1 ELSE 2 END
  FROM calendar_event event
  JOIN res_company company ON company.id = event.company_id
 CROSS JOIN (VALUES (-1), (0), (1), (23), (24), (25), (48), (49)) moment (hours)
 WHERE event.visit_state = 'scheduled'
"""

#: The same of this version, into a table.
ASK = """
from datetime import timedelta
env.cr.execute(
    "CREATE TABLE noshow_test_proposal (id int, name text, product int, number numeric)"
)
events = env["calendar.event"].search([("visit_state", "=", "scheduled")])
rows = []
for outcome in ("no_show", "late_cancelled", "cancelled"):
    for event, fee in events._propose_fees(outcome).items():
        product = fee["proposed_product_id"] or None
        rows.append((event.id, outcome, product, product and fee["proposed_amount"]))
ranks = {"no_show": 0, "late_cancelled": 1, "cancelled": 2}
for event in events:
    for hours in (-1, 0, 1, 23, 24, 25, 48, 49):
        outcome = event._get_outcome_by_notice(event.start - timedelta(hours=hours))
        rows.append((event.id, f"hours {hours}", None, ranks[outcome]))
for row in rows:
    env.cr.execute("INSERT INTO noshow_test_proposal VALUES (%s, %s, %s, %s)", row)
env.cr.commit()
"""
AFTER = "SELECT id, name, product, number FROM noshow_test_proposal"
