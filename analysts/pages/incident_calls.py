"""What the page of an incident is going to ask, so that it is asked with two statements."""

from typing import Any

from analysts.assessment import timeline as assessment
from analysts.assessment.notes_section import notes_call
from analysts.assessment.spellings import sightings_call
from analysts.incidents import durations
from analysts.incidents.attached import Attached
from analysts.models import Incident, User
from analysts.models.compiled_query import StatementCall
from analysts.models.hold import holds_of
from analysts.models.hosting import chases_of
from analysts.models.next_step import steps_of
from analysts.states import State
from analysts.takedown.appeals import page_section as appeals
from analysts.takedown.chasing import page_section as chasing
from analysts.takedown.next_steps import page_section as next_steps
from analysts.takedown.notices import timeline as notices
from analysts.takedown.routing import page_section as routing
from analysts.takedown.tracing import page_section as tracing
from analysts.takedown.url_list import page_section as url_list
from analysts.welfare.page_section import site_notices_calls

# The rooms of an incident with a takedown.
AFTER_VERDICT = (tracing, routing, notices, chasing, url_list, appeals)


def first_calls(incident: Incident, user: User) -> list[StatementCall[Any]]:
    """What every incident's page asks, and which takedowns there are."""
    calls: list[StatementCall[Any]] = [*site_notices_calls(incident), sightings_call(incident, user)]
    if not incident.is_open_to_review:
        calls.append(durations.decided_call(incident))
    if not (incident.is_open_to_review and incident.round == 1):
        calls.append(chases_of.call(incident.pk))
    if incident.state in (State.ASSESSED, State.ACTING) or incident.round > 1:
        calls.append(steps_of.call(incident.pk))
    return calls


def later_calls(incident: Incident, user: User, attached: Attached) -> list[StatementCall[Any]]:
    """What the sections and the timeline ask, by what there is about the incident."""
    calls: list[StatementCall[Any]] = []
    if attached.assessments or attached.referrals:
        calls += assessment.calls_ahead(incident, user)
    if attached.holds:
        calls.append(holds_of.call(incident.pk))
    if attached.notes:
        calls.append(notes_call(incident, user))
    if incident.known_next_step:
        calls += next_steps.calls_ahead(incident, user)
    for room in AFTER_VERDICT if incident.known_chases else ():
        calls += room.calls_ahead(incident, user)
    return calls
