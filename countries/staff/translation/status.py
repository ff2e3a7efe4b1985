"""How far each language's interface texts are: the numbers of the overview, and the rows of a language's list."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, TextChoices
from django.utils.translation import gettext_lazy as _

from countries.languages import is_readable_as, language_name, opened_languages, text_direction
from countries.models import ApprovedText, InterfaceTranslation, LanguageRole, TranslationState
from countries.models.text import WORDS_OF_CRISIS
from countries.staff.requests.approvals import StaffMember
from countries.staff.translation.places import place_labels, reading_order
from countries.staff.translation.standard_words import is_machine_made
from countries.staff.translation.text_parts import SourcePart, split_parts
from countries.words.crisis_memory import shipped_crisis_languages
from countries.words.crisis_texts import CRISIS_TEXTS, PhraseChanges, compare_phrases, texts_to_write
from countries.words.sources import SOURCE, SourceText, language_tags, shipped_translations, sources_by_digest


class TextStatus(TextChoices):
    """The text that the public reads in a language."""

    REVIEWED = "reviewed", _("reviewed")
    MACHINE = "machine", _("machine-made, not reviewed")
    TRANSLATED = "translated", _("translated, not reviewed")
    FALLBACK = "fallback", _("not translated: shown in English")
    SHIPPED = "shipped", _("only the product’s own list")


class TextFilter(TextChoices):
    """The parts of a language's list. Parts of `TextStatus` have its values."""

    ALL = "all", _("All")
    FALLBACK = "fallback", _("Not translated")
    MACHINE = "machine", _("Machine-made")
    TRANSLATED = "translated", _("Not reviewed")
    PROPOSED = "proposed", _("Proposed")
    DRAFTED = "drafted", _("With a draft")
    REVIEWED = "reviewed", _("Reviewed")


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text in a language. `forms`: what the public reads in that language, empty while it reads English."""

    source: SourceText
    status: TextStatus
    forms: tuple[str, ...]
    is_proposed: bool
    is_drafted: bool

    def has_words(self, words: str) -> bool:
        """Whether the text or its translation contains the words, in any case."""
        needle = words.casefold()
        return any(needle in text.casefold() for text in (*self.source.forms, *self.forms))

    def is_in(self, part: TextFilter) -> bool:
        match part:
            case TextFilter.ALL:
                return True
            case TextFilter.PROPOSED:
                return self.is_proposed
            case TextFilter.DRAFTED:
                return self.is_drafted
            case _:
                return self.status.value == part.value


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A proposed translation beside its English text. `current`: the approved forms of words of crisis, else empty."""

    source: SourceText
    waiting: InterfaceTranslation
    current: tuple[str, ...] = ()

    @property
    def english(self) -> list[list[SourcePart]]:
        return [split_parts(form) for form in self.source.forms]

    @property
    def translation(self) -> list[list[SourcePart]]:
        return [split_parts(form) for form in self.waiting.forms]

    @property
    def phrase_changes(self) -> PhraseChanges | None:
        return compare_phrases(self.current, self.waiting.forms) if self.source.is_phrase_list else None

    @property
    def places(self) -> list[str]:
        return place_labels(self.source.places)


@dataclass(frozen=True, slots=True)
class LanguageWordsRow:
    """The numbers of a language. `outdated`: approved texts whose source has changed or gone.

    `total` and `by_status` are of the texts of pages, `proposed` also of words of crisis.
    """

    tag: str
    name: str
    direction: str
    total: int
    by_status: Mapping[TextStatus, int]
    proposed: int
    outdated: int
    translators: int
    reviewers: int

    @property
    def reviewed(self) -> int:
        return self.by_status.get(TextStatus.REVIEWED, 0)

    @property
    def machine_made(self) -> int:
        return self.by_status.get(TextStatus.MACHINE, 0)

    @property
    def translated(self) -> int:
        return self.total - self.fallback

    @property
    def fallback(self) -> int:
        return self.by_status.get(TextStatus.FALLBACK, 0)


def words_languages() -> list[str]:
    """The tags of all languages with texts or translators: shipped ones first, then those opened here. Two queries."""
    shipped = [tag for tag in language_tags() if tag != SOURCE]
    opened = set(LanguageRole.objects.order_by().values_list("language", flat=True).distinct())
    opened |= {language.tag for language in opened_languages()}
    opened |= set(ApprovedText.objects.order_by().values_list("language", flat=True).distinct())
    return [*shipped, *sorted(opened - set(shipped))]


def count_languages() -> list[LanguageWordsRow]:
    """The numbers of every language. The same few queries for any number of languages and texts."""
    approved = _digests_by_language(ApprovedText.objects.order_by().values_list("language", "digest"))
    proposed = _digests_by_language(
        InterfaceTranslation.objects.proposed().order_by().values_list("language", "digest")
    )
    roles = Counter(LanguageRole.objects.filter(account__is_active=True).values_list("language", "is_reviewer"))
    return [
        _count_language(tag, approved.get(tag, frozenset()), proposed.get(tag, frozenset()), roles)
        for tag in words_languages()
    ]


