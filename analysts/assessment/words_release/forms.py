"""The forms that propose a sentence for release, and that decide about one."""

from typing import Any, cast

from django import forms
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment.words_release.permissions import recipients_of_words
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import ActionForm
from analysts.models import Recipient, ReleaseGround, WordsRelease
from countries.languages import country_name

# A longer one is no sentence.
LONGEST_SENTENCE = 500


class ReaderField(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at run time
    def label_from_instance(self, row: Any) -> str:
        """`row`: of `recipients_of_words`."""
        country = f", {country_name(row.country, 'en')}" if row.country else ""
        words = [_("has this case") if row.has_case else _("does not have this case")]
        if not row.has_inbox:
            words.append(_("no officer has an open inbox to read it in"))
        return f"{defang_text(row.name)}{country} ({'; '.join(map(str, words))})"


class ReleaseOutcome(TextChoices):
    RELEASED = "released", _("release it")
    DECLINED = "declined", _("decline it")


class ProposeRelease(ActionForm):
    sentence = forms.CharField(
        label=_("One sentence of the report"),
        max_length=LONGEST_SENTENCE,
        help_text=_("Copy it, and put […] in place of each part that could show who the reporter or a child is."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "dir": "auto"}),
    )
    to = ReaderField(label=_("Who may read it?"), queryset=Recipient.objects.none(), empty_label="–")
    ground = forms.TypedChoiceField(
        label=_("On what ground?"), choices=[("", "–"), *ReleaseGround.choices], coerce=ReleaseGround
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.incident is not None:
            today = timezone.now().date()
            cast(ReaderField, self.fields["to"]).queryset = recipients_of_words(self.incident, today)


class DecideRelease(ActionForm):
    release = forms.ModelChoiceField(queryset=WordsRelease.objects.none(), widget=forms.HiddenInput)
    outcome = forms.TypedChoiceField(
        label=_("Decision"), choices=[("", "–"), *ReleaseOutcome.choices], coerce=ReleaseOutcome
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[WordsRelease]", self.fields["release"])
        field.queryset = WordsRelease.objects.filter(incident=self.incident)
