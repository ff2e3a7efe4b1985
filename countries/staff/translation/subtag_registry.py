"""IANA's list of language subtags (RFC 5646): which tags exist, and English names of languages that CLDR lacks."""

from collections import Counter
from functools import cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from language_tags import data, tags

# Entries that name no single language: groups of them, `und`, `mul`, and codes for private use.
NO_LANGUAGES = frozenset({"collection", "special", "private-use"})


def check_tag(tag: str) -> None:
    """Raises ValidationError, with the part at fault, for a tag that is not one of a language."""
    found = tags.tag(tag)
    if unknown := [part for part in tag.split("-") if not tags.types(part)]:
        message = _("“%(part)s” is not in IANA’s list of language subtags.")
        raise ValidationError(message % {"part": unknown[0]}, code="unknown")
    if outdated := [subtag for subtag in found.subtags if subtag.deprecated]:
        message = _("“%(part)s” is no longer in use. Enter “%(instead)s”.")
        preferred = outdated[0].preferred
        instead = str(preferred) if preferred else _("the tag of another language")
        raise ValidationError(message % {"part": outdated[0], "instead": instead}, code="outdated")
    if not found.valid or found.language is None or found.language.scope in NO_LANGUAGES:
        raise ValidationError(_("“%(tag)s” is not the tag of a language.") % {"tag": tag}, code="no_language")


def registered_name(tag: str) -> str:
    """The English name of the tag's language, with its script; "" for a tag that is not registered."""
    try:
        check_tag(tag)
    except ValidationError:
        return ""
    found = tags.tag(tag)
    name = str(found.language.description[0])
    return f"{name} ({found.script.description[0]})" if found.script else name


def find_registered_tag(name: str) -> str:
    """The tag of the one language with this English name, in any case; "" for none and for several."""
    return _tags_by_name().get(name.casefold(), "")


@cache
def _tags_by_name() -> dict[str, str]:
    pairs = [
        (name.casefold(), record["Subtag"])
        for record in data.get("registry")
        if record["Type"] == "language" and record.get("Scope") not in NO_LANGUAGES and "Deprecated" not in record
        for name in record["Description"]
    ]
    numbers = Counter(name for name, _tag in pairs)
    return {name: tag for name, tag in pairs if numbers[name] == 1}
