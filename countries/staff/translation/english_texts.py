"""Portal texts in another language that still are the English standard text with which a new portal begins.

Titles are left out: in Krio, say, a title may be the English one.
"""

from functools import cache, reduce
from operator import or_

from django.db.models import Q

from countries.languages import is_readable_as
from countries.models import PortalText, PortalTextPart
from countries.public.standard_texts import standard_text

ENGLISH = "en"


def english_parts(text: PortalText) -> list[PortalTextPart]:
    """The parts of the text that are the English standard text though its language is not English."""
    if is_readable_as(ENGLISH, text.language):
        return []
    return [part for part, words in _english_texts().items() if getattr(text, part) == words]


def with_english_part() -> Q:
    """The texts that have any."""
    is_english = Q(language=ENGLISH) | Q(language__startswith=f"{ENGLISH}-")
    return reduce(or_, (Q(**{str(part): words}) for part, words in _english_texts().items())) & ~is_english


@cache
def _english_texts() -> dict[PortalTextPart, str]:
    words = standard_text("", "", ENGLISH)
    return {part: words[part] for part in PortalTextPart if part in words and part is not PortalTextPart.TITLE}
