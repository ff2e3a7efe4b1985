"""Appeals on the page of an incident and in its timeline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analysts.incidents.page_kit import ActionButton, ActionForm, PageSection, SectionHeading
from analysts.incidents.page_urls import incident_url
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import Appeal, Incident, User
from analysts.takedown.appeals.forms import DecideAppeal, FileAppeal
from analysts.takedown.appeals.permissions import check_can_decide, check_can_file, has_read
from audit.permissions import why_not

HOUR = timedelta(hours=1)
FILE, DECIDE = "file_appeal", "decide_appeal"


@dataclass(frozen=True, slots=True)
class AppealsPart:
    """`waiting`: the oldest appeal without a decision. `others`: how many more wait."""

    waiting: Appeal | None
    others: int
    decided: list[Appeal]
    decide: ActionButton | None
    file: ActionButton


def show_appeals(incident: Incident, user: User, bound: dict[str, ActionForm], *, has_appeals: bool) -> SectionHeading:
    """`has_appeals`: whether there are any."""
    appeals = _appeals_of(incident) if has_appeals else []
    waiting = [appeal for appeal in reversed(appeals) if not appeal.outcome]
    return SectionHeading(
        outcome=describe_appeals(appeals, waiting),
        build=partial(build_appeals, incident, user, bound, appeals, waiting),
        is_open=bool(waiting) or FILE in bound or DECIDE in bound,
        keys="A",
    )


def describe_appeals(appeals: Sequence[Appeal], waiting: Sequence[Appeal]) -> str:
    if waiting:
        return _("Waiting for a senior analyst")
    return str(capfirst(appeals[0].get_outcome_display())) if appeals else _("None received")


def build_appeals(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    appeals: Sequence[Appeal],
    waiting: Sequence[Appeal],
) -> PageSection:
    part = AppealsPart(
        waiting=waiting[0] if waiting else None,
        others=len(waiting[1:]),
        decided=[appeal for appeal in appeals if appeal.outcome],
        decide=_decision_button(waiting[0], incident, user, bound) if waiting else None,
        file=ActionButton(
            name=FILE,
            label=_("Enter an appeal"),
            url=incident_url(incident.pk, f"admin:{FILE}"),
            form=bound.get(FILE) or FileAppeal(auto_id=f"{FILE}_%s", incident=incident),
            why_not=why_not(check_can_file, user, incident),
        ),
    )
    return PageSection("analysts/takedown/appeals/_page_section.html", part)


def _decision_button(appeal: Appeal, incident: Incident, user: User, bound: dict[str, ActionForm]) -> ActionButton:
    form = bound.get(DECIDE) or DecideAppeal(auto_id=f"{DECIDE}_%s", initial={"appeal": appeal.pk}, incident=incident)
    if has_read(user, appeal):
        form.fields.pop("unseen_reason", None)
    return ActionButton(
        name=DECIDE,
        label=_("Record the decision"),
        url=incident_url(incident.pk, f"admin:{DECIDE}"),
        form=form,
        why_not=why_not(check_can_decide, user, incident),
    )


def _appeals_of(incident: Incident) -> list[Appeal]:
    """The newest first."""
    appeals = Appeal.objects.filter(incident=incident).select_related("entered_by", "reviewed_by", "reply")
    return list(appeals.order_by("-received_at", "pk")[:MOST_OF_A_KIND])


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    for appeal in _appeals_of(incident):
        entered_by = appeal.entered_by or _("through the reply page")
        # Its time is cut to the minute, and to the hour in earlier releases; the verdict may be later in it.
        earlier = [chase.since for chase in incident.known_chases if chase.since < appeal.received_at + HOUR]
        yield TimelineEntry(
            at=max([appeal.received_at, *earlier]),
            by=entered_by,
            title=_("appeal"),
            details=[appeal.get_appellant_display()],
            after=max(earlier, default=None),
        )
        if appeal.reviewed_at and appeal.reviewed_by:
            yield TimelineEntry(
                at=appeal.reviewed_at,
                by=appeal.reviewed_by,
                title=_("appeal: %(outcome)s") % {"outcome": appeal.get_outcome_display()},
                details=[appeal.get_reason_display(), *_unseen(appeal)],
            )


def _unseen(appeal: Appeal) -> list[str]:
    if not appeal.unseen_reason:
        return []
    return [_("without revealing it: %(reason)s") % {"reason": appeal.get_unseen_reason_display()}]
