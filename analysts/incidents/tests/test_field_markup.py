"""Fields drawn once: the same markup as drawn each time, and nothing typed is kept."""

from django import forms
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy, override

from analysts.incidents.field_markup import DRAWN_FIELDS
from analysts.incidents.page_kit import ActionForm

COLOURS = [("", "–"), ("warm", [("r", gettext_lazy("Removed")), ("o", "Orange")]), ("b", "Blue")]


class Plain(ActionForm):
    colour = forms.ChoiceField(choices=COLOURS)
    several = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple)
    name = forms.CharField(help_text="A name.")


class Kept(Plain):
    keeps_markup = True


def drawn(form: ActionForm) -> str:
    return " ".join(render_to_string("analysts/incidents/_fields.html", {"form": form}).split())


def test_markup_is_the_same_for_all_values() -> None:
    for colour in ("", "r", "b", "unknown"):
        for several in ([], ["a"], ["a", "b"]):
            for name in ("", "typed"):
                initial = {"colour": colour, "several": several, "name": name}
                for _twice in (1, 2):
                    assert drawn(Kept(initial=initial)) == drawn(Plain(initial=initial))
    with override("es"):
        assert drawn(Kept()) == drawn(Plain())


def test_input_is_drawn_each_time_and_never_kept() -> None:
    form = Kept({"colour": "b", "name": "bound words"})
    assert not form.is_valid()
    assert "bound words" in form.fields_markup
    assert "initial words" in drawn(Kept(initial={"name": "initial words", "colour": "initial words"}))
    assert not any("words" in markup for markup in DRAWN_FIELDS._drawn.values())


def test_what_a_form_changes_of_its_class_is_shown() -> None:
    drawn(Kept())
    for field, change in (
        ("colour", {"choices": [("", "–"), ("g", "Green")]}),
        ("colour", {"label": "Other colour"}),
        ("name", {"help_text": "Another name."}),
        ("name", {"label": gettext_lazy("Removed")}),
    ):
        kept, plain = Kept(), Plain()
        for form in (kept, plain):
            for name, value in change.items():
                setattr(form.fields[field], name, value)
        assert drawn(kept) == drawn(plain) != drawn(Plain())
    kept, plain = Kept(), Plain()
    for form in (kept, plain):
        form.fields["name"].widget.attrs["maxlength"] = 7
    assert drawn(kept) == drawn(plain) != drawn(Plain())
