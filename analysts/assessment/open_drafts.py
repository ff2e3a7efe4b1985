"""Initial values of the incident page's forms, from saved drafts or from an assessment just undone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from analysts.assessment import drafts
from analysts.assessment.decision_forms import Assess, Undo
from analysts.assessment.forms import Ask
from analysts.codes import ReviewStage, Severity, Verdict
from analysts.incidents import permissions
from analysts.incidents.page_kit import ActionForm
from analysts.models import Assessment, Incident, User
from audit.permissions import is_allowed

# The fields that a draft stores; all others in a request are ignored.
KEPT = (frozenset(Assess.base_fields) | frozenset(Ask.base_fields) | {"text"}) - {"fence"}
SETS = frozenset({"flags", "notices"})


@dataclass(frozen=True, slots=True, repr=False)
class Begun:
    """The initial field values and the time of the draft, by the name of the action."""

    fields: Mapping[str, Mapping[str, object]]
    kept_at: Mapping[str, datetime]

    def guessing(self, **guesses: str) -> "Begun":
        """Prefill the assessment form from the reporters' statements, unless it has initial values already."""
        if "assess" in self.fields:
            return self
        return replace(
            self, fields={**self.fields, "assess": {name: guess for name, guess in guesses.items() if guess}}
        )


def load_open_drafts(incident: Incident, user: User) -> Begun:
    stored = drafts.load_drafts(by=user, incident=incident)
    fields = {
        act: {name: _initial_value(name, value) for name, value in draft.items()} for act, (draft, _) in stored.items()
    }
    mine = incident.claimed_by_id == user.pk
    if mine and "assess" not in fields and (taken_back := _find_undone_assessment(incident, user)):
        fields["assess"] = {name: getattr(taken_back, name) for name in KEPT & _assessment_fields()}
    return Begun(fields, {act: at for act, (_, at) in stored.items()})


def _initial_value(name: str, value: str | list[str]) -> str | list[str]:
    if name in SETS:
        return value
    return value[-1] if isinstance(value, list) and value else value


def _find_undone_assessment(incident: Incident, user: User) -> Assessment | None:
    """The user's latest assessment in this round, if it was undone."""
    latest = incident.assessments.filter(by=user, round=incident.round).order_by("-at").first()
    return latest if latest and latest.undone_at else None


def _assessment_fields() -> set[str]:
    return {field.name for field in Assessment._meta.fields}


@dataclass(frozen=True, slots=True)
class LastDecision:
    """The user's last decision if it can still be undone: a summary, and the form for undoing it."""

    incident: Incident
    said: str
    look: str
    form: ActionForm


def last_decision(user: User, *, bound: ActionForm | None = None) -> LastDecision | None:
    now = timezone.now()
    assessment = Assessment.objects.in_force().filter(by=user).select_related("incident").order_by("-at").first()
    if assessment is None or not is_allowed(permissions.check_can_undo, user, assessment, now=now):
        return None
    labels = [str(Verdict(assessment.verdict).label)]
    if assessment.severity:
        labels.append(str(Severity(assessment.severity).label))
    form = bound or Undo(auto_id="undo_%s", initial={"assessment": assessment.pk})
    return LastDecision(assessment.incident, ", ".join(labels), str(ReviewStage(assessment.stage).label), form)


# The prefix of a question form's name.
ASK = "ask_"


# Actions whose forms are saved as drafts.
DRAFTED = ("assess",)


# Other forms that are saved as drafts: a note, and the question to a report.
_ALSO_KEPT = re.compile(rf"note|{ASK}[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


def is_drafted(act: str) -> bool:
    """Whether forms of this name are saved as drafts. Other names might not fit the column."""
    return act in DRAFTED or _ALSO_KEPT.fullmatch(act) is not None
