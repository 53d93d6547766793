"""The tabs of a client are on the client's own page."""


def migrate(cr, version):
    """Empty the view that puts the Chart tab into Odoo's form of a contact: while the
    views are loaded one by one, it would look there for a tab that has moved. Its file
    fills it again."""
    cr.execute(
        """
        UPDATE ir_ui_view
           SET arch_db = '{"en_US": "<data/>"}'
          FROM ir_model_data data
         WHERE data.module = 'noshow_fees'
           AND data.name = 'view_partner_form_chart'
           AND data.model = 'ir.ui.view'
           AND data.res_id = ir_ui_view.id
        """
    )
