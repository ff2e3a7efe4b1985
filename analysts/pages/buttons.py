"""The list of actions on the incident page: the actions of the rooms that have a label."""

from django.urls import reverse

from analysts.assessment import urls as assessment
from analysts.assessment.open_drafts import Begun
from analysts.incidents.page_kit import ActionButton, ActionForm
from analysts.models import Incident, User
from analysts.retention import urls as retention

LISTED = tuple(action for action in (*assessment.ACTIONS, *retention.ACTIONS) if action.label)


def buttons(incident: Incident, user: User, bound: dict[str, ActionForm], started: Begun) -> list[ActionButton]:
    """Every action of the list; `bound` holds, by name, a refused form, which is shown whatever is offered."""
    return [
        action.button(
            incident,
            user,
            bound,
            begun=started.fields.get(action.name),
            draft_url=reverse("admin:draft", args=[incident.pk, action.name]) if action.is_drafted else "",
            kept_at=started.kept_at.get(action.name),
        )
        for action in LISTED
        if action.is_offered is None or action.is_offered(incident) or action.name in bound
    ]
