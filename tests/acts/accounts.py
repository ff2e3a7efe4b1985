"""Actions on accounts, on one's own account, on modes of the installation, and on its operation."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.accounts import actions
from analysts.accounts.approvals import request_role
from analysts.accounts.modes import start_mode
from analysts.accounts.tests.test_sign_in import SECRET, code_now
from analysts.accounts.tests.test_user_admin import fields_of
from analysts.assessment.words_release import actions as words_release
from analysts.codes import Role
from analysts.models import (
    Export,
    ExportFormat,
    ExportState,
    ExportSubject,
    RecipientAccess,
    Referral,
    ReleaseGround,
    User,
    WordsRelease,
)
from analysts.operations.jobs import TEST_MESSAGE_TASK
from analysts.tests.inboxes import inbox_of, referred_to, unit
from audit.models import LogId
from countries.models import ApprovalRequest, InstallationMode, ModeKind, PortalGroup
from countries.staff.workspace.portal_approvals import request_state
from countries.states import Verb
from tests.acts.act import WORDS, Act, Fields, Stage
from tests.rig.fixtures import PASSWORD, client_of, create_person

ADMINISTRATOR = Role.ADMINISTRATOR
CODES = "accounts/mfa/recovery-codes/"
SETTING = {"value": "45", "reason": "A test."}
RECEIVED = {"kind": "acknowledged"}
NEW_PASSWORD = {"password1": "another horse battery", "password2": "another horse battery"}


# --- Accounts and approvals ---------------------------------------------------------------------------


def _request_role(stage: Stage) -> ApprovalRequest:
    by = create_person("administrator-asks", ADMINISTRATOR)
    return request_role(by=by, user=stage.people[Role.WELFARE], role=Role.ANALYST)[0]


def _request_state(stage: Stage) -> ApprovalRequest:
    by = create_person("operator-asks", Role.OPERATOR)
    return request_state(by=by, portal=stage.belize, verb=Verb.SUSPEND, reason="A fault in the form.")


def _changed_account(_stage: Stage, user: User) -> Fields:
    return fields_of(user, name="Another name")


def _unknown_account(_stage: Stage) -> User:
    """Made on the server."""
    return User.objects.create_user("nora", role=Role.OPERATOR)


def _vouch_for(_stage: Stage, user: User) -> Fields:
    return {"accounts": [user.pk], "reason": "A test."}


def _create_group(_stage: Stage) -> PortalGroup:
    return PortalGroup.objects.create(name="Caribbean")


def _group_fields(stage: Stage, _group: PortalGroup) -> Fields:
    return {"members": [stage.analyst.pk], "portals": [stage.belize.pk], "reason": "A test."}


# --- One's own account --------------------------------------------------------------------------------


def _no_session(_stage: Stage) -> Client:
    return Client()


def _password_of_analyst(stage: Stage, _subject: None = None) -> Fields:
    return {"login": stage.analyst.username, "password": PASSWORD}


def _add_app(stage: Stage) -> None:
    TOTP.activate(stage.analyst, SECRET)


def _sign_in_by_password(stage: Stage) -> Client:
    client = Client()
    client.post("/accounts/login/", _password_of_analyst(stage))
    return client


def _whole_code(stage: Stage, _subject: None) -> Fields:
    welfare = stage.people[Role.WELFARE]
    first, second = actions.begin_code(welfare), actions.complete_code(welfare, timezone.now())
    chosen = {"password": "entirely new horse", "again": "entirely new horse"}
    return {"username": welfare.username, "first": first, "second": second, **chosen}


def _without_password(stage: Stage) -> Client:
    stage.analyst.set_unusable_password()
    stage.analyst.save()
    return client_of(stage.analyst)


def _reauthenticate(stage: Stage) -> Client:
    client = stage.client(Role.ANALYST)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def _begin_app(stage: Stage) -> Fields:
    """The client that is shown the secret, and the secret."""
    client = _reauthenticate(stage)
    return {"client": client, "secret": client.get("/accounts/mfa/totp/activate/").context["form"].secret}


def _add_app_without_codes(stage: Stage) -> None:
    _add_app(stage)
    RecoveryCodes.activate(stage.analyst)
    Authenticator.objects.filter(user=stage.analyst, type=Authenticator.Type.RECOVERY_CODES).delete()


def _app_code(_stage: Stage, _subject: None) -> Fields:
    return {"code": code_now()}


def _shared_code(_stage: Stage, shared: Fields) -> Fields:
    return {"code": code_now(shared["secret"])}


# --- The installation ---------------------------------------------------------------------------------


def _request_banner(_stage: Stage) -> InstallationMode:
    by = create_person("administrator-asks", ADMINISTRATOR)
    words = {tag: "Back at noon." for tag, _name in settings.LANGUAGES}
    return start_mode(by=by, kind=ModeKind.BANNER, reason="A test.", ends_at=None, words=words)


def _start_read_only(stage: Stage) -> InstallationMode:
    return start_mode(by=stage.people[ADMINISTRATOR], kind=ModeKind.READ_ONLY, reason="A test.", ends_at=None)


def _give_address(stage: Stage) -> None:
    User.objects.filter(pk=stage.people[ADMINISTRATOR].pk).update(email="adam@example.org")


def create_failed_job(by: User) -> int:
    """The id of a failed job that would send a test message to `by`."""
    job_id = app.configure_task(TEST_MESSAGE_TASK).defer(user_id=by.pk)
    ProcrastinateJob.objects.filter(pk=job_id).update(status="failed")
    return job_id


def _fail_job(stage: Stage) -> Fields:
    return {"job_id": create_failed_job(stage.people[ADMINISTRATOR])}


def _claim_minutes(_stage: Stage) -> Fields:
    return {"setting_name": "CLAIM_MINUTES"}


def export_of(owner: User, state: ExportState = ExportState.WAITING) -> Export:
    now = timezone.now()
    return Export.objects.create(
        portals=owner.portal_ids,
        by=owner,
        subject=ExportSubject.INCIDENTS,
        format=ExportFormat.CSV,
        columns=["incident"],
        state=state,
        at=now,
        until=now + timedelta(hours=24),
    )


def _waiting_export(stage: Stage) -> Export:
    return export_of(stage.analyst)


def _ready_export(stage: Stage) -> Export:
    return export_of(stage.analyst, ExportState.READY)


def _welfare_lead(stage: Stage) -> User:
    return stage.people[Role.WELFARE]


def _approved_officer(stage: Stage) -> dict[str, Any]:
    recipient = unit("Example Police", by=stage.senior)
    return {"user_id": stage.people[Role.RECIPIENT].pk, "recipient": recipient.pk}


def _inbox_fields(_stage: Stage, subject: Any) -> Fields:
    return {"recipient": subject["recipient"], "reason": "A test."}


def _inbox(stage: Stage) -> RecipientAccess:
    by = stage.people[ADMINISTRATOR]
    return inbox_of(unit("Example Police", by=stage.senior), by=by, user=stage.people[Role.RECIPIENT])


def _referred(stage: Stage) -> Referral:
    return referred_to(_inbox(stage).recipient, stage.incident, by=stage.analyst)[0]


def _released(stage: Stage) -> WordsRelease:
    """A sentence of a report that was not referred, for the recipient of the inbox."""
    rows: dict[str, Any] = {"incident": stage.incident, "report": stage.report, "to": _inbox(stage).recipient}
    release = words_release.propose_words_release(by=stage.analyst, sentence=WORDS, ground=ReleaseGround.THREAT, **rows)
    return words_release.decide_words_release(by=stage.senior, incident=stage.incident, release=release, releases=True)


def _by_administrator(path: str, event: str, prepare: Callable[[Stage], Any] | None = None, fields: Any = None) -> Act:
    return Act(f"admin/{path}", event, ADMINISTRATOR, prepare, fields)


READ_ONLY = {"read_only-kind": "read_only", "read_only-until": "person", "read_only-reason": "Accounts are checked."}

ACTS = (
    _by_administrator("analysts/user/add/", "user.add", fields={"username": "nora", "name": "Nora", "role": "welfare"}),
    _by_administrator("analysts/user/<path:object_id>/change/", "user.change", _welfare_lead, _changed_account),
    _by_administrator("approvals/<int:request_id>/approve/", "approval.approve", _request_role),
    Act("admin/approvals/<int:request_id>/decline/", "approval.decline", Role.OPERATOR, _request_state),
    _by_administrator("accounts/<int:user_id>/recover/", "approval.request", _welfare_lead),
    _by_administrator("accounts/<int:user_id>/switch-off/", "user.change", _welfare_lead),
    _by_administrator("accounts/vouching/", "approval.request", _unknown_account, _vouch_for),
    Act(
        "admin/audit/ids/<str:log_id>/",
        "approval.request",
        Role.AUDITOR,
        lambda stage: LogId.objects.get(account=stage.analyst),
        fields={"reason": "A test."},
    ),
    _by_administrator("portal-groups/", "group.add", fields={"name": "Caribbean"}),
    _by_administrator("portal-groups/<int:group_id>/", "approval.request", _create_group, _group_fields),
    Act("admin/audit/auditevent/export/", "audit.export", Role.AUDITOR, fields={"reason": "Review", "format": "csv"}),
    Act("accounts/login/", "user.sign_in", fields=_password_of_analyst, client=_no_session),
    Act("accounts/mfa/authenticate/", "user.sign_in", prepare=_add_app, fields=_app_code, client=_sign_in_by_password),
    Act("accounts/enter/", "user.enter", fields=_whole_code, client=_no_session),
    Act("accounts/logout/everywhere/", "user.sign_out_everywhere"),
    Act("accounts/password/change/", "user.change_password", fields={"oldpassword": PASSWORD, **NEW_PASSWORD}),
    Act("accounts/password/set/", "user.change_password", fields=NEW_PASSWORD, client=_without_password),
    Act("accounts/mfa/totp/activate/", "user.add_factor", prepare=_begin_app, fields=_shared_code, client="client"),
    Act("accounts/mfa/totp/deactivate/", "user.remove_factor", prepare=_add_app, client=_reauthenticate),
    Act(f"{CODES}generate/", "user.add_factor", prepare=_add_app_without_codes, client=_reauthenticate),
    _by_administrator("modes/", "mode.start", fields=READ_ONLY),
    _by_administrator("modes/<int:mode_id>/approve/", "mode.approve", _request_banner),
    _by_administrator("modes/<int:mode_id>/end/", "mode.end", _start_read_only),
    _by_administrator("operations/settings/<str:setting_name>/", "setting.change", _claim_minutes, SETTING),
    _by_administrator("operations/test-message/", "mail.test", _give_address),
    _by_administrator("operations/jobs/<int:job_id>/retry/", "job.retry", _fail_job),
    Act("admin/incidents/export/", "export.order", fields={"columns": ["incident"], "format": "csv"}),
    _by_administrator("accounts/<int:user_id>/recipient/", "approval.request", _approved_officer, _inbox_fields),
    _by_administrator("recipient-accounts/<int:access_id>/confirm/", "inbox.confirm", _inbox),
    _by_administrator("recipient-accounts/<int:access_id>/suspend/", "inbox.suspend", _inbox),
    Act("admin/inbox/<uuid:referral_id>/open/", "inbox.reveal", Role.RECIPIENT, _referred),
    Act("admin/inbox/sentences/", "inbox.reveal", Role.RECIPIENT, _released),
    Act("admin/inbox/<uuid:referral_id>/answer/", "notice.answered", Role.RECIPIENT, _referred, RECEIVED),
    Act("admin/inbox/export/", "export.order", Role.RECIPIENT, _inbox),
    Act("admin/exports/<uuid:export_id>/cancel/", "export.cancel", prepare=_waiting_export),
    Act("admin/exports/<uuid:export_id>/fetch/", "export.fetch", prepare=_ready_export),
)
