"""What is compared when a practice is updated (`test_upgrade.py`), in SQL."""

# ruff: noqa: S608 - queries are put together, but of nothing that is not in this file

# Records are told by their external ids: numbers differ between databases.
_XMLID = """
    (SELECT min(data.module || '.' || data.name) FROM ir_model_data data
      WHERE data.model = '{model}' AND data.res_id = {id})
"""


def _xmlid(model, id_):
    return _XMLID.format(model=model, id=id_)


def _groups(table, column, id_):
    return f"""
    (SELECT string_agg({_xmlid("res.groups", "rel." + column)}, ',' ORDER BY 1)
       FROM {table} rel WHERE {id_})
    """


#: Everything that the code defines, of all modules: the addon may have changed what is
#: Odoo's. Rows are compared as a whole.
DEFINITIONS = {
    "rules": f"""
        SELECT {_xmlid("ir.rule", "rule.id")}, rule.name, model.model, domain_force,
               rule.active, perm_read, perm_write, perm_create, perm_unlink,
               {_groups("rule_group_rel", "group_id", "rel.rule_group_id = rule.id")}
          FROM ir_rule rule JOIN ir_model model ON model.id = rule.model_id
    """,
    "access rights": f"""
        SELECT {_xmlid("ir.model.access", "access.id")}, access.name, model.model,
               access.active, perm_read, perm_write, perm_create, perm_unlink,
               {_xmlid("res.groups", "access.group_id")}
          FROM ir_model_access access JOIN ir_model model ON model.id = access.model_id
    """,
    "updatable rules and rights": """
        SELECT module, name, noupdate FROM ir_model_data
         WHERE module = 'noshow_fees'
           AND model IN ('ir.rule', 'ir.model.access', 'res.groups')
    """,
    "groups": f"""
        SELECT {_xmlid("res.groups", "rel.gid")}, {_xmlid("res.groups", "rel.hid")}
          FROM res_groups_implied_rel rel
    """,
    "jobs": f"""
        SELECT {_xmlid("ir.cron", "cron.id")}, cron_name, interval_number,
               interval_type, cron.active, priority, code, model.model
          FROM ir_cron cron
          JOIN ir_act_server action ON action.id = cron.ir_actions_server_id
     LEFT JOIN ir_model model ON model.id = action.model_id
    """,
    "views": f"""
        SELECT {_xmlid("ir.ui.view", "view.id")}, view.name, model, type, mode,
               priority, active, {_xmlid("ir.ui.view", "inherit_id")},
               -- A button names its action by a number.
               regexp_replace(arch_db->>'en_US', ' name="\\d+"', ' name="…"', 'g'),
               {_groups("ir_ui_view_group_rel", "group_id", "rel.view_id = view.id")}
          FROM ir_ui_view view
         WHERE EXISTS (SELECT FROM ir_model_data data WHERE data.res_id = view.id
                          AND data.model = 'ir.ui.view')
    """,
    "menus": f"""
        SELECT {_xmlid("ir.ui.menu", "menu.id")}, name->>'en_US', sequence, active,
               web_icon, {_xmlid("ir.ui.menu", "parent_id")},
               {_groups("ir_ui_menu_group_rel", "gid", "rel.menu_id = menu.id")}
          FROM ir_ui_menu menu
    """,
    "actions": f"""
        SELECT {_xmlid("ir.actions.act_window", "action.id")}, name->>'en_US',
               res_model, domain, context, view_mode, target, path,
               {_xmlid("ir.model", "binding_model_id")}, binding_type
          FROM ir_act_window action
    """,
    "server actions": f"""
        SELECT {_xmlid("ir.actions.server", "action.id")}, name->>'en_US', code,
               state, usage, {_xmlid("ir.model", "binding_model_id")}
          FROM ir_act_server action
    """,
    "reports": f"""
        SELECT {_xmlid("ir.actions.report", "action.id")}, name->>'en_US', model,
               report_name, report_type
          FROM ir_act_report_xml action
    """,
    "fields": """
        SELECT model, name, ttype, relation, store, required, readonly, "index",
               copied, translate, related, help->>'en_US',
               field_description->>'en_US', state
          FROM ir_model_fields
    """,
    "choices": """
        SELECT field.model, field.name, choice.value, choice.name->>'en_US'
          FROM ir_model_fields_selection choice
          JOIN ir_model_fields field ON field.id = choice.field_id
    """,
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable
          FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "indexes": """
        SELECT tablename, indexname, indexdef FROM pg_indexes
         WHERE schemaname = 'public'
    """,
}

