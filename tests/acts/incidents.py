"""Actions on incidents, on floods of them, and of an analyst's day."""

from functools import partial
from typing import Any

from django.db.models import F
from django.utils import timezone

from analysts.assessment.actions import merging
from analysts.assessment.actions.folding import foldable_incidents
from analysts.assessment.words_release import actions as words_release
from analysts.codes import AgeBand, HoldReason, Reason, Role, Severity, Sex, Verdict, VerdictBasis
from analysts.codes.appeals import AppealReason, Appellant, UnseenReason
from analysts.codes.letter_topics import BackTopic
from analysts.codes.recipient_kinds import RecipientKind
from analysts.incidents.contents import opening
from analysts.incidents.page_kit import IncidentAction
from analysts.models import (
    AlertReason,
    Appeal,
    BulkClosing,
    ChildAlert,
    FloodSample,
    Incident,
    Recipient,
    ReleaseGround,
    Reply,
    SavedView,
    User,
    WordsRelease,
)
from analysts.pages.urls import ACTIONS
from analysts.takedown.alerts import actions as alerts
from analysts.takedown.appeals import actions as appeals
from analysts.takedown.notices.replies.intake import take_in as take_in_replies
from analysts.tests.chases import office
from analysts.tests.factories import assessed_cleared
from analysts.tests.inboxes import asked_for_clearance
from analysts.tests.places import PHONE
from analysts.tests.replies import answered, replied
from audit.permissions import why_not
from countries.models import Contact
from countries.tests.factories import ContactFactory
from reports.notices import AnswerKind
from tests.acts.act import (
    ADDRESS,
    INCIDENT,
    WORDS,
    Act,
    Fields,
    Stage,
    assess_first,
    claim_first,
    on_incident,
    reveal_as_analyst,
    reveal_words_as_analyst,
    with_fence,
    with_pk,
    with_report,
)

FLOOD = "admin/floods/<uuid:incident_id>/"
VIEW = "admin/incidents/views/<int:view_id>/"
# Also the arguments of verbs.
ILLEGAL: Fields = {
    "verdict": Verdict.ILLEGAL,
    "basis": VerdictBasis.SEEN,
    "severity": Severity.B,
    "age_band": AgeBand.AGE_7_10,
    "sex": Sex.GIRLS,
}
OUTSIDE_REMIT: Fields = {"verdict": Verdict.OUTSIDE_REMIT, "reason": Reason.ADULT}
POLICE_HOLD: Fields = {"reason": HoldReason.POLICE, "note": "File 12/26"}
OWNERS_APPEAL: Fields = {"appellant": Appellant.OWNER, "note": "placeholder"}
UNSEEN_DECISION = with_pk("appeal", reason=AppealReason.NO_GROUNDS, unseen_reason=UnseenReason.FORM)
CLOSED_VIEW: Fields = {"name": "Closed", "query": "state=closed"}
CLAIM = on_incident("claim", "claim")
CLOSE = on_incident("close", "close")
ASSESSMENT = {**ILLEGAL, "commerciality": "not_determined", "site_type": "forum"}
ASSESS = on_incident("assess", "assess", claim_first, with_fence(**ASSESSMENT))


def _entered_address(stage: Stage, _subject: None) -> Fields:
    return {"address": "https://entered.example.org/a", "origin": "police", "seen_by": stage.belize.pk}


def _to_senior(stage: Stage, _subject: None) -> Fields:
    return {"fence": stage.fence(), "to": stage.senior.pk}


def _reply(stage: Stage) -> Reply:
    return replied(stage.incident, stage.analyst)


def _question(stage: Stage) -> Reply:
    return replied(stage.incident, stage.analyst, AnswerKind.NEED_MORE, "placeholder")


def _police(stage: Stage) -> Recipient:
    police = Recipient.objects.usable().filter(kind=RecipientKind.POLICE).first()
    return police or office(RecipientKind.POLICE, stage.senior, name="Example Unit", at=timezone.now())


def _claim_of_police(stage: Stage) -> Reply:
    """A grant that came by link."""
    notice = asked_for_clearance(_police(stage), stage.incident, by=stage.analyst)
    answered(notice, AnswerKind.GRANTED, case_number="12/26")
    assert take_in_replies() == 1
    return Reply.objects.get(notice=notice)


def _reopen_and_claim(stage: Stage) -> None:
    assessed_cleared(stage.incident, stage.analyst)
    stage.client(Role.ANALYST).post(f"/admin/incidents/{stage.incident.pk}/reopen/")
    claim_first(stage)


def _report_another_page(stage: Stage) -> Incident:
    return with_report(stage.belize, stage.people, f"{ADDRESS}&other").incident


def _assess_and_report_another(stage: Stage) -> Incident:
    other = _report_another_page(stage)
    assess_first(stage)
    return other


def _merge_another_page(stage: Stage) -> Incident:
    other = _report_another_page(stage)
    merging.merge(by=stage.analyst, incident=other, into=stage.incident)
    return other


