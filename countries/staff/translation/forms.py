"""Forms of interface texts."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.reason_field import ReasonField
from countries.languages import text_direction
from countries.staff.translation.status import TextFilter
from countries.words.crisis_texts import LONGEST_LIST
from countries.words.plurals import plural_rule
from countries.words.sources import SourceText

# The longest public text has 700 characters.
LONGEST_TRANSLATION = 4_000


class TranslationForm(forms.Form):
    """One field for each plural form, or one; in the language's own direction. Words of crisis have a reason, too."""

    def __init__(
        self, data: dict[str, str] | None, *, source: SourceText, language: str, initial: Sequence[str] = ()
    ) -> None:
        super().__init__(data)
        rule = plural_rule(language)
        self.count = rule.count if source.plural else 1
        for number in range(self.count):
            examples = ", ".join(map(str, rule.examples(number)))
            label = _("For the numbers %(examples)s") % {"examples": examples} if source.plural else _("Translation")
            self.fields[f"form{number}"] = forms.CharField(
                label=_("Phrases, one a line") if source.is_phrase_list else label,
                max_length=LONGEST_LIST if source.is_phrase_list else LONGEST_TRANSLATION,
                # Speakers may take all words of a list back.
                required=not source.is_phrase_list,
                initial=initial[number] if number < len(initial) else "",
                widget=forms.Textarea(
                    attrs={
                        "rows": 12 if source.is_phrase_list else min(8, 2 + len(source.singular) // 60),
                        "lang": language,
                        "dir": text_direction(language),
                        "class": "words-input",
                        "spellcheck": "true",
                    }
                ),
            )
        if source.is_phrase_list:
            self.fields["reason"] = ReasonField(max_length=500)

    def translation(self) -> list[str]:
        # Browsers end lines with two characters, catalogues with one.
        return [self.cleaned_data[f"form{number}"].replace("\r\n", "\n") for number in range(self.count)]


class DecisionForm(forms.Form):
    """A decision about the translation that the page showed. `forms`: the shipped one, which has no number."""

    verdict = forms.ChoiceField(choices=[("approve", ""), ("decline", ""), ("approve_shipped", "")])
    translation = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    shown = forms.CharField(required=False, max_length=64)
    reason = forms.CharField(required=False, max_length=500)


class WordsFilterForm(forms.Form):
    """The search of a language's list; values that it does not know are ignored."""

    show = forms.ChoiceField(label=gettext_lazy("Show"), choices=TextFilter, required=False)
    q = forms.CharField(label=gettext_lazy("Search"), max_length=100, required=False)

    def selection(self) -> tuple[TextFilter, str]:
        self.is_valid()
        cleaned = self.cleaned_data
        return TextFilter(cleaned.get("show") or TextFilter.ALL), cleaned.get("q", "").strip()


class TermForm(forms.Form):
    term = forms.CharField(label=gettext_lazy("English term"), max_length=100)
    translation = forms.CharField(label=gettext_lazy("Translation"), max_length=200)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)
