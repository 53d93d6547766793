"""Which indexes of the addon pay their way."""

ADDON = "noshow_fees"


def find_unused(env):
    """Those that guard a rule by being unique are left out; those by which what points
    to a deleted row is found may be among them.

    :return: names of the addon's indexes that nothing has used since they were made
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
        SELECT indexrelname
          FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
         WHERE idx_scan = 0 AND NOT indisunique AND indexrelname = ANY(%s)
      ORDER BY 1
        """,
        [names],
    )
    return [name for (name,) in env.cr.fetchall()]
