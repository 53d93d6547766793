"""The default values that people set for themselves."""

from odoo import SUPERUSER_ID, api, models

from ...tools.context import ignores_own_defaults


class IrDefault(models.Model):
    _inherit = "ir.default"

    @api.model
    def _get_model_defaults(self, model_name, condition=False):
        """Every employee may set defaults for themselves, of any field of any model,
        and Odoo obeys them in sudo, too: what our methods make would be as they like
        it. Nor does it ask whether they may write the field, as it does of a default in
        a context (odoo/orm/models.py, `create`). What an administrator has set for
        everybody stays."""
        defaults = super()._get_model_defaults(model_name, condition)
        if not defaults or self.env.uid == SUPERUSER_ID:
            return defaults
        if ignores_own_defaults(self.env):
            return self._get_shared_defaults(model_name, condition)
        closed = {
            name
            for name in defaults
            if self._is_closed(self.env[model_name].sudo(False), name)
        }
        if not closed:
            return defaults
        shared = self._get_shared_defaults(model_name, condition)
        return {
            **{name: defaults[name] for name in defaults.keys() - closed},
            **{name: shared[name] for name in shared.keys() & closed},
        }

    def _get_shared_defaults(self, model_name, condition):
        # Nobody logs in as superuser: these are everybody's, and the company's.
        shared = self.with_user(SUPERUSER_ID).with_company(self.env.company)
        return shared._get_model_defaults(model_name, condition)

    def _is_closed(self, model, name):
        """Whether it is a field of ours that the user may not write."""
        field = model._fields.get(name)
        return (
            bool(field)
            and bool(field.groups)
            and field._modules == ("noshow_fees",)
            and not model._has_field_access(field, "write")
        )