def _report_again(stage: Stage) -> Fields:
    address = opening.unseal_address(stage.incident)
    assert address
    return {"report_id": with_report(stage.belize, stage.people, address.normalised).report.pk}


def _file_appeal(stage: Stage) -> Appeal:
    assess_first(stage)
    incident = Incident.objects.get(pk=stage.incident.pk)
    return appeals.file_appeal(by=stage.analyst, incident=incident, **OWNERS_APPEAL)


def _sentence(stage: Stage) -> dict[str, Any]:
    """A sentence of the report, for a verified police force."""
    return {"sentence": WORDS, "to": _police(stage), "ground": ReleaseGround.THREAT}


def _propose_sentence(stage: Stage) -> WordsRelease:
    return words_release.propose_words_release(
        by=stage.senior, incident=stage.incident, report=stage.report, **_sentence(stage)
    )


def _in_danger(stage: Stage) -> dict[str, Any]:
    """A contact to call about the report, which says that a child is in danger."""
    Incident.objects.filter(pk=stage.incident.pk).update(child_in_danger=True)
    verified = Contact.objects.filter(Contact.verified(), portal=stage.belize, kind="police")
    contact = verified.exclude(phone="").first()
    return {
        "to": contact or ContactFactory.create(portal=stage.belize, kind="police", name="Example Police", phone="911")
    }


def _call_police(stage: Stage, *, is_wrong: bool = False) -> ChildAlert:
    values = {**_in_danger(stage), "not_the_danger": True, "reason": AlertReason.NOW}
    alert = alerts.tell_police_now(by=stage.analyst, incident=stage.incident, **values)
    if is_wrong:
        assessed_cleared(stage.incident, stage.analyst)
    return alert


# --- Floods -------------------------------------------------------------------------------------------


def _fold_alone(stage: Stage) -> None:
    """Fold the incident as a flood of its own."""
    Incident.objects.filter(pk=stage.incident.pk).update(shape=stage.incident.pk.bytes)
    Incident.objects.filter(pk=stage.incident.pk).update(flood=F("shape"), priority=0)


def _fold_fields(stage: Stage, _subject: None) -> Fields:
    return {"number": str(foldable_incidents(stage.analyst, stage.incident).count()), "reason": "invented"}


FOLD = Act(f"{FLOOD}fold/", "flood.fold", fields=_fold_fields)
DRAW_SAMPLE = Act(f"{FLOOD}sample/", "flood.sample", prepare=_fold_alone)
ASK_APPROVAL = Act(f"{FLOOD}ask/", "flood.ask", prepare=DRAW_SAMPLE, fields=OUTSIDE_REMIT)


def _ask_approval(stage: Stage) -> FloodSample:
    ASK_APPROVAL(stage)
    return FloodSample.objects.latest("at")


def _open_sample(stage: Stage) -> None:
    DRAW_SAMPLE(stage)
    stage.client(Role.ANALYST).post(f"/admin/incidents/{stage.incident.pk}/reveal/", {"reason": "sample"})


CLOSE_FLOOD = Act(f"{FLOOD}close/", "flood.close", prepare=_open_sample, fields=OUTSIDE_REMIT)


def _close_flood(stage: Stage) -> BulkClosing:
    CLOSE_FLOOD(stage)
    return BulkClosing.objects.latest("at")


# --- One's own day ------------------------------------------------------------------------------------

TAKE_BREAK = Act("admin/pause/break/", "welfare.break")


def saved_view(owner: User) -> SavedView:
    number = SavedView.objects.count()
    return SavedView.objects.create(owner=owner, name=f"A view {number}", query="state=closed", at=timezone.now())


def _save_view(stage: Stage) -> SavedView:
    return saved_view(stage.analyst)


# --- Actions whose form needs nothing typed -----------------------------------------------------------


def act_of(action: IncidentAction) -> Act:
    """Send the form as the page first shows it, once an incident on its way to closing can be acted on so."""
    role = Role.ANALYST if Role.ANALYST in action.who.roles else Role.SENIOR

    def prepare(stage: Stage) -> None:
        for step in (CLAIM, ASSESS, CLOSE):
            stage.incident.refresh_from_db()
            if action.check and not why_not(action.check, stage.people[role], stage.incident):
                break
            step(stage)
        stage.incident.refresh_from_db()

    def fields(stage: Stage, _subject: Any) -> Fields:
        return {field.name: field.value() for field in action.form(stage.incident, stage.people[role])}

    return Act(f"{INCIDENT}{action.path}", f"incident.{action.name}", role, prepare, fields)


# Their rows say all; ACTS has those that need more.
BY_THEIR_ROWS = tuple(act_of(action) for action in ACTIONS if action.label and action.check)

NO_GROUNDS = with_pk("appeal", reason="no_grounds")
HOLD = on_incident("hold", "hold", fields={**POLICE_HOLD, "review_on": "2099-01-01"}, role=Role.SENIOR)

SYSTEMIC_CASE = on_incident("systemic-case", "systemic_case", fields={"reason": "law", "note": "placeholder"})

