"""The markup of form fields that hold nothing typed: a page has dozens, and a list of all countries is among them."""

from collections.abc import Hashable, Iterable, Iterator
from datetime import date, datetime
from typing import cast

from django import forms
from django.forms.boundfield import BoundField
from django.template.loader import get_template
from django.utils.choices import CallableChoiceIterator
from django.utils.html import format_html, format_html_join

from analysts.incidents.markup_cache import MarkupCache

# Values with labels, or groups of them.
type Choices = Iterable[tuple[Hashable, object]]

DRAWN_FIELDS = MarkupCache(most=300)


def draw_fields(fields: Iterable[BoundField], *, kept: bool = True) -> str:
    """The fields one after the other, those without typed text from kept markup unless it must not be `kept`."""
    return format_html_join("", "{}", ((_draw_field(field, kept=kept),) for field in fields))


def draw_hidden(bound: BoundField) -> str:
    """As the widget's template, which costs more than all the rest of a button's form."""
    if bound.form.is_bound or bound.field.widget.attrs:
        return str(bound)
    value = bound.value()
    return format_html(
        '<input type="hidden" name="{}"{} id="{}">',
        bound.html_name,
        "" if value in (None, "") else format_html(' value="{}"', value),
        bound.auto_id,
    )


def _draw_field(bound: BoundField, *, kept: bool) -> str:
    def draw() -> str:
        return get_template("countries/public/_field.html").render({"field": bound})

    key = _field_key(bound) if kept else None
    return draw() if key is None else DRAWN_FIELDS.draw_once(key, draw)


def _field_key(bound: BoundField) -> Hashable:
    """All that the markup depends on; None for a value that is neither a day nor a choice, which is drawn each time."""
    value = bound.value()
    if isinstance(value, date) and not isinstance(value, datetime):
        return type(bound.form), bound.auto_id, value
    chosen = tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),) if value else ()
    if chosen and not set(_values_of(_choices_of(bound.field))).issuperset(chosen):
        return None
    return type(bound.form), bound.auto_id, chosen, _own_parts(bound)


def _own_parts(bound: BoundField) -> Hashable:
    """What this form shows otherwise than its class, which is in the key: reading hundreds of labels is slow."""
    field = bound.field
    of_class = type(bound.form).base_fields.get(bound.name)  # type: ignore[attr-defined] # of the metaclass
    choices, attributes = _choices_of(field), field.widget.attrs
    if of_class is None:
        return field.label, field.help_text, tuple(attributes.items()), _freeze(choices)
    return (
        None if field.label is of_class.label else field.label,
        None if field.help_text is of_class.help_text else field.help_text,
        None if attributes == of_class.widget.attrs else tuple(attributes.items()),
        None if _are_same(choices, _choices_of(of_class)) else _freeze(choices),
    )


def _are_same(choices: Choices, of_class: Choices) -> bool:
    """Whether they are certainly equal, without asking a callable for hundreds or the database for any."""
    match choices, of_class:
        case CallableChoiceIterator(), CallableChoiceIterator():
            return choices.func is of_class.func
        case (list(), list()) | (tuple(), tuple()):
            return choices == of_class
    return False


def _choices_of(field: forms.Field) -> Choices:
    return cast("Choices", field.choices) if isinstance(field, forms.ChoiceField) else ()


def _freeze(choices: Choices) -> tuple[Hashable, ...]:
    """The choices as nested tuples."""
    return tuple(
        (value, _freeze(cast("Choices", label)) if isinstance(label, list | tuple) else label)
        for value, label in choices
    )


def _values_of(choices: Choices) -> Iterator[str]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _values_of(cast("Choices", label))
        else:
            yield str(value)
