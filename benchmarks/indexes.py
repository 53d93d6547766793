"""Which indexes of the addon pay their way."""

ADDON = "noshow_fees"


def count_uses(env):
    """Those that guard a rule by being unique are left out; those by which what points
    to a deleted row is found may be among them.

    :return: `{index of the addon: how often it has been used}`
    """
    env.cr.execute(
        "SELECT c.name FROM ir_model_constraint c"
        " JOIN ir_module_module m ON m.id = c.module WHERE m.name = %s",
        [ADDON],
    )
    names = [name for (name,) in env.cr.fetchall()]
    names += [
        f"{model._table}__{field.name}_index"
        for model in env.values()
        if model._auto and not model._abstract
        for field in model._fields.values()
        if field.store and field.index and field._modules[0] == ADDON
    ]
    # What this process has used is counted at the end of its transaction.
    env.cr.commit()
    env.cr.execute(
        """
        SELECT indexrelname, idx_scan
          FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
         WHERE NOT indisunique AND indexrelname = ANY(%s)
        """,
        [names],
    )
    return dict(env.cr.fetchall())


def find_unused(env, before):
    """:param dict before: `count_uses` at the beginning
    :return: names of the addon's indexes that nothing has used since then"""
    return sorted(
        name for name, uses in count_uses(env).items() if uses == before.get(name)
    )
