"""Cards and a notice of the dashboard: portals without analysts, contacts and texts due, languages to translate."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from analysts.accounts.coverage import PortalGap, find_gaps
from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import CoverageGap, User
from countries.models import HelpService, LanguageRole, Portal
from countries.staff.contacts.contact_checks import visible_contacts_due
from countries.staff.translation.status import LanguageWordsRow, count_languages, reviewable_rows
from countries.staff.workspace.checklist_counts import visible_texts_due

COVERAGE_ROLES = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class UncoveredPortal:
    portal: Portal
    # None until the loss has been noted: within a minute.
    since: datetime | None


@dataclass(frozen=True, slots=True)
class CoverageCard:
    """`partly`: portals with analysts, of whom none works in one of the languages."""

    uncovered: list[UncoveredPortal]
    partly: list[PortalGap]


def show_uncovered(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """The portals without analysts, and the languages that no analyst works in, for those who can assign some."""
    gaps = find_gaps() if user.role in COVERAGE_ROLES else []
    if not gaps:
        return None
    since = dict(CoverageGap.objects.filter(language="").values_list("portal", "since"))
    card = CoverageCard(
        [UncoveredPortal(gap.portal, since.get(gap.portal.pk)) for gap in gaps if gap.is_uncovered],
        [gap for gap in gaps if not gap.is_uncovered],
    )
    return PageSection("analysts/incidents/_dashboard_coverage.html", card)


@dataclass(frozen=True, slots=True)
class PortalCare:
    """How many contacts, and texts in one language, of portals that the public sees; and unverified help services."""

    contacts: int
    texts: int
    services: int


def show_portal_care(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """Checks due for operators: contacts, texts, help services."""
    if user.role != Role.OPERATOR:
        return None
    today = timezone.localdate(now)
    care = PortalCare(
        contacts=visible_contacts_due(today).count(),
        texts=visible_texts_due(today),
        services=HelpService.objects.exclude(HelpService.verified()).count(),
    )
    is_due = care.contacts or care.texts or care.services
    return PageSection("analysts/incidents/_dashboard_portal_care.html", care) if is_due else None


@dataclass(frozen=True, slots=True)
class TranslationWork:
    """A language of the translator. `to_review`: translations of others that they may approve; 0 without the right."""

    words: LanguageWordsRow
    to_review: int


def show_translations(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """Work that waits in each language of the translator."""
    if user.role != Role.TRANSLATOR:
        return None
    roles = dict(LanguageRole.objects.filter(account=user).values_list("language", "is_reviewer"))
    work = [
        TranslationWork(words, len(reviewable_rows(user, words.tag)) if roles[words.tag] and words.proposed else 0)
        for words in count_languages()
        if words.tag in roles
    ]
    return PageSection("analysts/incidents/_dashboard_translations.html", work)
