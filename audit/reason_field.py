"""The form field of a reason that goes into the audit log."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.free_text import refuse_addresses


class ReasonField(forms.CharField):
    """A reason of staff, without a web address: the audit log keeps it for ever."""

    def __init__(self, *, rows: int = 2, **options: Any) -> None:
        """`rows`: lines of the text area. `options`: those of a `CharField`, in place of the usual ones."""
        usual: dict[str, Any] = {"label": _("Reason"), "max_length": 1000, "help_text": _("Recorded in the audit log.")}
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(**usual | {"widget": widget, "validators": [refuse_addresses]} | options)
