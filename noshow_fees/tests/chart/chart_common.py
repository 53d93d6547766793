"""Charts with notes of several authors, asked for as RPC would."""

from odoo.service.model import call_kw

from ..common import PracticeCommon

SECRET = "dysthymia"


class ChartCase(PracticeCommon):
    """`cls.client_1` is the therapist's client; `cls.colleague` is another therapist,
    with a chart of their own client `cls.client_2`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._new_user("noshow_colleague", "noshow_fees.group_therapist")
        cls.foreign_appointment = cls._new_appointment(cls.client_2, cls.colleague)
        cls.note = cls._new_note(cls.therapist, cls.appointment)
        cls.foreign_note = cls._new_note(cls.colleague, cls.foreign_appointment)
        cls.desk_note = cls._new_note(cls.frontdesk, cls.appointment, "<p>Called</p>")

    @classmethod
    def _new_note(cls, author, appointment, body=f"<p>Signs of {SECRET}</p>"):
        entries = cls.env["noshow.chart.entry"].with_user(author)
        note = entries._create_for_appointments(appointment.with_user(author), body)
        cls.env.invalidate_all()
        return note.with_env(cls.env)

    def _rpc(self, user, model, method, *args, **kwargs):
        """Call a method as JSON-RPC does, in a transaction's fresh memory."""
        self.env.invalidate_all()
        return call_kw(self.env[model].with_user(user), method, list(args), kwargs)

    def _readable(self, user):
        """The ids of the chart entries of this test that a user finds."""
        ours = (self.note | self.foreign_note | self.desk_note).ids
        found = self._rpc(user, "noshow.chart.entry", "search", [("id", "in", ours)])
        return self.env["noshow.chart.entry"].browse(found)

    def _log(self, *domain):
        self.env.cr.flush()  # as before a commit
        return self.env["noshow.chart.access"].sudo().search(list(domain), order="id")

    @classmethod
    def _new_draft(cls, author, client=None, **vals):
        entries = cls.env["noshow.chart.entry"].with_user(author)
        vals = {"state": "draft", "body": "<p>Not yet</p>", **vals}
        return entries.create({"client_id": (client or cls.client_1).id, **vals})
