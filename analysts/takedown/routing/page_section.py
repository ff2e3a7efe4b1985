"""The routing section of the incident page, and timeline entries for routes and police clearance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.codes.recipient_kinds import kinds_that_are
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import ActionButton, ActionForm, PageSection, SectionHeading
from analysts.incidents.page_urls import incident_url
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import (
    Assessment,
    Chase,
    Clearance,
    Incident,
    IncidentKind,
    PoliceHold,
    Recipient,
    RecipientKind,
    Referral,
    Route,
    RouteStep,
    User,
)
from analysts.takedown.routing import permissions, referrals
from analysts.takedown.routing.clearance import ASK, RECORD, ClearanceStatus, clearance_status
from analysts.takedown.routing.forms import AddRecipient, WithdrawReferral
from analysts.takedown.routing.proposing import CONFIRM, Proposing, build_proposing, needs_route
from analysts.takedown.tracing.page_section import place_of
from audit.permissions import is_allowed, why_not
from countries.languages import country_in_words

# The names of forms on the page.
REFER, WITHDRAW = "refer", "withdraw_referral"
# The names of all forms of the section.
FORMS = (CONFIRM, ASK, RECORD, REFER, WITHDRAW)
# Limit of the suggested names; other names can still be typed.
MOST_OFFERED = 300
# Types of recipient whose names `AddRecipient` suggests.
OFFERED = kinds_that_are(lambda kind: kind.is_offered)


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """A recipient of the incident, with the status of its referral."""

    to: str
    # URL of the recipient's page, where it can be verified.
    url: str
    kind: str
    status: str
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Routing:
    route: Route | None
    steps: list[str]
    reason: str
    proposing: Proposing | None
    recipients: list[ReferralRow]
    clearance: ClearanceStatus | None
    add_recipient: ActionButton | None
    # None: there is no referral to withdraw.
    withdraw: ActionButton | None
    recipient_names: list[str]
    is_traced: bool
    # A report without a web address: staff contact recipients directly, and no notice is sent.
    is_words: bool


def show_routing(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    now: datetime,
    hold: PoliceHold | None,
    decided: Assessment | None,
) -> SectionHeading | None:
    """The routing section; None once the takedown has ended, unless a police decision is still due.

    `hold`: the latest clearance request. `decided`: the assessment that settled the current round.
    """
    chase = incident.known_open_chase
    may_refer = is_allowed(permissions.check_can_add_recipient, user, incident)
    if chase is None and (hold is None or hold.answer) and not (incident.kind == IncidentKind.WORDS and may_refer):
        return None
    route = incident.latest_route if chase and chase.routed_trace else None
    is_to_route = chase is not None and (CONFIRM in bound or needs_route(incident, chase, route, user, decided))
    return SectionHeading(
        outcome=describe_routing(incident, chase if is_to_route else None, hold, route),
        build=partial(build_routing, incident, user, bound, now, hold=hold, route=route, is_to_route=is_to_route),
        is_open=not bound.keys().isdisjoint(FORMS),
        keys=("k" if hold and not hold.answer else "") + ("o" if is_to_route else ""),
    )


def describe_routing(incident: Incident, to_route: Chase | None, hold: PoliceHold | None, route: Route | None) -> str:
    """`to_route`: the chase whose route is to be confirmed, if it is."""
    if hold and hold.answer == Clearance.REFUSED:
        return _("Police clearance refused")
    if hold and hold.answer == Clearance.NOT_OURS:
        return _("Police clearance: not theirs to decide")
    if hold and not hold.answer:
        return _("Waiting for police clearance")
    if to_route:
        return _("Route to be confirmed for %(place)s") % {"place": place_of(to_route)}
    if route:
        return "; ".join(step_labels(route))
    number = Referral.objects.filter(incident=incident, ended_at=None, to__isnull=False).count()
    if not number:
        return _("No recipients yet")
    return ngettext("%(number)s recipient", "%(number)s recipients", number) % {"number": number}


def step_labels(route: Route) -> list[str]:
    return [str(RouteStep(step).label) for step in route.steps]


def build_routing(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    now: datetime,
    *,
    hold: PoliceHold | None,
    route: Route | None,
    is_to_route: bool,
) -> PageSection:
    chase = incident.known_open_chase
    is_words = incident.kind == IncidentKind.WORDS
    refused = why_not(permissions.check_can_add_recipient, user, incident)
    recipients = referral_rows(incident, hold, now) if chase or is_words else []
    return PageSection(
        "analysts/takedown/routing/_page_section.html",
        Routing(
            route=route,
            steps=step_labels(route) if route else [],
            reason=defang_text(route.reason) if route else "",
            proposing=build_proposing(incident, chase, route, user, bound) if chase and is_to_route else None,
            recipients=recipients,
            clearance=clearance_status(incident, chase, hold, user, bound, now),
            add_recipient=None if refused and REFER not in bound else add_recipient_button(incident, bound, refused),
            withdraw=withdraw_button(incident, bound) if (recipients and not refused) or WITHDRAW in bound else None,
            recipient_names=recipient_names() if not refused or is_to_route else [],
            is_traced=bool(chase and chase.trace),
            is_words=is_words,
        ),
    )


def referral_rows(incident: Incident, hold: PoliceHold | None, now: datetime) -> list[ReferralRow]:
    """Return a row for each open referral, oldest first, then by name."""
    return [
        ReferralRow(
            to=defang_text(referral.recipient),
            url=reverse("admin:recipient", args=[referral.to_id]),
            kind=str(RecipientKind(referral.to.kind).label) if referral.to else "",
            status=(
                referral_status(referral, hold, incident.known_open_chase, now)
                if not is_cancelled(referral)
                else _("cancelled")
            ),
            reason=defang_text(referral.reason),
            at=referral.at,
            by=str(referral.by),
        )
        for referral in _open_referrals(incident)
    ]


def _open_referrals(incident: Incident) -> list[Referral]:
    """Each with an attribute `is_cancelled`: whether it was cancelled."""
    cancelled = Exists(referrals.filter_cancelled(Referral.objects.filter(pk=OuterRef("pk"))))
    rows = permissions.open_referrals(incident).select_related("to", "by")
    return list(rows.annotate(is_cancelled=cancelled))


def is_cancelled(referral: Referral) -> bool:
    return bool(referral.is_cancelled)  # type: ignore[attr-defined] # annotated


def referral_status(referral: Referral, hold: PoliceHold | None, chase: Chase | None, now: datetime) -> str:
    """Describe the status of an open referral."""
    if referral.noticed_at:
        return _("notified on %(date)s UTC") % {"date": date_format(referral.noticed_at, "j M Y, H:i")}
    if hold and hold.keeps_back(referral):
        return _("on hold: police clearance is missing")
    if chase and chase.unseen_since:
        return _("on hold: the content has not been looked at")
    if referral.not_before and referral.not_before > now:
        return _("not before %(date)s UTC") % {"date": date_format(referral.not_before, "j M Y, H:i")}
    if referral.to and not referral.to.is_usable:
        if referral.to.has_changed_since_verified:
            return _("on hold: recipient not verified since it changed")
        return _("on hold: recipient not verified")
    return _("to be notified")


def add_recipient_button(incident: Incident, bound: dict[str, ActionForm], refused: str) -> ActionButton:
    return ActionButton(
        name=REFER,
        label=_("Record referral") if incident.kind == IncidentKind.WORDS else _("Add recipient"),
        url=incident_url(incident.pk, "admin:refer"),
        form=bound.get(REFER) or add_recipient_form(),
        why_not=refused,
    )


def add_recipient_form(data: Mapping[str, object] | None = None) -> AddRecipient:
    return AddRecipient(data, auto_id=f"{REFER}_%s")


def withdraw_button(incident: Incident, bound: dict[str, ActionForm]) -> ActionButton:
    return ActionButton(
        name=WITHDRAW,
        label=_("Withdraw this referral"),
        url=incident_url(incident.pk, "admin:withdraw_referral"),
        form=bound.get(WITHDRAW) or withdraw_form(incident),
        why_not="",
    )


def withdraw_form(incident: Incident, data: Mapping[str, object] | None = None) -> WithdrawReferral:
    return WithdrawReferral(data, auto_id=f"{WITHDRAW}_%s", incident=incident)


def recipient_names() -> list[str]:
    offered = Recipient.objects.in_use().filter(kind__in=OFFERED).order_by(Lower("name"))
    return list(offered.values_list("name", flat=True)[:MOST_OFFERED])


def route_entry(route: Route) -> TimelineEntry:
    steps = step_labels(route)
    other = [defang_text(route.reason)] if route.reason else []
    return TimelineEntry(
        at=route.at, by=route.by, title=_("route confirmed"), details=[country_in_words(route.country), *steps, *other]
    )


def police_entries(hold: PoliceHold) -> Iterator[TimelineEntry]:
    police = defang_text(hold.police.name)
    if hold.at != hold.recorded_at:
        yield TimelineEntry(at=hold.at, by=hold.by, title=_("police clearance requested"), details=[police])
    if hold.recorded_at and hold.recorded_by and hold.answered_on:
        on = _("on %(date)s") % {"date": date_format(hold.answered_on, "j M Y")}
        details = [detail for detail in (hold.get_answer_display(), on, defang_text(hold.reference)) if detail]
        yield TimelineEntry(
            at=hold.recorded_at, by=hold.recorded_by, title=_("police clearance decision"), details=details
        )


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    """Yield the entries, latest first. For equal times, an entry precedes the one that led to it."""
    police_holds = incident.police_holds.select_related("by", "recorded_by", "police").order_by("-at")
    yield from chain.from_iterable(map(police_entries, police_holds[:MOST_OF_A_KIND]))
    yield from map(route_entry, incident.routes.select_related("by").order_by("-at")[:MOST_OF_A_KIND])
