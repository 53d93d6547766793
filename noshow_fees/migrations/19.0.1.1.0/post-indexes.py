"""Indexes that gain nothing: Odoo keeps those of fields that are indexed no more."""


def migrate(cr, version):
    cr.execute(
        """
        DROP INDEX IF EXISTS noshow_chart_access__client_id_index,
                             noshow_chart_access__company_id_index,
                             noshow_chart_entry__company_id_index,
                             product_template__cpt_code_index
        """
    )
