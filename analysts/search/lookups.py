"""The look-ups of a search, all by index and capped, so that its cost does not grow with history.

Incidents of other portals are left out before any are counted or capped: for the person who searches, they do not
differ from incidents that do not exist.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _

from analysts.assessment.related.relations import DECIDED, came_along, id_range
from analysts.incidents.facet_search import select_latest, write_fingerprint
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.models import Assessment, Incident, Notice, NoticeItem, Recipient, User
from analysts.search.terms import SearchTerms
from reports.models import KeyClass, SealingKey

# Shown of each kind of match.
MOST_SHOWN = 30
MOST_RECIPIENTS = 10


class SearchMatch(TextChoices):
    """Why an incident is among the results, the best reason first."""

    NUMBER = "number", _("Incident number")
    ADDRESS = "address", _("Exact address")
    ACCOUNT = "account", _("Account")
    NOTICE = "notice", _("In this notice")
    HOST = "host", _("Same host")
    SITE = "site", _("Same site")
    RECIPIENT = "recipient", _("Referred to this recipient")


@dataclass(frozen=True, slots=True)
class SearchResults:
    """`incidents`: each once, under its best match, with its key and an attribute `verdict` (None: undecided)."""

    incidents: dict[SearchMatch, list[Incident]]
    notice: Notice | None
    recipients: list[Recipient]

    @property
    def number(self) -> int:
        return sum(map(len, self.incidents.values())) + len(self.recipients) + (self.notice is not None)


def find_results(terms: SearchTerms, user: User) -> SearchResults:
    recipients = (
        list(Recipient.objects.with_words(terms.words).order_by("name", "kind")[:MOST_RECIPIENTS])
        if (terms.words)
        else []
    )
    [only] = recipients if len(recipients) == 1 else [None]
    notice = Notice.objects.visible_to(user).filter(reference=terms.reference).first() if terms.reference else None
    return SearchResults(_find_incidents(terms, only, user), notice, recipients)


def find_exact(results: SearchResults, terms: SearchTerms) -> Incident | Notice | None:
    """The notice or the only incident that the typed text names: by reference, number or whole address."""
    if results.recipients or results.notice:
        return None if results.recipients else results.notice
    incidents = results.incidents.get(SearchMatch.NUMBER, [])
    if not terms.is_host:
        incidents = incidents or results.incidents.get(SearchMatch.ADDRESS, [])
        incidents = incidents or results.incidents.get(SearchMatch.ACCOUNT, [])
    return incidents[0] if len(incidents) == 1 else None


def find_by_number(number: str, user: User) -> list[Incident]:
    """The incidents that the user may see whose number begins with these 7 to 32 hexadecimal digits, also if merged."""
    return list(_with_verdict(Incident.objects.filter(pk__in=_numbered(number, user))).order_by("pk")[:MOST_SHOWN])


def searchable_since() -> date | None:
    """The first month whose key still exists, from which addresses can be found; None before the first key."""
    keys = SealingKey.objects.filter(key_class=KeyClass.ADDRESSES, destroyed_on=None)
    return keys.order_by("month").values_list("month", flat=True).first()


def _find_incidents(terms: SearchTerms, recipient: Recipient | None, user: User) -> dict[SearchMatch, list[Incident]]:
    """At most one query."""
    looked_up = _look_ups(terms, recipient, user)
    if not looked_up:
        return {}
    first, *more = [
        _with_verdict(Incident.objects.filter(pk__in=ids)).annotate(match=Value(match.value))[:MOST_SHOWN]
        for match, ids in looked_up.items()
    ]
    matches: dict[SearchMatch, list[Incident]] = {match: [] for match in SearchMatch}
    incident_ids: set[UUID] = set()
    order = {match.value: place for place, match in enumerate(SearchMatch)}
    rows = sorted(first.union(*more, all=True), key=lambda row: (row.first_sighted, row.pk), reverse=True)
    for row in sorted(rows, key=lambda row: order[row.match]):
        if row.pk not in incident_ids:
            incident_ids.add(row.pk)
            matches[SearchMatch(row.match)].append(row)
    return {match: incidents for match, incidents in matches.items() if incidents}


def _look_ups(
    terms: SearchTerms, recipient: Recipient | None, user: User
) -> "dict[SearchMatch, QuerySet[Incident, UUID]]":
    looked_up: dict[SearchMatch, QuerySet[Incident, UUID]] = {}
    if terms.number:
        looked_up[SearchMatch.NUMBER] = _numbered(terms.number, user)
    if terms.address:
        looked_up[SearchMatch.ADDRESS] = _of_fingerprints([compute_fingerprint("address", terms.address.key)], user)
        if terms.address.host:
            looked_up[SearchMatch.HOST] = _latest_of("host", terms.address.host, user)
    if terms.accounts:
        indexes = [compute_fingerprint("account", key) for key in terms.accounts]
        looked_up[SearchMatch.ACCOUNT] = _of_fingerprints(indexes, user)
    if terms.site:
        looked_up[SearchMatch.SITE] = _latest_of("site", terms.site, user)
    if terms.reference:
        items = NoticeItem.objects.filter(notice__reference=terms.reference, dropped="").values("incident")
        looked_up[SearchMatch.NOTICE] = _ids(Incident.objects.visible_to(user).filter(pk__in=items))
    if recipient:
        looked_up[SearchMatch.RECIPIENT] = _of_recipient(recipient, user)
    return looked_up


def _with_verdict(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """The incidents with their key, and a verdict where it may be shown: not one of two blind reviews."""
    in_force = Assessment.objects.in_force().filter(incident=OuterRef("pk")).order_by("-at").values("verdict")[:1]
    return (
        incidents.select_related("key")
        .annotate(verdict=Case(When(state__in=DECIDED, then=Subquery(in_force))))
        .order_by("-first_sighted", "-pk")
    )


def _ids(incidents: QuerySet[Incident]) -> "QuerySet[Incident, UUID]":
    return incidents.order_by().values_list("pk", flat=True)


def _numbered(number: str, user: User) -> "QuerySet[Incident, UUID]":
    between = id_range(number)
    visible = Incident.objects.visible_to(user).filter(pk__range=between)
    return _ids(visible).union(_ids(_merged_from(Q(merged__pk__range=between), user)))


def _of_fingerprints(fingerprints: list[bytes], user: User) -> "QuerySet[Incident, UUID]":
    """The incidents of addresses or accounts, unless erased; or those that they were merged into."""
    visible = Incident.objects.visible_to(user).filter(fingerprint__in=fingerprints, key__destroyed_on=None)
    merged = Q(merged__fingerprint__in=fingerprints, merged__key__destroyed_on=None)
    return _ids(visible).union(_ids(_merged_from(merged, user)))


def _merged_from(condition: Q, user: User) -> QuerySet[Incident]:
    """Incidents into which others that meet the condition were merged, with reports of the user's portals."""
    sightings = came_along(user, OuterRef("merged__pk"), into=OuterRef("pk"))
    return Incident.objects.visible_to(user).filter(condition).filter(sightings)


def _latest_of(name: str, value: str, user: User) -> "QuerySet[Incident, UUID]":
    """The latest ones of the host or site, unless erased: also between the end of a key and the blanking after it."""
    fingerprint = write_fingerprint(compute_fingerprint(name, value))
    latest = select_latest(user.portal_ids, name, fingerprint, most=MOST_SHOWN)
    return _ids(Incident.objects.visible_to(user).filter(pk__in=latest, key__destroyed_on=None))


def _of_recipient(recipient: Recipient, user: User) -> "QuerySet[Incident, UUID]":
    latest = select_latest(user.portal_ids, "recipient", str(recipient.pk), most=MOST_SHOWN)
    return _ids(Incident.objects.visible_to(user).filter(pk__in=latest))
