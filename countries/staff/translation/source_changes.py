"""Source texts that changed since they were translated here: each old one beside the new text that is most like it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from countries.models import ApprovedText, InterfaceTranslation, TranslationState
from countries.staff.document.differences import Piece, diff_pieces
from countries.words.crisis_texts import texts_to_write
from countries.words.sources import SourceText, read_source_texts

# Rows of the page; further ones are counted only.
MOST_LISTED = 50
# How many new texts, those that share most words with an old one, are compared with it.
MOST_COMPARED = 5
LEAST_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class ChangedText:
    """An approved translation whose source text has gone. `now`: the new source most like it; None for none."""

    old: ApprovedText
    now: SourceText | None
    is_drafted: bool

    @property
    def old_forms(self) -> list[str]:
        return [self.old.singular, self.old.plural] if self.old.plural else [self.old.singular]

    @property
    def pieces(self) -> list[Piece]:
        """The old and the new text word by word; [] without a new one."""
        return list(diff_pieces(self.old.singular, self.now.singular)) if self.now else []


def find_changed_texts(tag: str) -> tuple[list[ChangedText], int]:
    """The first MOST_LISTED changed texts of the language, and how many there are.

    Four queries and a bounded comparison.
    """
    sources = texts_to_write(tag)
    removed = ApprovedText.objects.filter(language=tag).exclude(digest__in=sources.keys())
    number = removed.count()
    if not number:
        return [], 0
    digests = set(ApprovedText.objects.filter(language=tag).order_by().values_list("digest", flat=True))
    new = [(source, _words_of(source.singular)) for source in read_source_texts() if source.digest not in digests]
    drafts = InterfaceTranslation.objects.filter(
        language=tag, state__in=[TranslationState.DRAFT, TranslationState.PROPOSED]
    )
    drafted = set(drafts.order_by().values_list("digest", flat=True))
    changed = []
    for old in removed[:MOST_LISTED]:
        match = find_most_like(old.singular, is_plural=bool(old.plural), among=new)
        changed.append(ChangedText(old, match, is_drafted=match is not None and match.digest in drafted))
    return changed, number


def find_most_like(
    text: str, *, is_plural: bool, among: Sequence[tuple[SourceText, frozenset[str]]]
) -> SourceText | None:
    """The source most like the text, if at least LEAST_ALIKE of it is; one that counts only for one that counts.

    `among`: sources with their words. Only the MOST_COMPARED that share most words are compared letter by letter.
    """
    words = _words_of(text)
    candidates = [
        (source, own_words) for source, own_words in among if bool(source.plural) == is_plural and words & own_words
    ]
    candidates.sort(key=lambda pair: len(words & pair[1]) / len(words | pair[1]), reverse=True)
    best, score = None, LEAST_ALIKE
    for source, _source_words in candidates[:MOST_COMPARED]:
        ratio = SequenceMatcher(None, source.singular, text, autojunk=False).ratio()
        if ratio > score:
            best, score = source, ratio
    return best


def _words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
