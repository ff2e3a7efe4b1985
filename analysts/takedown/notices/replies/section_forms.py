"""The forms of the section on replies: what is done about one or several of them."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy

from analysts.codes.letter_topics import BackTopic
from analysts.incidents.page_kit import ActionForm
from analysts.models import Confirmation, Incident, Reply

# Django compares a text with a key that is a relation character by character: what is no UUID is refused before.
UUID_KEY = forms.UUIDField(required=False)


class ReplyChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    def to_python(self, value: Any) -> Any:
        return super().to_python(UUID_KEY.clean(value))


class ReplyChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # not generic at run time
    def clean(self, value: Any) -> Any:
        return super().clean([UUID_KEY.clean(key) for key in value or ()])


class ReadReplies(ActionForm):
    """Lists the replies that the page showed, so that one received in the meantime stays unread."""

    replies = ReplyChoices(queryset=Reply.objects.none(), widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        field = cast("forms.ModelMultipleChoiceField[Reply]", self.fields["replies"])
        field.queryset = Reply.objects.about(incident).select_related("notice")


class ReplyForm(ActionForm):
    """The form of an action on one reply."""

    reply = ReplyChoice(queryset=Reply.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        field = cast("forms.ModelChoiceField[Reply]", self.fields["reply"])
        field.queryset = Reply.objects.about(incident).select_related("notice")


class AnswerReply(ReplyForm):
    """The letter back to a recipient who needs more information."""

    topic = forms.TypedChoiceField(
        label=gettext_lazy("What to tell them"), choices=[("", "–"), *BackTopic.choices], coerce=BackTopic
    )


class CallBack(ReplyForm):
    """The call to the police about their answer. `phone`: the verified number that the page showed."""

    phone = forms.CharField(widget=forms.HiddenInput, required=False)
    outcome = forms.TypedChoiceField(
        label=gettext_lazy("What do they say on the telephone?"),
        choices=[
            ("", "–"),
            (Confirmation.CALL, gettext_lazy("it is from them, and it is so")),
            (Confirmation.DENIED, gettext_lazy("it is not from them")),
        ],
        coerce=Confirmation,
    )