ACTS = (
    Act("admin/queue/next/", "incident.claim"),
    Act("admin/addresses/enter/", "incident.enter", fields=_entered_address),
    Act("admin/search/", "search.make", fields={"q": ADDRESS}),
    ASSESS,
    HOLD,
    on_incident("release-hold", "release_hold", HOLD, role=Role.SENIOR),
    on_incident("reveal", "reveal", claim_first, with_fence()),
    on_incident(
        "hand-over", "hand_over", claim_first, lambda stage, _: {"fence": stage.fence(), "to": stage.senior.pk}
    ),
    on_incident("unchanged", "unchanged", _reopen_and_claim, with_fence()),
    on_incident("undo", "undo", assess_first, with_pk("assessment", reason="slip")),
    # Recorded as a release like any other: no reason for skipping is asked for.
    on_incident("skip", "release", claim_first, with_fence()),
    on_incident("merge", "merge", _report_another_page, lambda _, other: {"into": "", "number": str(other)}),
    on_incident("merge-here", "merge", _assess_and_report_another, with_pk("other")),
    on_incident("compare-merged", "compare_merged", _merge_another_page, with_pk("merged")),
    on_incident("split/<uuid:report_id>", "split", _report_again),
    on_incident("ask/<uuid:report_id>", "ask", fields={"question": "Which page?"}),
    on_incident("show-words", "reveal", client=reveal_as_analyst),
    on_incident("show-masked-words", "reveal", client=reveal_as_analyst),
    on_incident("copy", "copy", client=reveal_as_analyst, fields={"isolated": "on"}),
    on_incident("note", "note", fields={"text": f"Seen before at {ADDRESS}"}),
    on_incident("answers-read", "read_answers"),
    on_incident(
        "release-words/<uuid:report_id>",
        "propose_words_release",
        fields=lambda stage, _: (sentence := _sentence(stage)) | {"to": sentence["to"].pk},
        client=reveal_words_as_analyst,
    ),
    on_incident(
        "decide-release",
        "decide_words_release",
        _propose_sentence,
        with_pk("release", outcome="released"),
        client=reveal_words_as_analyst,
    ),
    on_incident(
        "tell-police",
        "tell_police_now",
        fields=lambda stage, _: {"to": _in_danger(stage)["to"].pk, "not_the_danger": "on", "reason": "now"},
        client=reveal_as_analyst,
    ),
    on_incident("alerts-seen", "see_alerts", _call_police, role=Role.SENIOR),
    on_incident("alerts-corrected", "correct_alerts", partial(_call_police, is_wrong=True)),
    on_incident("withdraw-alert", "withdraw_alert", _call_police, with_pk("alert", reason="facts")),
    SYSTEMIC_CASE,
    on_incident("answer-systemic-case", "answer_systemic_case", SYSTEMIC_CASE, {"answer": "raised"}, role=Role.SENIOR),
    on_incident("appeals", "file_appeal", assess_first, OWNERS_APPEAL),
    on_incident("appeal-decision", "decide_appeal", _file_appeal, UNSEEN_DECISION, role=Role.SENIOR),
    on_incident("reply-answer", "answer_reply", _question, with_pk("reply", topic=BackTopic.WHERE)),
    on_incident("call-back", "call_back", _claim_of_police, with_pk("reply", phone=PHONE, outcome="call")),
    on_incident("replies-read", "read_replies", _reply, lambda _, reply: {"replies": [reply.pk]}),
    FOLD,
    DRAW_SAMPLE,
    ASK_APPROVAL,
    CLOSE_FLOOD,
    Act(f"{FLOOD}unfold/", "flood.unfold", prepare=FOLD),
    Act(f"{FLOOD}approve/<uuid:sample_id>/", "flood.approve", Role.SENIOR, _ask_approval),
    Act(f"{FLOOD}decline/<uuid:sample_id>/", "flood.decline", Role.SENIOR, _ask_approval, {"reason": "different"}),
    Act("admin/floods/closings/<uuid:closing_id>/undo/", "flood.undo", prepare=_close_flood),
    Act("admin/incidents/views/", "saved_view.add", fields=CLOSED_VIEW),
    Act(VIEW, "saved_view.change", prepare=_save_view, fields={"name": "Another", "is_shared": "on"}),
    Act(f"{VIEW}delete/", "saved_view.delete", prepare=_save_view),
    Act("admin/my-settings/", "welfare.settings", fields={"budget_minutes": "60"}),
    TAKE_BREAK,
    Act(
        "admin/welfare/contacts/",
        "welfare.contacts",
        Role.WELFARE,
        fields={
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "0",
            "form-0-kind": "peer",
            "form-0-name": "Pat",
            "form-0-reach": "Room 1",
        },
    ),
    Act("admin/pause/avoid/", "welfare.avoid", fields={"avoids": ["severe"]}),
    Act("admin/pause/go-on/", "welfare.go_on", prepare=TAKE_BREAK),
)
