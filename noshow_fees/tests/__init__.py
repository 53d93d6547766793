"""Tests by the subjects of `models`. Odoo's runner looks for attributes `test_*` here:
hence the stars (as in odoo/addons/test_lint); file names are unique across folders."""

from .appointment import *
from .charge import *
from .chart import *
from .demo import *
from .fee import *
from .policy import *
from .practice import *
from .privacy import *
from .report import *
from .rights import *
from .schedule import *
from .series import *
from .sync import *
from .uninstall import *
