"""The content warning and the reveal and copy forms of the incident's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models.lookups import In

from analysts.accounts.staff_request import StaffRequest
from analysts.codes import ContentWarning, RevealReason
from analysts.incidents import contents
from analysts.incidents.display.visible_text import LegibleAddress, OwnLetters, legible_address
from analysts.incidents.page_kit import ActionForm, Counts, PageSection
from analysts.incidents.permissions import check_can_copy, check_can_reveal
from analysts.models import Incident, User
from analysts.models.incident_queries import WARNED_OF
from analysts.welfare import masking
from analysts.welfare.forms import Copy, Reveal
from analysts.welfare.masked_words import Blanks
from analysts.welfare.permissions import check_can_see_welfare
from audit.permissions import is_allowed
from countries.decided_settings import number_in_force
from reports.addresses.identifying import find_identifying_parts, token_kinds

# Maximum number of other incidents of the site whose content warnings are shown, last sighted first.
MOST_OF_SITE = 20


@dataclass(frozen=True, slots=True, repr=False)
class Copied:
    """The full address to copy. `personal`: labels of the parts that may identify a person."""

    address: str
    personal: list[str]


@dataclass(frozen=True, slots=True, repr=False)
class Masking:
    """The reveal section of one page: content warning and form while masked, the other fields while revealed."""

    is_lifted: bool
    # Content warnings from earlier assessments: of this incident, and of others of its site.
    flagged: list[str]
    flagged_of_site: list[str]
    form: ActionForm | None
    # The reporters' words are shown.
    reports_shown: bool
    # The words masked on this page; none if the user asked to see them.
    blanks: Blanks
    # The form to copy the full address, if there is an address.
    copy: ActionForm | None
    copied: Copied | None
    # The number of this page (`Revealed.page`), for the script that hides it.
    page: int
    seconds: int
    # Whether the addresses of related incidents were asked for, and the ids of those on record (`Revealed.related`).
    related_shown: bool
    related: frozenset[str]


def masking_of(
    request: StaffRequest, incident: Incident, bound: dict[str, ActionForm], *, reason: RevealReason | None = None
) -> Masking:
    """`reason`: chosen already in the form that asks for one."""
    state = masking.turn_page(request, incident) if is_allowed(check_can_reveal, request.user, incident) else None
    form = (bound.get("reveal") or Reveal(incident=incident, by=request.user, reason=reason)) if state is None else None
    return Masking(
        is_lifted=state is not None,
        flagged=warning_labels(incident.notices) if state is None else [],
        flagged_of_site=warning_labels(notices_of_site(incident)) if state is None else [],
        form=form,
        reports_shown=bool(state and state.get("reports_shown")),
        blanks=Blanks([]) if state is None or state["words_shown"] else Blanks.load(),
        copy=(bound.get("copy") or Copy()) if state and is_allowed(check_can_copy, request.user, incident) else None,
        copied=address_to_copy(incident) if state and state["copies"] else None,
        page=state["page"] if state else 0,
        seconds=number_in_force("VEIL_MINUTES") * 60,
        related_shown=bool(state and state.get("related_shown")),
        related=frozenset(state.get("related", ()) if state else ()),
    )


def address_to_copy(incident: Incident) -> Copied | None:
    opened = contents.reveal_address(incident)
    if opened is None:
        return None
    return Copied(
        opened.normalised, [str(kind.label) for kind in token_kinds(find_identifying_parts(opened.normalised))]
    )


def clear_address(incident: Incident) -> LegibleAddress | None:
    """The decrypted address; None if there is none or it cannot be decrypted."""
    opened = contents.reveal_address(incident)
    return legible_address(opened.normalised) if opened else None


def own_letters(legible: LegibleAddress, blanks: Blanks) -> OwnLetters | None:
    """The host in its own script, masked like the address; None if it is plain ASCII."""
    letters = legible.own_letters
    return OwnLetters(blanks.parts(letters.parts), letters.is_mixed) if letters else None


def warning_labels(notices: Iterable[str]) -> list[str]:
    """The labels in the order of the code list."""
    values = set(notices)
    return [str(notice.label) for notice in ContentWarning if notice in values]


def notices_of_site(incident: Incident) -> set[str]:
    """Content warnings of other incidents of the site, from all portals: a warning does not identify an incident.

    Warnings on a free host hold for their host alone: what one person put there says nothing about another. Reads at
    most MOST_OF_SITE rows of a partial index, however large the site.
    """
    if not incident.site_fingerprint:
        return set()
    held_for = [bytes(incident.site_fingerprint), bytes(incident.host_fingerprint)]
    others = Incident.objects.warning().filter(In(WARNED_OF, held_for))
    latest = others.exclude(pk=incident.pk).order_by("-last_sighted").values_list("notices", flat=True)[:MOST_OF_SITE]
    return {notice for notices in latest for notice in notices}


def show_welfare(user: User, now: datetime, counts: Counts) -> PageSection | None:
    return PageSection("analysts/welfare/_dashboard.html", None) if is_allowed(check_can_see_welfare, user) else None
