"""Views of ours that extend views of ours are emptied until they are read again: each
is checked on the new form of the view below it before its own new form is read."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE ir_ui_view view
           SET arch_db = jsonb_build_object('en_US', '<data/>')
          FROM ir_model_data own, ir_model_data parent
         WHERE own.model = 'ir.ui.view' AND own.module = 'noshow_fees'
           AND own.res_id = view.id AND NOT own.noupdate
           AND parent.model = 'ir.ui.view' AND parent.module = 'noshow_fees'
           AND parent.res_id = view.inherit_id
        """
    )
