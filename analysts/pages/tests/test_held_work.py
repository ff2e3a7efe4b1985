"""Work that an account holds moves with the account, whichever way it is switched off: by a table of all keys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils import timezone

from analysts.accounts.approvals import ACCOUNT_ROLE, request_role
from analysts.accounts.tests.test_user_admin import change
from analysts.assessment.actions import ask_approval
from analysts.codes import Reason, Role, Verdict
from analysts.codes.next_steps import AssignReason, NextStepKind
from analysts.models import Batch, FloodSample, Incident, NextStep, User, Workstation
from analysts.pages import tasks
from analysts.pages.held_work import HELD, return_stranded_work
from analysts.takedown.next_steps.actions import assign_incident, refresh_next_step
from analysts.tests.factories import assessed_illegal, claimed, incident_of
from audit.models import AuditEvent
from countries.models import ApprovalRequest, ApprovalState, Portal
from countries.staff.requests.approvals import approve_request
from countries.staff.workspace.portal_approvals import request_state
from countries.states import Verb
from tests.rig.fixtures import client_of, create_person

# Why a key to an account makes it responsible for nothing that waits.
AUTHOR = "says who did it"
PERSONAL = "settings, secrets or counts of the account itself"
ACCESS = "access of the account, which ends with it"
SECOND = "who decided as the second person"
OF_ALL = "waits for any second person of the role"
ENDS = "ends within a day without anyone"
DECISIONS = {
    "account.EmailAddress.user": PERSONAL,
    "admin.LogEntry.user": AUTHOR,
    "mfa.Authenticator.user": PERSONAL,
    "audit.LogId.account": PERSONAL,
    "analysts.AddressAllowance.by": ENDS,
    "analysts.AddressAllowance.decided_by": SECOND,
    "analysts.Appeal.entered_by": AUTHOR,
    "analysts.Appeal.reviewed_by": SECOND,
    "analysts.Assessment.by": AUTHOR,
    "analysts.Assessment.undone_by": AUTHOR,
    "analysts.AvailabilityCheck.by": AUTHOR,
    "analysts.Batch.by": "batches",
    "analysts.Batch.ended_by": AUTHOR,
    "analysts.BulkClosing.approved_by": SECOND,
    "analysts.BulkClosing.by": AUTHOR,
    "analysts.BulkClosing.undone_by": AUTHOR,
    "analysts.ChildAlert.by": AUTHOR,
    "analysts.ChildAlert.corrected_by": AUTHOR,
    "analysts.ChildAlert.seen_by": AUTHOR,
    "analysts.ChildAlert.withdrawn_by": AUTHOR,
    "analysts.CodeCorrection.by": AUTHOR,
    "analysts.DisplayPreferences.user": PERSONAL,
    "analysts.Draft.by": PERSONAL,
    "analysts.EnteredAddress.by": AUTHOR,
    "analysts.EntryCode.user": PERSONAL,
    "analysts.Export.by": ENDS,
    "analysts.Exposure.user": PERSONAL,
    "analysts.FloodFolding.by": AUTHOR,
    "analysts.FloodSample.by": "samples",
    "analysts.FloodSample.declined_by": SECOND,
    "analysts.HistoryImport.approved_by": SECOND,
    "analysts.HistoryImport.prepared_by": AUTHOR,
    "analysts.HistoryImport.requested_by": OF_ALL,
    "analysts.HistoryImport.undone_by": AUTHOR,
    "analysts.Hold.by": AUTHOR,
    "analysts.Hold.released_by": AUTHOR,
    "analysts.HostingTrace.by": AUTHOR,
    "analysts.Incident.claimed_by": "claims",
    "analysts.MaskedTerm.by": AUTHOR,
    "analysts.MemberKey.by": AUTHOR,
    "analysts.MemberKey.closed_by": AUTHOR,
    "analysts.NextStep.owner": "follow_ups",
    "analysts.NextStep.set_by": AUTHOR,
    "analysts.Note.by": AUTHOR,
    "analysts.Notice.by": AUTHOR,
    "analysts.Notice.sent_by": AUTHOR,
    "analysts.NoticeTemplate.by": AUTHOR,
    "analysts.PeriodClose.closed_by": OF_ALL,
    "analysts.PeriodClose.confirmed_by": SECOND,
    "analysts.PoliceHold.by": AUTHOR,
    "analysts.PoliceHold.recorded_by": AUTHOR,
    "analysts.PortalGrant.user": ACCESS,
    "analysts.ProviderSheet.released_by": AUTHOR,
    "analysts.ProviderSheet.statement_by": AUTHOR,
    "analysts.ProviderSheet.withdrawn_by": AUTHOR,
    # Answers go to seniors once its author is no analyst (`QuestionQuerySet.unread_by`).
    "analysts.Question.by": AUTHOR,
    "analysts.Recipient.changed_by": OF_ALL,
    "analysts.Recipient.proposed_by": OF_ALL,
    "analysts.Recipient.verified_by": SECOND,
    "analysts.RecipientAccess.confirmed_by": SECOND,
    "analysts.RecipientAccess.suspended_by": AUTHOR,
    "analysts.RecipientAccess.user": ACCESS,
    "analysts.Redaction.by": AUTHOR,
    "analysts.Referral.by": AUTHOR,
    "analysts.Referral.withdrawn_by": AUTHOR,
    "analysts.Reply.confirmed_by": AUTHOR,
    "analysts.Reply.entered_by": AUTHOR,
    "analysts.Reply.read_by": AUTHOR,
    "analysts.Route.by": AUTHOR,
    "analysts.SavedView.owner": PERSONAL,
    "analysts.SearchCount.user": PERSONAL,
    "analysts.SenderIdentity.by": AUTHOR,
    "analysts.Skip.by": PERSONAL,
    "analysts.SystemicCase.answered_by": AUTHOR,
    "analysts.SystemicCase.sent_by": AUTHOR,
    "analysts.User_portal_groups.user": ACCESS,
    "analysts.User_portals.user": ACCESS,
    "analysts.WordsRelease.by": OF_ALL,
    "analysts.WordsRelease.decided_by": SECOND,
    "analysts.Workstation.by": AUTHOR,
    "countries.ApprovalRequest.account": OF_ALL,
    "countries.ApprovalRequest.decided_by": SECOND,
    "countries.ApprovalRequest.requested_by": "approvals",
    "countries.ContactCheck.by": AUTHOR,
    # In force, and alarmed about each hour, until another operator decides.
    "countries.EmergencySuspension.decided_by": SECOND,
    "countries.EmergencySuspension.suspended_by": OF_ALL,
    "countries.InstallationMode.approved_by": SECOND,
    "countries.InstallationMode.ended_by": AUTHOR,
    "countries.InstallationMode.started_by": OF_ALL,
    "countries.InterfaceTranslation.reviewed_by": SECOND,
    "countries.InterfaceTranslation.translated_by": OF_ALL,
    "countries.LanguageReview.confirmed_by": SECOND,
    "countries.LanguageReview.recorded_by": OF_ALL,
    "countries.LanguageRole.account": ACCESS,
    "countries.SettingChange.approved_by": SECOND,
    "countries.SettingChange.changed_by": AUTHOR,
    "countries.TextReview.recorded_by": AUTHOR,
    "countries.Withdrawal.decided_by": SECOND,
    "countries.Withdrawal.withdrawn_by": OF_ALL,
}


def test_every_key_to_an_account_is_decided() -> None:
    """A new key fails here until it is a row of `HELD`, or the table says why nothing waits for the account."""
    keys = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete and field.related_model is get_user_model()
    }
    assert keys == set(DECISIONS)
    fields = {f"{kind.rows().model._meta.label}.{kind.field}": kind.name for kind in HELD}
    assert {key: name for key, name in DECISIONS.items() if " " not in name} == fields


def _claim(belize: Portal, ana: User) -> None:
    claimed(incident_of(belize), ana)


def _batch(belize: Portal, ana: User) -> None:
    now = timezone.now()
    room = Workstation.objects.create(name="Room 1", public_key=bytes(32), sealing_key=b"", by=ana, at=now)
    Batch.objects.create(by=ana, workstation=room, at=now, until=now + timedelta(hours=8))


def _follow_up(belize: Portal, ana: User) -> None:
    sena = User.objects.get(username="sena")
    incident = assessed_illegal(incident_of(belize), sena).incident
    refresh_next_step(incident, now=timezone.now())
    assign_incident(by=sena, incident=incident, owner=ana, reason=AssignReason.WORKLOAD)


def _sample(belize: Portal, ana: User) -> None:
    sample = FloodSample.objects.create(flood=bytes(32), by=ana, at=timezone.now(), seed=bytes(32), population=[])
    ask_approval(by=ana, sample=sample, verdict=Verdict.OUTSIDE_REMIT, reason=Reason.ADULT)


def _approval(belize: Portal, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(role=Role.OPERATOR)
    ana.refresh_from_db()
    request_state(by=ana, portal=belize, verb=Verb.SUSPEND, reason="A test.")


CREATE: dict[str, Callable[[Portal, User], None]] = {
    "claims": _claim,
    "batches": _batch,
    "follow_ups": _follow_up,
    "samples": _sample,
    "approvals": _approval,
}


def by_page(adam: User, ana: User) -> None:
    assert client_of(adam).post(f"/admin/accounts/{ana.pk}/switch-off/").status_code == 302


def by_form(adam: User, ana: User) -> None:
    assert change(client_of(adam), ana, is_active="") == 302


def by_role(adam: User, ana: User) -> None:
    assert change(client_of(adam), ana, role=Role.PARTNER) == 302


def by_two_administrators(adam: User, ana: User) -> None:
    request, _half = request_role(by=adam, user=ana, role=Role.AUDITOR)
    approve_request(ACCOUNT_ROLE, by=create_person("adele", Role.ADMINISTRATOR), request=request)
    tasks.expire_claims(timestamp=0)


def in_another_way(adam: User, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)
    tasks.expire_claims(timestamp=0)


WAYS = (by_page, by_form, by_role, by_two_administrators, in_another_way)


# With another role the account still signs in, and its request waits for any second operator.
CASES = [(name, way) for name in CREATE for way in WAYS if name != "approvals" or way not in WAYS[2:4]]


@pytest.mark.parametrize(("name", "way"), CASES)
def test_nothing_stays_with_an_account_that_cannot_do_it(
    belize: Portal, ana: User, sena: User, adam: User, name: str, way: Callable[[User, User], None]
) -> None:
    assert set(CREATE) == {kind.name for kind in HELD}
    [kind] = [kind for kind in HELD if kind.name == name]
    CREATE[name](belize, ana)
    assert kind.held_by(ana).count() == 1
    # The control: while the account may hold it, nothing moves.
    assert return_stranded_work() == 0
    way(adam, ana)
    assert (kind.held_by(ana).count(), kind.stranded().count()) == (0, 0)
    event = AuditEvent.objects.get(action="user.hand_over")
    actor = "" if way in (by_two_administrators, in_another_way) else "adam"
    assert (event.actor, event.object_id) == (actor, ana.log_id.pk)
    assert event.details == {"kind": name, "count": 1}


def test_administrator_sees_what_it_holds_and_hands_it_to_a_colleague(
    belize: Portal, zambia: Portal, ana: User, ben: User, sena: User, adam: User
) -> None:
    address = "https://placeholderhost.example.org/gallery"
    ana.portals.add(zambia)
    _follow_up(belize, ana)
    claims = [claimed(incident_of(portal, f"{address}/{portal.slug}"), ana) for portal in (belize, zambia)]
    client, path = client_of(adam), f"/admin/accounts/{ana.pk}/switch-off/"
    assert path in client.get(f"/admin/analysts/user/{ana.pk}/change/").content.decode()
    page = client.get(path).content.decode()
    assert "placeholderhost" not in page
    assert [str(number) for _kind, number in client.get(path).context["holdings"]] == ["2", "1"]
    # A colleague's who is no analyst.
    refused = client.post(path, {"claims": adam.pk})
    assert (refused.status_code, User.objects.get(pk=ana.pk).is_active) == (422, True)
    assert client.post(path, {"claims": ben.pk, "follow_ups": sena.pk}).status_code == 302
    for incident in claims:
        incident.refresh_from_db()
    # Ben reads Zambia alone: the other one is back in the queue.
    assert [(incident.state, incident.claimed_by) for incident in claims] == [("waiting", None), ("claimed", ben)]
    assert NextStep.objects.get().owner == sena
    events = AuditEvent.objects.filter(action="user.hand_over").order_by("number")
    assert [event.details for event in events] == [
        {"kind": "claims", "count": 1, "to": "ben"},
        {"kind": "claims", "count": 1},
        {"kind": "follow_ups", "count": 1, "to": "sena"},
    ]
    changed = AuditEvent.objects.filter(action="user.change").latest("number")
    assert (changed.actor, changed.details["changes"]) == ("adam", {"is_active": {"before": True, "after": False}})
    assert client.post(path).status_code == 422
    path = f"/admin/accounts/{adam.pk}/switch-off/"
    assert client.post(path).status_code == 422
    assert User.objects.get(pk=adam.pk).is_active


def test_colleague_of_a_group_or_of_all_portals_can_follow_up(
    belize: Portal, ana: User, sena: User, adam: User
) -> None:
    _follow_up(belize, ana)
    nora = create_person("nora", Role.ANALYST)
    User.objects.filter(pk=nora.pk).update(all_portals=True)
    assert client_of(adam).post(f"/admin/accounts/{ana.pk}/switch-off/", {"follow_ups": nora.pk}).status_code == 302
    assert NextStep.objects.get().owner == nora


def test_step_that_is_derived_again_has_no_owner_who_is_switched_off(
    belize: Portal, ana: User, sena: User, adam: User
) -> None:
    _follow_up(belize, ana)
    by_page(adam, ana)
    step = NextStep.objects.get()
    refresh_next_step(Incident.objects.get(pk=step.pk), now=timezone.now())
    assert NextStep.objects.get().owner is None
    assert NextStepKind(step.kind)


def test_request_of_an_account_that_is_switched_off_ends_without_effect(belize: Portal, ana: User, adam: User) -> None:
    _approval(belize, ana)
    by_page(adam, ana)
    request: Any = ApprovalRequest.objects.get()
    assert (request.state, request.decided_by) == (ApprovalState.EXPIRED, None)
    assert AuditEvent.objects.get(action="approval.expire").actor == "adam"
