"""What an outside calendar tells, taken over in pieces: what of it is refused leaves
nothing behind."""

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ...tools.outside import take_over


@tagged("post_install", "-at_install")
class TestOutside(TransactionCase):
    def setUp(self):
        super().setUp()
        self.told = []
        self.hooks = self.env.cr.postcommit
        self.hooks.clear()

    def _take(self, pieces):
        """Put off until after the commit what is to be told of each of these."""
        for piece in pieces:
            self.env.cr.postcommit.add(lambda piece=piece: self.told.append(piece))
        if "refused" in pieces:
            raise UserError(str(pieces))
        return pieces

    def _take_over(self, *pieces, take=None):
        with mute_logger("odoo.addons.noshow_fees.tools.outside"):
            return take_over(self.env, list(pieces), take or self._take)

    def test_only_what_is_taken_is_told_and_once(self):
        self.hooks.add(lambda: self.told.append("before"))
        taken, refused = self._take_over("one", "refused", "two")
        self.assertEqual((taken, refused), ([["one"], ["two"]], ["refused"]))
        self.assertIs(self.env.cr.postcommit, self.hooks)
        self.hooks.add(lambda: self.told.append("after"))
        self.assertFalse(self.told)
        self.hooks.run()
        self.assertEqual(self.told, ["before", "one", "two", "after"])

    def test_what_puts_something_off_once(self):
        """Stock's bus tells, by a key in the data, that it has done so already."""

        def take(pieces):
            self.env.user._bus_send("noshow_test", {"pieces": pieces})
            return self._take(pieces)

        self._take_over("refused", take=take)
        self.assertFalse(self.hooks)
        self.assertFalse(self.hooks.data)
        self._take_over("one", "refused", "two", take=take)
        pieces = len(self.hooks)
        self.env.user._bus_send("noshow_test", {})
        self.assertEqual((pieces, len(self.hooks)), (2, 2))
        self.assertEqual(list(self.hooks.data), ["bus.bus.channels"])
