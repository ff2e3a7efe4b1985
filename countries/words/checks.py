"""Whether a translation keeps to its source. Pure; every path that writes a translation asks it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from countries.words.hidden_signs import is_hidden
from countries.words.sources import MARKUP, PLACEHOLDER, SourceText

_PER_CENT = re.compile(r"%(?!\(\w+\)[sd]|%)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a translation may not have. `form`: the index of the form; `message`: for the translator."""

    form: int
    message: str

    def __str__(self) -> str:
        return self.message


def find_translation_faults(source: SourceText, forms: Sequence[str], language: str) -> list[Fault]:
    """The faults of a translation, in the order of its forms; none if it can be shown."""
    return [Fault(index, message) for index, form in enumerate(forms) for message in _find_messages(source, form)]


def _find_messages(source: SourceText, form: str) -> list[str]:
    whole = f"{source.singular}\n{source.plural}"
    found = []
    if not form.strip():
        return [_("Write a translation.")]
    if any(sign in form and sign not in whole for sign in '<>"') or set(MARKUP.findall(form)) - set(source.tags):
        found.append(_("The English text has no such tag or straight quotation mark."))
    if "&" in form and "&" not in whole:
        found.append(_("The English text has no “&”."))
    missing = set(source.placeholders) - set(PLACEHOLDER.findall(form))
    added = set(PLACEHOLDER.findall(form)) - set(source.placeholders)
    if added or (missing and not source.plural):
        names = ", ".join(sorted(added | missing))
        found.append(_("The placeholders must be those of the English text: %(names)s") % {"names": names})
    if source.placeholders and _PER_CENT.search(form):
        found.append(_("Write a per cent sign as %%, as the English text does."))
    if any(is_hidden(sign) for sign in form):
        found.append(_("The text contains an invisible control character."))
    return found
