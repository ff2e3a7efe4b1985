"""The folded forms of the incident's page, each built when it is opened: the answer is the form alone."""

from collections.abc import Callable, Sequence
from functools import partial

from django.utils.translation import gettext_lazy as _

from analysts.assessment.drafts import OpenDrafts
from analysts.incidents.page_kit import ActionButton, ActionFold, PageSection, SectionHeading
from analysts.pages.action_list import LISTED, build_action_list
from analysts.pages.incident_sections import IncidentSection, PageFacts
from analysts.takedown.chasing.page_section import ESCALATE, escalate_button, is_to_escalate
from analysts.takedown.next_steps.page_section import PLAN, plan_button


def _forms_alone(build: Callable[[], Sequence[ActionButton]]) -> SectionHeading:
    return SectionHeading(outcome="", build=lambda: PageSection("analysts/incidents/_forms_alone.html", build()))


def _escalate_alone(page: PageFacts) -> SectionHeading | None:
    if not page.incident.known_chases or not is_to_escalate(page.incident.known_chases[-1]):
        return None
    return _forms_alone(lambda: [escalate_button(page.incident, page.incident.known_chases[-1], page.user, page.bound)])


def _actions_alone(page: PageFacts, fold: ActionFold) -> SectionHeading | None:
    acts = build_action_list(page.incident, page.user, page.bound, OpenDrafts({}, {}), page.fold)
    buttons = next((each.buttons for each in acts.folded if each.fold == fold), None)
    return _forms_alone(lambda: buttons) if buttons else None


# In any order: each is in a fold of its own.
FORMS = (
    IncidentSection(
        PLAN,
        _("Set the next step"),
        lambda page: (
            _forms_alone(lambda: [plan_button(page.incident, page.user, page.bound, page.hold)])
            if page.incident.known_next_step
            else None
        ),
    ),
    IncidentSection(ESCALATE, _("Escalate"), _escalate_alone),
    *(
        IncidentSection(fold.name, fold.label, partial(_actions_alone, fold=fold))
        for fold in dict.fromkeys(action.fold for action in LISTED)
        if fold and fold.name
    ),
)
