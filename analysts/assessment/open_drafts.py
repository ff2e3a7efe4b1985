"""What the forms of the incident page hold to begin with: what was kept as a draft, or taken back a moment ago."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from analysts.assessment import drafts
from analysts.assessment.decision_forms import Assess, Undo
from analysts.assessment.forms import Ask
from analysts.codes import ReviewStage, Severity, Verdict
from analysts.incidents import permissions
from analysts.incidents.page_kit import ActionForm
from analysts.models import Assessment, Incident, User
from audit.permissions import is_allowed

# The fields that are kept; nothing else a browser sends is.
KEPT = (frozenset(Assess.base_fields) | frozenset(Ask.base_fields) | {"text"}) - {"fence"}
SETS = frozenset({"flags", "notices"})


@dataclass(frozen=True, slots=True, repr=False)
class Begun:
    """By the act's name: what its fields hold to begin with, and when a draft of it was kept."""

    fields: Mapping[str, Mapping[str, Any]]
    kept_at: Mapping[str, datetime]

    def guessing(self, **guesses: str) -> "Begun":
        """With the analyst's form as the reporters' words would fill it in, where nothing else has."""
        if "assess" in self.fields:
            return self
        return replace(
            self, fields={**self.fields, "assess": {name: guess for name, guess in guesses.items() if guess}}
        )


def load_open_drafts(incident: Incident, user: User) -> Begun:
    kept = drafts.load_drafts(by=user, incident=incident)
    fields = {
        act: {name: _initial_value(name, value) for name, value in draft.items()} for act, (draft, _) in kept.items()
    }
    mine = incident.claimed_by_id == user.pk
    if mine and "assess" not in fields and (taken_back := _find_undone_assessment(incident, user)):
        fields["assess"] = {name: getattr(taken_back, name) for name in KEPT & _assessment_fields()}
    return Begun(fields, {act: at for act, (_, at) in kept.items()})


def _initial_value(name: str, value: str | list[str]) -> str | list[str]:
    if name in SETS:
        return value
    return value[-1] if isinstance(value, list) and value else value


def _find_undone_assessment(incident: Incident, user: User) -> Assessment | None:
    """What the user decided in this round and took back, unless they have decided anew."""
    made = incident.assessments.filter(by=user, round=incident.round).order_by("-at").first()
    return made if made and made.undone_at else None


def _assessment_fields() -> set[str]:
    return {field.name for field in Assessment._meta.fields}


@dataclass(frozen=True, slots=True)
class LastDecision:
    """What the user decided last and can still take back: what it said, and the form for it."""

    incident: Incident
    said: str
    look: str
    form: ActionForm


def last_decision(user: User, *, bound: ActionForm | None = None) -> LastDecision | None:
    now = timezone.now()
    made = Assessment.objects.standing().filter(by=user).select_related("incident").order_by("-at").first()
    if made is None or not is_allowed(permissions.check_can_undo, user, made, now=now):
        return None
    said = [str(Verdict(made.verdict).label)]
    if made.severity:
        said.append(str(Severity(made.severity).label))
    form = bound or Undo(auto_id="undo_%s", initial={"assessment": made.pk})
    return LastDecision(made.incident, ", ".join(said), str(ReviewStage(made.look).label), form)


# What the name of a question's form begins with.
ASK = "ask_"


# Acts whose begun forms are kept.
DRAFTED = ("assess",)


# The forms beside them that are kept as well: a note, and the question to a report.
_ALSO_KEPT = re.compile(rf"note|{ASK}[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


def is_drafted(act: str) -> bool:
    """Whether a page has a form of that name whose draft is kept: no other name fits the column for sure."""
    return act in DRAFTED or _ALSO_KEPT.fullmatch(act) is not None
