"""The settings' notice and three codes become version 1 of the cancellation policy,
with the same proposal for every appointment. Nothing is written on appointments."""

from odoo import SUPERUSER_ID, api
from odoo.tools import sql

COLUMNS = {
    "no_show": "noshow_no_show_product_id",
    "late_cancelled": "noshow_late_cancelled_product_id",
    "cancelled": "noshow_cancelled_product_id",
}


def migrate(cr, version):
    columns = ["noshow_notice_hours", *COLUMNS.values()]
    if not sql.column_exists(cr, "res_company", columns[0]):
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        f"SELECT id, {', '.join(columns)} FROM res_company"  # noqa: S608 - names above
    )
    for company_id, notice_hours, *product_ids in cr.fetchall():
        company = env["res.company"].browse(company_id)
        if company._get_policy_in_force():
            continue
        codes = env["product.product"].browse(filter(None, product_ids))
        # An archived code was not proposed, and another company's could not be billed.
        usable = codes.exists().filtered(
            lambda code, company=company: (
                code.active
                and code.cpt_code
                and code.company_id in (code.company_id.browse(), company)
            )
        )
        company._publish_rules(
            24.0 if notice_hours is None else notice_hours,
            {
                outcome: (usable.filtered(lambda code, id_=id_: code.id == id_), 0.0)
                for outcome, id_ in zip(COLUMNS, product_ids, strict=True)
            },
        )
    cr.execute(
        "ALTER TABLE res_company "
        + ", ".join(f"DROP COLUMN IF EXISTS {name}" for name in columns)
    )
