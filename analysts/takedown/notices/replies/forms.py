"""The form by which staff enter a reply that did not come through the link of a notice."""

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_actions import GROUNDS, RECIPIENT_ACTIONS
from analysts.takedown.notices.replies.page_section import KIND_LABELS
from reports.fields import Posted
from reports.notice_form import NoticeForm

LABELS = {
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

    def __init__(self, data: Posted | None = None) -> None:
        super().__init__(data, auto_id="reply_%s")
        for name, label in LABELS.items():
            self.fields[name].label = label
            self.fields[name].help_text = HINTS.get(name, "")
        unknown = [("", _("not said"))]
        for name in ("automated", "redress"):
            cast(forms.ChoiceField, self.fields[name]).choices = [*unknown, ("yes", _("yes")), ("no", _("no"))]
        kind, action, ground = (cast(forms.ChoiceField, self.fields[name]) for name in ("kind", "action", "ground"))
        kind.choices = list(KIND_LABELS.items())
        action.choices = unknown + [(code, row.label) for code, row in RECIPIENT_ACTIONS.items()]
        ground.choices = unknown + list(GROUNDS.items())
