"""Read by Odoo's shell, not imported: runs tests by Odoo's own runner.

All modules are loaded before the first test, the at_install ones included. Odoo's
command line would run those while it loads their module, before the addon that builds
on it, and on a database that has the addon's columns already.
"""

import os
import sys
import threading

import odoo.http
from odoo import tools
from odoo.service import server
from odoo.tests import loader

threading.current_thread().testing = True
tools.config["test_enable"] = True
tools.config["test_tags"] = os.environ["NOSHOW_TEST_TAGS"]
modules = os.environ["NOSHOW_TEST_MODULES"].split(",")
server.server = server.ThreadedServer(odoo.http.root)
server.server.start(stop=False)
for position in ("at_install", "post_install"):
    result = loader.run_suite(loader.make_suite(modules, position))
    sys.stdout.write(f"\nNOSHOW-RESULT {result}\n")
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)  # the web server's threads would keep the shell alive
