"""Which answers somebody has read."""

from typing import Any, cast

from django import forms

from analysts.incidents.page_kit import ActionForm
from analysts.models import Incident, Reply


class ReadReplies(ActionForm):
    """`replies`: those that the page showed; one that came in meanwhile stays unread."""

    replies = forms.ModelMultipleChoiceField(queryset=Reply.objects.none(), widget=forms.MultipleHiddenInput)

    def __init__(self, data: Any = None, *, incident: Incident, **options: Any) -> None:
        super().__init__(data, **options)
        field = cast("forms.ModelMultipleChoiceField[Reply]", self.fields["replies"])
        field.queryset = Reply.objects.about(incident).select_related("notice")
