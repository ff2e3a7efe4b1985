"""The list of all incidents by assessment: verdict, flag and analyst; and lanes of incidents that wait for a review."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Flag, ReviewStage, Role, Verdict
from analysts.incidents.list_kit import Choices, ListCell, ListColumn, ListFilter, ListLane, ListReader, facet_choice
from analysts.incidents.list_section import language_choices
from analysts.incidents.value_words import state_words, verdict_words
from analysts.models import DESK_ORDER, Assessment, Incident, IncidentKind, User, desk_choices


def analyst_choices(reader: ListReader) -> Choices:
    user = reader.user
    others = User.objects.filter(role__in=sorted(CONTENT_ROLES)).exclude(pk=user.pk).order_by(*DESK_ORDER)
    return [(str(user.pk), _("me")), *desk_choices(others)]


def lane_choices(reader: ListReader) -> Choices:
    """The lanes of incidents that wait for a review: those of one language last."""
    lanes = [(lane.value, lane.label) for lane in LANES if lane.roles is None or reader.user.role in lane.roles]
    spoken = [
        (f"language:{tag}", format_lazy(_("in {language}"), language=name)) for tag, name in language_choices(reader)
    ]
    return [*lanes, *spoken]


def read_verdicts(incidents: Sequence[Incident], user: User, now: datetime) -> Mapping[UUID, ListCell]:
    """State and latest verdict. While a later review is due, none of its round: that would reveal the first one."""
    hidden = {
        incident.pk: incident.round
        for incident in incidents
        if incident.is_open_to_review and incident.stage != ReviewStage.FIRST
    }
    assessments = Assessment.objects.in_force().filter(incident__in=incidents).order_by("at")
    verdicts = {
        incident_id: verdict_words(verdict, severity)
        for incident_id, made_in, verdict, severity in assessments.values_list(
            "incident_id", "round", "verdict", "severity"
        )
        if hidden.get(incident_id) != made_in
    }
    return {
        incident.pk: ListCell(state_words(incident.state, incident.closing), verdicts.get(incident.pk, ""))
        for incident in incidents
    }


FILTERS = (
    ListFilter(name="lane", label=_("Lane"), choices=lane_choices, facets=facet_choice("lane")),
    ListFilter(
        name="verdict", label=_("Verdict"), choices=lambda reader: Verdict.choices, facets=facet_choice("verdict")
    ),
    ListFilter(name="flag", label=_("Flag"), choices=lambda reader: Flag.choices, facets=facet_choice("flag")),
    ListFilter(name="analyst", label=_("Assessed by"), choices=analyst_choices, facets=facet_choice("analyst")),
)
COLUMNS = (ListColumn(heading=_("State and verdict"), read=read_verdicts),)
LANES = (
    ListLane(name="lane", value=ReviewStage.SECOND.value, label=_("To review a second time"), query="lane=second"),
    ListLane(
        name="lane",
        value=ReviewStage.SENIOR.value,
        label=_("Disagreements"),
        query="lane=senior",
        roles=frozenset({Role.SENIOR}),
    ),
    ListLane(name="lane", value=IncidentKind.WORDS.value, label=_("Words only"), query="lane=words"),
)
