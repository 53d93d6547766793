from . import (
    noshow_export,
    base_module_uninstall,
)
