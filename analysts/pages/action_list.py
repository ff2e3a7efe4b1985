"""The incident page's list of actions: those in view, those folded by subject, and those that are not possible now."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from analysts.assessment import urls as assessment
from analysts.assessment.drafts import OpenDrafts
from analysts.incidents.page_kit import ActionButton, ActionFold, ActionForm, FormFold
from analysts.models import Incident, User
from analysts.retention import urls as retention
from analysts.takedown.alerts import urls as alerts
from analysts.takedown.systemic_cases import urls as systemic_cases

# Actions of these rooms with a label, in this order.
LISTED = tuple(
    action
    for action in (*alerts.ACTIONS, *assessment.ACTIONS, *retention.ACTIONS, *systemic_cases.ACTIONS)
    if action.label
)


@dataclass(frozen=True, slots=True)
class FoldedActions:
    """The possible actions of one fold, and those with refused input. `link`: None if their forms are in the page."""

    fold: ActionFold
    buttons: list[ActionButton]
    link: FormFold | None

    @property
    def is_open(self) -> bool:
        return any(button.form.is_bound for button in self.buttons)

    @property
    def is_built(self) -> bool:
        return self.link is None or self.link.is_asked or self.is_open


@dataclass(frozen=True, slots=True)
class ActionList:
    in_view: list[ActionButton]
    folded: list[FoldedActions]
    refused: list[ActionButton]


def build_action_list(
    incident: Incident, user: User, bound: dict[str, ActionForm], drafts: OpenDrafts, link_of: Callable[[str], FormFold]
) -> ActionList:
    """Build the list.

    Args:
        bound: a refused form by action name; its action is always included.
        link_of: the folded form of this name, for folds whose fields are in the page only when they are asked for.
    """
    offered = [
        action for action in LISTED if action.is_offered is None or action.is_offered(incident) or action.name in bound
    ]
    links = {
        action.fold: link_of(action.fold.name)
        for action in offered
        if action.fold and action.fold.name and action.form_class.base_fields
    }
    buttons = [
        action.button(
            incident,
            user,
            bound,
            initial=drafts.fields.get(action.name),
            draft_url=reverse("admin:draft", args=[incident.pk, action.name]) if action.is_drafted else "",
            saved_at=drafts.saved_at.get(action.name),
            has_fields=action.fold not in links or links[action.fold].is_asked,
        )
        for action in offered
    ]
    possible = [button for button in buttons if button.shows_fields]
    folds = dict.fromkeys(button.fold for button in possible if button.fold)
    return ActionList(
        in_view=[button for button in possible if button.fold is None],
        folded=[
            FoldedActions(fold, [button for button in possible if button.fold == fold], links.get(fold))
            for fold in folds
        ],
        refused=[button for button in buttons if not button.shows_fields],
    )
