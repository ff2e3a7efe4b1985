"""Sealed drafts of form input, so that a lost session, a lost claim or a power cut loses nothing.

They are initial values of the incident page's forms; so is an assessment just undone.

A draft is not a decision: it is not in the audit log, and only its author sees it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from analysts.assessment.decision_forms import Assess, Undo
from analysts.assessment.forms import Ask
from analysts.codes import Severity, Verdict
from analysts.incidents import contents, permissions
from analysts.incidents.locking import note_work
from analysts.incidents.page_kit import ActionForm
from analysts.incidents.sealing_contexts import draft_info
from analysts.models import Assessment, Draft, Incident, User
from audit.permissions import is_allowed
from countries.decided_settings import number_in_force
from reports import keys, sealing
from reports.models import KeyClass
from reports.sealing import JSON

type Fields = dict[str, str | list[str]]

# The fields that a draft stores; all others in a request are ignored.
DRAFT_FIELDS = (frozenset(Assess.base_fields) | frozenset(Ask.base_fields) | {"text"}) - {"fence"}
LIST_FIELDS = frozenset({"flags", "notices"})
# The prefix of a question form's name.
ASK = "ask_"
# The forms that are saved as drafts: an assessment, a note, and the question to a report.
DRAFT_NAMES = re.compile(rf"assess|note|{ASK}[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


def is_drafted(act: str) -> bool:
    """Whether forms of this name are saved as drafts. Other names might not fit the column."""
    return DRAFT_NAMES.fullmatch(act) is not None


def save_draft(
    *, by: User, incident: Incident, act: str, fields: Mapping[str, JSON], now: datetime | None = None
) -> Draft:
    """Save the fields of the form in place of an earlier draft. `by` must be allowed to see `incident`."""
    now = now or timezone.now()
    permissions.check_sees_content(by)
    key = keys.public_key(now, KeyClass.WORDS)
    info = draft_info(Draft(incident=incident, by=by, act=act))
    sealed = sealing.seal_json(dict(fields), to=key, info=info)
    draft, _created = Draft.objects.update_or_create(
        incident=incident, by=by, act=act, defaults={"at": now, "key_id": key.id, "sealed": sealed}
    )
    note_work(incident, by, now=now)
    return draft


def delete_draft(*, by: User, incident: Incident, act: str) -> None:
    """Delete the draft, after its content was sent or discarded."""
    Draft.objects.filter(incident=incident, by=by, act=act).delete()


def load_drafts(*, by: User, incident: Incident) -> dict[str, tuple[Fields, datetime]]:
    """The drafts of `by` for the incident: (fields, time saved) by action. Leaves out drafts that cannot be opened."""
    drafts = {}
    for draft in Draft.objects.filter(incident=incident, by=by).exclude(sealed=b""):
        opened = contents.draft_fields(draft)
        if opened is None:
            continue
        fields: Fields = {
            name: [str(item) for item in value] if isinstance(value, list) else str(value)
            for name, value in opened.items()
        }
        drafts[draft.act] = (fields, draft.at)
    return drafts


@dataclass(frozen=True, slots=True, repr=False)
class OpenDrafts:
    """The initial field values and the time of the draft, by the name of the action."""

    fields: Mapping[str, Mapping[str, object]]
    saved_at: Mapping[str, datetime]

    def with_suggestions(self, *, is_revealed: bool, **suggestions: str) -> "OpenDrafts":
        """Prefill the assessment form from the reporters' statements, unless it has initial values already.

        While the incident is masked, nothing says what an illegal verdict rests on.
        """
        suggested = {name: suggestion for name, suggestion in suggestions.items() if suggestion}
        initial: dict[str, object] = {} if is_revealed else {"basis": ""}
        return replace(self, fields={**self.fields, "assess": initial | {**self.fields.get("assess", suggested)}})


def load_open_drafts(incident: Incident, user: User) -> OpenDrafts:
    stored = load_drafts(by=user, incident=incident)
    fields = {
        act: {name: _initial_value(name, value) for name, value in draft.items()} for act, (draft, _) in stored.items()
    }
    mine = incident.claimed_by_id == user.pk
    if mine and "assess" not in fields and (undone := _find_undone_assessment(incident, user)):
        fields["assess"] = {
            name: getattr(undone, name) for name in DRAFT_FIELDS & {field.name for field in Assessment._meta.fields}
        }
    return OpenDrafts(fields, {act: at for act, (_, at) in stored.items()})


def _initial_value(name: str, value: str | list[str]) -> str | list[str]:
    if name in LIST_FIELDS:
        return value
    return value[-1] if isinstance(value, list) and value else value


def _find_undone_assessment(incident: Incident, user: User) -> Assessment | None:
    """The user's latest assessment in this round, if it was undone."""
    latest = incident.assessments.filter(by=user, round=incident.round).order_by("-at").first()
    return latest if latest and latest.undone_at else None


@dataclass(frozen=True, slots=True)
class LastDecision:
    """The user's last decision if it can still be undone: a summary, and the form for undoing it."""

    incident: Incident
    verdict: str
    form: ActionForm


def last_decision(user: User, *, bound: ActionForm | None = None) -> LastDecision | None:
    now = timezone.now()
    since = now - timedelta(minutes=number_in_force("UNDO_MINUTES"))
    # Its incident is read only if there is one: every page of the queue and of an incident asks.
    assessment = Assessment.objects.in_force().filter(by=user, at__gte=since).order_by("-at").first()
    if assessment is None or not is_allowed(permissions.check_can_undo, user, assessment, now=now):
        return None
    labels = [str(Verdict(assessment.verdict).label)]
    if assessment.severity:
        labels.append(str(Severity(assessment.severity).label))
    form = bound or Undo(auto_id="undo_%s", initial={"assessment": assessment.pk})
    return LastDecision(assessment.incident, ", ".join(labels), form)