#: What the practice itself has: numbers and sums.
HOLDINGS = {
    "fees": """
        SELECT fee_state, move.move_type, count(*), sum(line.price_total),
               sum(line.balance), sum(move.amount_residual)
          FROM account_move_line line JOIN account_move move ON move.id = line.move_id
         WHERE line.appointment_id IS NOT NULL AND line.is_noshow_fee
      GROUP BY 1, 2
    """,
    "entries": """
        SELECT move_type, state, payment_state, count(*), sum(amount_total),
               sum(amount_residual)
          FROM account_move GROUP BY 1, 2, 3
    """,
    "payments": """
        SELECT state, payment_type, count(*), sum(amount)
          FROM account_payment GROUP BY 1, 2
    """,
    "charges": """
        SELECT state, operation, count(*), sum(amount)
          FROM payment_transaction GROUP BY 1, 2
    """,
    "cards": "SELECT active, card_expiry, count(*) FROM payment_token GROUP BY 1, 2",
    "appointments": """
        SELECT visit_state, active, counts_as_missed, cancel_initiator, count(*),
               min(start), max(start), count(uncharged_on)
          FROM calendar_event WHERE client_id IS NOT NULL GROUP BY 1, 2, 3, 4
    """,
    "series": "SELECT rrule_type, count(*) FROM calendar_recurrence GROUP BY 1",
    "changes of fees": "SELECT kind, count(*) FROM noshow_fee_change GROUP BY 1",
    "chart entries": "SELECT state, count(*) FROM noshow_chart_entry GROUP BY 1",
    # Not the others: the demonstration may get people, an accountant for one.
    "clients": "SELECT active, count(*), sum(id) FROM res_partner "
    "WHERE is_client GROUP BY 1",
}

XMLIDS = "SELECT name, model FROM ir_model_data WHERE module = 'noshow_fees'"

#: Models whose records are the code's, so that an update may take them away.
IN_CODE = {
    "ir.actions.act_window",
    "ir.actions.report",
    "ir.actions.server",
    "ir.model",
    "ir.model.access",
    "ir.model.constraint",
    "ir.model.fields",
    "ir.model.fields.selection",
    "ir.model.inherit",
    "ir.rule",
    "ir.ui.menu",
    "ir.ui.view",
}

#: Read by Odoo's shell: the addon's stored values, and computed anew.
RECOMPUTE = """
# Proposed by who asks and when: computed anew, they are others.
kept = ("calendar.event.booked_by_id", "noshow.chart.entry.date")
differing = []
count = 0
for model in env.values():
    if model._abstract or not model._auto:
        continue
    names = [
        field.name for field in model._fields.values()
        if field.store and field.compute and "noshow_fees" in (field._modules or ())
        and str(field) not in kept
    ]
    if not names:
        continue
    records = model.with_context(active_test=False).search([])
    stored = {
        name: {record.id: record[name] for record in records} for name in names
    }
    for name in names:
        env.add_to_compute(model._fields[name], records)
    env.flush_all()
    env.invalidate_all()
    for name in names:
        count += len(records)
        differing += [
            f"{record}.{name}: {stored[name][record.id]} is {record[name]}"
            for record in records if record[name] != stored[name][record.id]
        ]
if differing:
    raise AssertionError("\\n".join(differing[:50]))
print("NOSHOW-RECOMPUTED", count)
"""

#: A client has typed a card instead, and Odoo's own button gave a part back.
TYPE_A_CARD = """
  WITH typed AS (
        UPDATE payment_transaction
           SET operation = 'online_direct', fee_line_id = NULL, charge_key = NULL
         WHERE id = (SELECT MAX(id) FROM payment_transaction
                      WHERE operation = 'offline' AND state = 'done'
                        AND is_post_processed AND payment_id IS NOT NULL
                        AND fee_line_id IS NOT NULL)
     RETURNING *)
INSERT INTO payment_transaction (
           reference, operation, state, amount, source_transaction_id, provider_id,
           payment_method_id, currency_id, settlement_currency_id, company_id,
           partner_id, balance_reference)
    SELECT 'R-' || reference, 'refund', 'done', -5, id, provider_id,
           payment_method_id, currency_id, currency_id, company_id, partner_id, 'txn_1'
      FROM typed
"""
#: What is said of both.
TYPED = """
SELECT paid.operation, fee.appointment_id IS NOT NULL, COALESCE(paid.net_amount, 0)
  FROM payment_transaction typed
  JOIN payment_transaction paid
    ON typed.id IN (paid.id, paid.source_transaction_id)
  JOIN account_move_line fee ON fee.id = paid.fee_line_id
  JOIN account_invoice_transaction_rel invoice
    ON invoice.transaction_id = typed.id AND invoice.invoice_id = fee.move_id
 WHERE typed.operation = 'online_direct'
"""
