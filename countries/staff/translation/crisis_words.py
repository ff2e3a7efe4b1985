"""Whether a language has words of crisis: in the shipped list, or enough phrases that its speakers wrote."""

from collections import Counter
from collections.abc import Collection, Mapping

from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from countries.languages import is_readable_as
from countries.models import ApprovedText
from countries.models.text import WORDS_OF_CRISIS
from countries.words.crisis_memory import shipped_crisis_languages, split_phrases

# Fewer would miss most people, who say the same in many ways.
LEAST_PHRASES = 10


def phrases_missing(tags: Collection[str]) -> dict[str, int]:
    """Maps each language to the number of approved phrases that it still lacks; 0 for nothing.

    One query, or none if the shipped list has them all. A language will do for its country variants.
    """
    shipped = shipped_crisis_languages()
    others = {tag for tag in tags if not any(is_readable_as(language, tag) for language in shipped)}
    entered = _count_phrases({candidate for tag in others for candidate in (tag, tag.split("-")[0])}) if others else {}
    return {
        tag: max(0, LEAST_PHRASES - sum(count for language, count in entered.items() if is_readable_as(language, tag)))
        if tag in others
        else 0
        for tag in tags
    }


def describe_missing_phrases(missing: int) -> str:
    """The line of a checklist about it; "" for nothing."""
    if not missing:
        return ""
    return _(
        "Speakers must write and review at least %(least)d phrases by which people in need say so; %(missing)d are"
        " missing."
        " Without them, a reporter in need who writes in this language is not shown whom to call."
    ) % {"least": LEAST_PHRASES, "missing": missing}


def describe_spoken(missing: Mapping[str, int], names: Mapping[str, str]) -> str:
    """The sentences on languages of a country that have no words of crisis, and on shipped words that no native speaker
    has checked, as HTML. "" for neither.

    missing: the result of `phrases_missing` for them. names: of each language, in the order to show.
    """
    shipped = shipped_crisis_languages()
    unchecked = {language for language, reader in shipped.items() if not reader}
    sentences = (
        (_("Spoken in the country, without words of crisis:"), [tag for tag in names if missing[tag]]),
        (
            _("Words of crisis that no native speaker has checked:"),
            [tag for tag in names if any(is_readable_as(language, tag) for language in unchecked)],
        ),
    )
    return format_html_join(
        " ",
        "{} {}.",
        (
            (sentence, format_html_join(", ", "<bdi>{}</bdi>", ((names[tag],) for tag in tags)))
            for sentence, tags in sentences
            if tags
        ),
    )


def _count_phrases(tags: Collection[str]) -> Mapping[str, int]:
    lists = ApprovedText.objects.filter(context=WORDS_OF_CRISIS, language__in=tags).order_by()
    numbers = Counter[str]()
    for language, forms in lists.values_list("language", "forms"):
        numbers[language] += len(split_phrases(forms))
    return numbers
