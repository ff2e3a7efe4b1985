"""The URLs of the assessment pages, and their actions on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import BOTH, READ, SEND, Scope, StaffRoute
from analysts.assessment import actions, agreement_views, code_views, decision_views, entry_views, message_views
from analysts.assessment.actions.appeals import decide_appeal
from analysts.assessment.decision_forms import Assess
from analysts.assessment.flood import views as flood_views
from analysts.assessment.forms import HandOver
from analysts.assessment.intake.reopening import earlier_verdict
from analysts.assessment.permissions import (
    AGREEMENT_READERS,
    CODE_CORRECTORS,
    CODE_READERS,
    check_can_confirm_unchanged,
)
from analysts.assessment.queue import views as queue_views
from analysts.assessment.queue.views import next_incident
from analysts.assessment.related import merge_views
from analysts.assessment.words_release import views as release_views
from analysts.incidents import permissions
from analysts.incidents.page_kit import ActionFold, ClaimActionForm, IncidentAction, plain_action
from analysts.incidents.permissions import ANALYSTS
from analysts.takedown.appeals.forms import DecideAppeal
from analysts.takedown.appeals.permissions import REVIEWERS, check_can_decide

ROUTES = (
    StaffRoute("queue/", queue_views.queue_page, "queue", ANALYSTS, READ),
    StaffRoute("addresses/enter/", entry_views.enter_page, "enter_address", ANALYSTS, BOTH),
    StaffRoute("queue/next/", queue_views.claim_next, "claim_next", ANALYSTS, SEND),
    StaffRoute("floods/<uuid:incident_id>/", flood_views.flood_detail, "flood", ANALYSTS, READ, Scope.INCIDENT),
    *(
        StaffRoute(f"floods/<uuid:incident_id>/{path}/", view, name, ANALYSTS, SEND, Scope.INCIDENT)
        for path, view, name in (
            ("fold", flood_views.fold_flood, "fold_flood"),
            ("unfold", flood_views.unfold_flood, "unfold_flood"),
            ("sample", flood_views.draw_sample, "draw_flood_sample"),
            ("close", flood_views.close_flood, "close_flood"),
            ("ask", flood_views.ask_approval, "ask_flood_approval"),
            ("approve/<uuid:sample_id>", flood_views.approve_closing, "approve_flood_closing"),
            ("decline/<uuid:sample_id>", flood_views.decline_closing, "decline_flood_closing"),
        )
    ),
    StaffRoute(
        "floods/closings/<uuid:closing_id>/undo/", flood_views.undo_flood, "undo_flood", ANALYSTS, SEND, Scope.INCIDENT
    ),
    StaffRoute("agreement/", agreement_views.agreement_page, "agreement", AGREEMENT_READERS, READ),
    StaffRoute("codes/", code_views.codes_page, "codes", CODE_READERS, READ),
    StaffRoute("codes/correct/", code_views.correct_code, "correct_code", CODE_CORRECTORS, SEND),
)

END = ActionFold(_("Close or reopen"), "z")

# Actions with a label are listed on the incident page in this order.
ACTIONS = (
    plain_action(
        "claim",
        "claim/",
        actions.claim,
        _("Incident claimed."),
        label=_("Claim"),
        check=permissions.check_can_claim,
        key="c",
        recorded_as=_("Incident claimed"),
    ),
    plain_action(
        "assess",
        "assess/",
        actions.assess,
        _("Assessment recorded."),
        onward=decision_views.leave_assessment,
        label=_("Record"),
        check=permissions.check_can_assess,
        form_class=Assess,
        is_drafted=True,
        recorded_as=_("Incident assessed"),
    ),
    plain_action(
        "unchanged",
        "unchanged/",
        actions.confirm_unchanged,
        _("Earlier verdict confirmed."),
        onward=decision_views.leave_assessment,
        label=_("Unchanged"),
        check=check_can_confirm_unchanged,
        form_class=ClaimActionForm,
        recorded_as=_("Earlier verdict confirmed as unchanged"),
        is_offered=lambda incident: earlier_verdict(incident) is not None,
        make_label=decision_views.label_unchanged,
    ),
    plain_action(
        "skip",
        "skip/",
        actions.skip,
        _("Incident skipped. It will not be offered to you again today."),
        onward=lambda request, incident: next_incident(request),
        label=_("Skip"),
        check=permissions.check_can_skip,
        form_class=ClaimActionForm,
        key="s",
    ),
    plain_action(
        "renew",
        "renew/",
        actions.renew,
        _("Claim extended."),
        label=_("Extend"),
        make_label=lambda incident: _("Still on it") if incident.child_in_danger else _("Extend"),
        check=permissions.check_can_renew,
        form_class=ClaimActionForm,
        key="y",
        recorded_as=_("Claim extended"),
    ),
    plain_action(
        "close",
        "close/",
        actions.close,
        _("Incident closed."),
        label=_("Close: no further action possible"),
        check=permissions.check_can_close,
        fold=END,
        recorded_as=_("Incident closed"),
    ),
    plain_action(
        "release",
        "release/",
        actions.release,
        _("Incident returned to the queue."),
        label=_("Release"),
        check=permissions.check_can_release,
        form_class=ClaimActionForm,
        recorded_as=_("Claim released"),
    ),
    plain_action(
        "hand_over",
        "hand-over/",
        actions.hand_over,
        _("Incident handed over."),
        label=_("Hand over"),
        check=permissions.check_can_hand_over,
        form_class=HandOver,
        fold=ActionFold(_("Hand over to a colleague"), "z", name="hand_over"),
        recorded_as=_("Incident handed over"),
    ),
    plain_action(
        "reopen",
        "reopen/",
        actions.reopen,
        _("Incident returned to the queue."),
        label=_("Reopen"),
        check=permissions.check_can_reopen,
        fold=END,
        recorded_as=_("Incident reopened"),
    ),
    IncidentAction("undo", "undo/", decision_views.undo_assessment, recorded_as=_("Assessment undone")),
    IncidentAction("draft", "draft/<slug:act>/", decision_views.save_or_discard_draft),
    IncidentAction("note", "note/", message_views.add_note, recorded_as=_("Internal note added")),
    IncidentAction(
        "read_answers", "answers-read/", message_views.read_answers, recorded_as=_("Reporters’ answers marked as read")
    ),
    IncidentAction(
        "ask",
        "ask/<uuid:report_id>/",
        message_views.ask_reporter,
        scope=Scope.REPORT,
        recorded_as=_("Message sent to the reporter"),
    ),
    IncidentAction(
        "propose_words_release",
        "release-words/<uuid:report_id>/",
        release_views.propose_words_release,
        scope=Scope.REPORT,
        recorded_as=_("Release of a sentence proposed"),
    ),
    IncidentAction(
        "decide_words_release",
        "decide-release/",
        release_views.decide_words_release,
        recorded_as=_("Release of a sentence decided"),
    ),
    plain_action(
        "decide_appeal",
        "appeal-decision/",
        decide_appeal,
        _("Decision on the appeal recorded."),
        who=REVIEWERS,
        check=check_can_decide,
        form_class=DecideAppeal,
        recorded_as=_("Appeal decided"),
    ),
    IncidentAction("merge", "merge/", merge_views.merge_incidents, recorded_as=_("Incidents merged")),
    IncidentAction("merge_here", "merge-here/", merge_views.merge_other_here),
    IncidentAction(
        "compare_merged",
        "compare-merged/",
        merge_views.compare_merged,
        recorded_as=_("Merged address opened or compared"),
    ),
    IncidentAction(
        "split",
        "split/<uuid:report_id>/",
        merge_views.split_report,
        scope=Scope.REPORT,
        recorded_as=_("Report split off"),
    ),
)
