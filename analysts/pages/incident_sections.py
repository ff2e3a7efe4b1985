"""The folded sections of the incident's page: which there are, in their order, and what the page hands to each.

The content of a section is built if something in it waits for a person, or if the request names it. Otherwise the page
has its heading alone, and a link to itself with the section open, which `static/staff/incident.js` follows in place.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.notes_section import read_notes
from analysts.assessment.related.addresses import record_shared, share_reveal
from analysts.assessment.related.page_section import (
    MERGE,
    Relations,
    ReportedAddress,
    build_relations,
    read_reported_address,
    show_relations,
)
from analysts.codes import IncidentKind
from analysts.incidents.attached import Attached
from analysts.incidents.durations import duration_lines, find_decided
from analysts.incidents.page_kit import ActionForm, FormFold, PageSection, SectionHeading
from analysts.incidents.page_urls import incident_url
from analysts.incidents.priority import is_reported_in_danger
from analysts.models import Assessment, Incident, Note, PoliceHold, User
from analysts.pages.history import show_history
from analysts.takedown.appeals.page_section import show_appeals
from analysts.takedown.chasing.lists import Due, Waiting, due_items
from analysts.takedown.chasing.page_section import ESCALATE, find_waiting, show_status
from analysts.takedown.chasing.to_do_round import ToDoRound
from analysts.takedown.notices.outbox_section import show_notices
from analysts.takedown.notices.redaction_section import REDACTION, RedactionPart, read_redaction, show_redaction
from analysts.takedown.notices.replies.page_section import show_replies
from analysts.takedown.routing.holds import latest_hold
from analysts.takedown.routing.page_section import show_routing
from analysts.takedown.tracing.page_section import show_hosting
from analysts.takedown.url_list.page_section import show_url_list
from analysts.welfare.masked_words import Blanks
from analysts.welfare.page_section import Masking

# Query parameters of the page: the sections to open, and whether the answer is such a section alone.
OPEN, ALONE = "open", "alone"


@dataclass(frozen=True, slots=True, repr=False)
class PageFacts:
    """Rows that the page has read, for its sections.

    Args:
        decided: the assessment that settled the current round.
        hold: the latest request for clearance.
        waiting: as `find_waiting`.
        shows_words: whether the reporters' words are revealed, too.
        due: the due to-dos of its open takedown.
        relations: None while the incident is masked.
        lists_related: whether related incidents are listed, not only counted.
        opened: the names of the sections and folds that the request opens.
        to_do: the to-do list that led here.
    """

    incident: Incident
    user: User
    attached: Attached
    bound: dict[str, ActionForm]
    now: datetime
    revealed: bool
    shows_words: bool
    blanks: Blanks
    decided: Assessment | None
    address: ReportedAddress
    notes: Sequence[Note]
    redaction: RedactionPart | None
    hold: PoliceHold | None
    waiting: Waiting
    due: Sequence[Due]
    relations: Relations | None
    lists_related: bool
    opened: Collection[str]
    to_do: ToDoRound | None

    def url_with_open(self, name: str) -> str:
        query = self.to_do.query if self.to_do else {}
        return f"{incident_url(self.incident.pk)}?{urlencode({**query, OPEN: name})}#{name}"

    def fold(self, name: str) -> FormFold:
        return FormFold(name, self.url_with_open(name), name in self.opened)


def read_facts(
    request: StaffRequest,
    incident: Incident,
    attached: Attached,
    bound: dict[str, ActionForm],
    masking: Masking | None,
    opened: Collection[str],
    to_do: ToDoRound | None,
    now: datetime,
) -> PageFacts:
    """`masking`: None for a section alone, which shows nothing that is revealed. `opened`: the names of the sections
    and folds to open. `to_do`: the list that led here."""
    user = request.user
    revealed, blanks = (masking.is_lifted, masking.blanks) if masking else (False, Blanks([]))
    address = read_reported_address(incident, user, has_merged=attached.merged, revealed=revealed)
    redaction: RedactionPart | None = None
    waiting: Waiting = {}
    due: Sequence[Due] = []
    if incident.known_chases or incident.child_in_danger:
        redaction = read_redaction(incident, user, bound, blanks, revealed=revealed)
    if incident.known_chases:
        waiting = find_waiting(incident, attached, is_unconfirmed=redaction is not None and redaction.is_open)
        due = due_items(incident.known_chases[-1], waiting, now=now)
    relations, lists_related = None, RELATIONS.name in opened or MERGE in bound
    if masking and revealed:
        lists_related = lists_related or masking.related_shown or bool(masking.related)
        shared = share_reveal(
            request, incident, blanks=blanks, related=masking.related, is_asked=masking.related_shown, now=now
        )
        relations = build_relations(incident, user, bound, blanks, address, shared=shared, is_listed=lists_related)
        record_shared(request, incident, shared, now)
    return PageFacts(
        incident=incident,
        user=user,
        attached=attached,
        bound=bound,
        now=now,
        revealed=revealed,
        shows_words=masking is not None and masking.reports_shown,
        blanks=blanks,
        decided=find_decided(incident),
        address=address,
        notes=read_notes(incident, user, merged=address.merged, has_notes=attached.notes),
        redaction=redaction,
        hold=latest_hold(incident) if attached.police_holds else None,
        waiting=waiting,
        due=due,
        relations=relations,
        lists_related=lists_related,
        opened=opened,
        to_do=to_do,
    )


@dataclass(frozen=True, slots=True)
class IncidentSection:
    """`name`: its id. `keys`: the shortcuts of its content, which open it. `show`: None if it has nothing to show."""

    name: str
    title: Promise
    show: Callable[[PageFacts], SectionHeading | None]
    keys: str = ""


ROUTING = IncidentSection(
    "route",
    _("Routing"),
    lambda page: show_routing(page.incident, page.user, page.bound, page.now, page.hold, page.decided),
    keys="k o f",
)
REDACTING = IncidentSection(
    REDACTION, _("Redact before sending"), lambda page: show_redaction(page.redaction) if page.redaction else None
)
NOTICES = IncidentSection(
    "notices", _("Notices"), lambda page: show_notices(page.incident, page.now) if page.attached.notices else None
)
# After an illegal verdict, in the order of the page.
AFTER_VERDICT = (
    IncidentSection(
        "replies",
        _("Replies from recipients"),
        lambda page: (
            show_replies(page.incident, page.user, page.bound, page.blanks, revealed=page.revealed)
            if page.attached.replies
            else None
        ),
        keys="b",
    ),
    REDACTING,
    IncidentSection(
        "hosting",
        _("Hosting trace"),
        lambda page: show_hosting(page.incident, page.user, page.bound, page.now),
        keys="t",
    ),
    ROUTING,
    NOTICES,
    IncidentSection(
        "status",
        _("Availability checks"),
        lambda page: show_status(
            page.incident,
            page.user,
            page.bound,
            page.now,
            page.waiting,
            page.due,
            page.hold,
            page.fold(ESCALATE),
        ),
        keys="a e",
    ),
    IncidentSection(
        "url-list",
        _("URL list"),
        lambda page: show_url_list(page.incident, page.user, page.bound, page.now, page.attached),
        keys="l",
    ),
    IncidentSection(
        "appeals",
        _("Appeals"),
        lambda page: show_appeals(page.incident, page.user, page.bound, has_appeals=page.attached.appeals),
        keys="A",
    ),
)
# After any verdict; before one, both are in view.
RELATIONS = IncidentSection(
    "relations",
    _("Related incidents"),
    lambda page: show_relations(page.relations, lambda: relations_of(page), is_refused=MERGE in page.bound),
    keys="M",
)
HISTORY = IncidentSection(
    "history",
    _("History"),
    lambda page: show_history(
        page.incident,
        page.user,
        page.attached,
        page.notes,
        duration_lines(page.incident, page.decided, now=page.now),
    ),
)
SECTIONS = (*AFTER_VERDICT, RELATIONS, HISTORY)


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section on the page. `content`: None while it is folded and not built; `url` leads to the page with it open."""

    section: IncidentSection
    heading: SectionHeading
    content: PageSection | None
    is_open: bool
    url: str


def sections_after_verdict(incident: Incident) -> tuple[IncidentSection, ...]:
    """The sections that there may be besides its relations and its history; without an illegal verdict, those of alerts
    about a child in danger."""
    if incident.kind == IncidentKind.WORDS and incident.severity:
        # Not hosted anywhere, so only its referrals are relevant.
        return (ROUTING,)
    if incident.known_chases:
        return AFTER_VERDICT
    return (REDACTING, NOTICES) if is_reported_in_danger(incident) else ()


def relations_of(page: PageFacts) -> Relations:
    if page.relations:
        return page.relations
    return build_relations(
        page.incident, page.user, page.bound, page.blanks, page.address, shared=None, is_listed=page.lists_related
    )


def show_section(section: IncidentSection, page: PageFacts, opened: Collection[str]) -> ShownSection | None:
    """`opened`: the names of the sections to open."""
    heading = section.show(page)
    if heading is None:
        return None
    is_open = heading.is_open or section.name in opened
    content = heading.build() if is_open or heading.is_built else None
    return ShownSection(section, heading, content, is_open, page.url_with_open(section.name))
