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
DRAFT_FIELDS = (frozenset(Assess.base_fields) | frozenset(Ask.base_fields) | {"text"}) - {"fence"}
SETS = frozenset({"flags", "notices"})


@dataclass(frozen=True, slots=True, repr=False)
class OpenDrafts:
    """The initial field values and the time of the draft, by the name of the action."""

    fields: Mapping[str, Mapping[str, object]]
    saved_at: Mapping[str, datetime]

    def with_suggestions(self, **suggestions: str) -> "OpenDrafts":
        """Prefill the assessment form from the reporters' statements, unless it has initial values already."""
        if "assess" in self.fields:
            return self
        return replace(
            self,
            fields={
                **self.fields,
                "assess": {name: suggestion for name, suggestion in suggestions.items() if suggestion},
            },
        )


def load_open_drafts(incident: Incident, user: User) -> OpenDrafts:
    stored = drafts.load_drafts(by=user, incident=incident)
    fields = {
        act: {name: _initial_value(name, value) for name, value in draft.items()} for act, (draft, _) in stored.items()
    }
    mine = incident.claimed_by_id == user.pk
    if mine and "assess" not in fields and (undone := _find_undone_assessment(incident, user)):
        fields["assess"] = {name: getattr(undone, name) for name in DRAFT_FIELDS & _assessment_fields()}
    return OpenDrafts(fields, {act: at for act, (_, at) in stored.items()})


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
    verdict: str
    stage: str
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
DRAFTED_ACTIONS = ("assess",)


# Other forms that are saved as drafts: a note, and the question to a report.
DRAFT_NAMES = re.compile(rf"note|{ASK}[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


def is_drafted(act: str) -> bool:
    """Whether forms of this name are saved as drafts. Other names might not fit the column."""
    return act in DRAFTED_ACTIONS or DRAFT_NAMES.fullmatch(act) is not None
