"""The form by which staff enter a reply that did not come through the link of a notice."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes.answer_kinds import ANSWER_KINDS
from analysts.codes.recipient_actions import GROUNDS, RECIPIENT_ACTIONS
from analysts.models import Notice
from reports.fields import Posted
from reports.notice_form import NoticeForm

LABELS = {
    "numbers": _("Which addresses is it about?"),
    "kind": _("What did they answer?"),
    "case_number": _("Their case number"),
    "action": _("What did they do?"),
    "ground": _("On what ground?"),
    "automated": _("Did a machine decide on its own?"),
    "redress": _("Did they tell their user how to object?"),
    "text": _("In their words"),
}
HINTS = {
    "action": _("As far as the reply says."),
    "text": _("Needed if it is not theirs, if they need more, or if they contest it."),
}


class RecordReply(NoticeForm):
    """The fields and rules of the reply page, in the words of staff."""

    def __init__(self, notice: Notice, data: Posted | None = None) -> None:
        super().__init__(data, numbers=notice.numbers(), answerer=notice.answerer(), auto_id="reply_%s")
        for name, field in self.fields.items():
            field.label = LABELS[name]
            field.help_text = field.help_text if name in ("numbers", "case_number") else HINTS.get(name, "")
        unknown = [("", _("not said"))]
        yes_or_no = [*unknown, ("yes", _("yes")), ("no", _("no"))]
        choices: dict[str, list[tuple[str, Any]]] = {
            "kind": [(kind.value, ANSWER_KINDS[kind].label) for kind in self.kinds],
            "action": [*unknown, *((code, row.label) for code, row in RECIPIENT_ACTIONS.items())],
            "ground": [*unknown, *GROUNDS.items()],
            "automated": yes_or_no,
            "redress": yes_or_no,
        }
        for name in choices.keys() & self.fields.keys():
            cast(forms.ChoiceField, self.fields[name]).choices = choices[name]