def approved_languages() -> frozenset[str]:
    """The languages in which reviewers approved every text that the product has now. One query."""
    digests = sources_by_digest().keys()
    counted = ApprovedText.objects.filter(digest__in=digests).order_by().values_list("language").annotate(Count("pk"))
    return frozenset(tag for tag, number in counted if number == len(digests))


def build_rows(tag: str) -> list[TextRow]:
    """All texts in the language, those first that readers meet first. Three queries."""
    approved = dict(ApprovedText.objects.filter(language=tag).order_by().values_list("digest", "forms"))
    waiting = InterfaceTranslation.objects.filter(
        language=tag, state__in=[TranslationState.PROPOSED, TranslationState.DRAFT]
    )
    states = set(waiting.order_by().values_list("digest", "state"))
    shipped, machine = shipped_translations(tag), is_machine_made(tag)
    phrases = _phrase_statuses(tag, approved)
    rows = []
    for source in texts_to_write(tag).values():
        status = phrases.get(source.digest) or _status_of(source.digest, approved, shipped, machine=machine)
        forms = approved.get(source.digest) or shipped.get(source.digest, ())
        rows.append(
            TextRow(
                source,
                status,
                tuple(forms),
                is_proposed=(source.digest, TranslationState.PROPOSED) in states,
                is_drafted=(source.digest, TranslationState.DRAFT) in states,
            )
        )
    return sorted(rows, key=lambda row: reading_order(row.source.places))


def reviewable_rows(user: StaffMember, tag: str) -> list[ReviewRow]:
    """The proposed translations of others into the language whose English text the product has. Two queries."""
    sources = texts_to_write(tag)
    phrases = ApprovedText.objects.filter(language=tag, context=WORDS_OF_CRISIS).order_by()
    current = dict(phrases.values_list("digest", "forms"))
    waiting = InterfaceTranslation.objects.proposed().filter(language=tag).exclude(translated_by=user.pk)
    rows = [
        ReviewRow(sources[row.digest], row, tuple(current.get(row.digest, ())))
        for row in waiting.with_names()
        if row.digest in sources
    ]
    return sorted(rows, key=lambda row: (reading_order(row.source.places), row.source.places, row.source.singular))


def filter_rows(rows: Iterable[TextRow], part: TextFilter, words: str) -> list[TextRow]:
    return [row for row in rows if row.is_in(part) and (not words or row.has_words(words))]


def neighbours(rows: Sequence[TextRow], digest: str) -> tuple[TextRow | None, TextRow | None]:
    """The rows before and after the text; the first row as the next one of a text that is not among them."""
    at = next((number for number, row in enumerate(rows) if row.source.digest == digest), None)
    if at is None:
        return None, rows[0] if rows else None
    return rows[at - 1] if at else None, rows[at + 1] if at + 1 < len(rows) else None


def _digests_by_language(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    by_language: dict[str, set[str]] = {}
    for language, digest in pairs:
        by_language.setdefault(language, set()).add(digest)
    return {language: frozenset(digests) for language, digests in by_language.items()}


def _count_language(
    tag: str, approved: frozenset[str], proposed: frozenset[str], roles: Mapping[tuple[str, bool], int]
) -> LanguageWordsRow:
    texts, shipped, machine = texts_to_write(tag).keys(), shipped_translations(tag), is_machine_made(tag)
    sources = sources_by_digest().keys() & texts
    return LanguageWordsRow(
        tag=tag,
        name=language_name(tag),
        direction=text_direction(tag),
        total=len(sources),
        by_status=Counter(_status_of(digest, approved, shipped, machine=machine) for digest in sources),
        proposed=len(proposed & texts),
        outdated=len(approved - texts),
        translators=roles.get((tag, False), 0),
        reviewers=roles.get((tag, True), 0),
    )


def _phrase_statuses(tag: str, approved: Mapping[str, list[str]]) -> dict[str, TextStatus]:
    """By digest, of each list of words of crisis. One query.

    Words from before two people had to agree on them have no approved version, and are not reviewed.
    """
    versions = InterfaceTranslation.objects.filter(
        language=tag, context=WORDS_OF_CRISIS, state=TranslationState.APPROVED
    )
    reviewed = dict(versions.order_by().values_list("digest", "forms"))
    is_shipped = any(is_readable_as(language, tag) for language in shipped_crisis_languages())
    statuses = {}
    for text in CRISIS_TEXTS:
        if text.digest in approved:
            is_reviewed = reviewed.get(text.digest) == approved[text.digest]
            statuses[text.digest] = TextStatus.REVIEWED if is_reviewed else TextStatus.TRANSLATED
        else:
            statuses[text.digest] = TextStatus.SHIPPED if is_shipped else TextStatus.FALLBACK
    return statuses


def _status_of(digest: str, approved: Collection[str], shipped: Collection[str], *, machine: bool) -> TextStatus:
    if digest in approved:
        return TextStatus.REVIEWED
    if digest in shipped:
        return TextStatus.MACHINE if machine else TextStatus.TRANSLATED
    return TextStatus.FALLBACK
