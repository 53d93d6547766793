from . import controllers, models, report, sql_log, wizards
from .hooks import post_init_hook, uninstall_hook
