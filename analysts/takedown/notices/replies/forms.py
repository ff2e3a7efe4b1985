"""The form by which staff enter a reply that did not come through the link of a notice."""

from collections.abc import Collection
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes.answer_kinds import ANSWER_KINDS
from analysts.codes.recipient_actions import GROUNDS, RECIPIENT_ACTIONS
from reports.fields import Posted
from reports.notice_form import NoticeForm

LABELS = {
    "numbers": _("Which addresses is it about?"),
    "kind": _("What did they answer?"),
    "action": _("What did they do?"),
    "ground": _("On what ground?"),
    "automated": _("Did a machine decide on its own?"),
    "redress": _("Did they tell their user how to object?"),
    "text": _("In their words"),
}
HINTS = {
    "action": _("As far as the reply says."),
    "text": _("Needed if it is not hosted with them, if they need more, or if they contest it."),
}


class RecordReply(NoticeForm):
    """The fields and rules of the reply page, in the words of staff."""

    def __init__(self, data: Posted | None = None, *, numbers: Collection[int] = ()) -> None:
        super().__init__(data, numbers=numbers, auto_id="reply_%s")
        for name, field in self.fields.items():
            field.label = LABELS[name]
            field.help_text = HINTS.get(name, "") if name != "numbers" else field.help_text
        unknown = [("", _("not said"))]
        for name in ("automated", "redress"):
            cast(forms.ChoiceField, self.fields[name]).choices = [*unknown, ("yes", _("yes")), ("no", _("no"))]
        kind, action, ground = (cast(forms.ChoiceField, self.fields[name]) for name in ("kind", "action", "ground"))
        kind.choices = [(code, row.label) for code, row in ANSWER_KINDS.items()]
        action.choices = unknown + [(code, row.label) for code, row in RECIPIENT_ACTIONS.items()]
        ground.choices = unknown + list(GROUNDS.items())
