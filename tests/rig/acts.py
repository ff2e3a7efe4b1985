"""Every action of the staff surface, done once by a role that may: its preconditions and the form it sends.

A new route that takes a POST gets its function here, or a reason in `SILENT`; `test_acts_on_record.py` asks for it. An
action on an incident with a label, a check and a form that needs nothing typed is done by its row alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as django_settings
from django.db.models import F
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.accounts import actions
from analysts.accounts.approvals import request_role
from analysts.accounts.modes import start_mode
from analysts.accounts.tests.test_sign_in import SECRET, code_now
from analysts.accounts.tests.test_user_admin import add, fields_of
from analysts.assessment.actions.folding import foldable_incidents
from analysts.codes import ContentWarning, HoldReason, RevealReason, Role
from analysts.codes.appeals import Appellant
from analysts.figures import closing
from analysts.incidents import contents
from analysts.incidents.bulk_actions import load_marks
from analysts.incidents.page_kit import IncidentAction
from analysts.models import (
    BulkClosing,
    DailyFigure,
    FigureProgress,
    FloodSample,
    Incident,
    MaskedTerm,
    PeriodClose,
    RecipientKind,
    Report,
    SavedView,
    User,
)
from analysts.operations.jobs import TEST_MESSAGE_TASK
from analysts.pages.urls import ACTIONS
from analysts.takedown.appeals import actions as appeals
from analysts.tests.chases import office, routed
from analysts.tests.factories import assessed_cleared, assessed_illegal, claimed, report_of
from analysts.tests.replies import replied
from audit.permissions import why_not
from countries.models import CrisisPhrase, InstallationMode, ModeKind, Portal, PortalGroup, PortalState
from countries.staff.document.steps import PortalStep
from countries.staff.workspace.emergency import suspend_at_once
from countries.staff.workspace.portal_approvals import request_state
from countries.staff.workspace.tests.test_admin import filled_in, page_of
from countries.staff.workspace.tests.test_starting import NEW, upload
from countries.states import Verb
from countries.tests.factories import HelpServiceFactory, LanguageFactory, open_portal
from tests.rig.fixtures import PASSWORD, ClientResponse, client_of, create_person

# Text that only the reporter and the analysts of the portal may know.
HOST = "placeholderhost"
ADDRESS = f"https://{HOST}.example.org/placeholderpath/?q=placeholderquery"
WORDS = "placeholderwords of a reporter"


@dataclass(frozen=True, slots=True)
class Stage:
    """A report to Belize taken in, and one colleague in each role."""

    belize: Portal
    report: Report
    incident: Incident
    people: dict[Role, User]

    def client(self, role: Role) -> Client:
        return client_of(self.people[role])

    def path(self, act: str) -> str:
        return f"/admin/incidents/{self.incident.pk}/{act}/"

    def fence(self) -> int:
        self.incident.refresh_from_db()
        return self.incident.fence


def set_up(belize: Portal) -> Stage:
    return with_report(belize, staff_of(belize), ADDRESS)


def staff_of(belize: Portal) -> dict[Role, User]:
    """One colleague in each role."""
    return {role: create_person(f"{role.value}-acts", role, belize) for role in Role}


def with_report(belize: Portal, people: dict[Role, User], address: str) -> Stage:
    report = report_of(belize, address, details={"description": WORDS})
    return Stage(belize, report, report.sightings.get().incident, people)


type Act = Callable[[Stage], ClientResponse]


# --- Reports ----------------------------------------------------------------------------------------


def claim_next(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post("/admin/queue/next/")


def enter_address(stage: Stage) -> ClientResponse:
    sent = {"address": "https://entered.example.org/a", "origin": "police", "seen_by": str(stage.belize.pk)}
    return stage.client(Role.ANALYST).post("/admin/addresses/enter/", sent)


def search_address(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post("/admin/search/", {"q": ADDRESS})


def reveal_incident(stage: Stage) -> ClientResponse:
    return _post_when_claimed(stage, "reveal")


def claim_incident(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post(stage.path("claim"))


def choice_of(incident: Incident) -> str:
    """The value that a preview of several incidents has for this one."""
    return f"{incident.pk}:{load_marks([incident.pk])[incident.pk]}"


def _post_when_claimed(stage: Stage, act: str, **sent: object) -> ClientResponse:
    stage.incident.refresh_from_db()
    if stage.incident.claimed_by is None:
        claimed(stage.incident, stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post(stage.path(act), {"fence": stage.fence(), **sent})


def hand_over(stage: Stage) -> ClientResponse:
    return _post_when_claimed(stage, "hand-over", to=stage.people[Role.SENIOR].pk)


def assess_incident(stage: Stage) -> ClientResponse:
    classified = {"severity": "B", "age_band": "7-10", "sex": "girls", "site_type": "forum"}
    return _post_when_claimed(stage, "assess", verdict="illegal", commerciality="not_determined", **classified)


def confirm_unchanged(stage: Stage) -> ClientResponse:
    assessed_cleared(stage.incident, stage.people[Role.ANALYST])
    stage.client(Role.ANALYST).post(stage.path("reopen"))
    return _post_when_claimed(stage, "unchanged")


def skip_incident(stage: Stage) -> ClientResponse:
    return _post_when_claimed(stage, "skip")


def undo_assessment(stage: Stage) -> ClientResponse:
    made = assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post(stage.path("undo"), {"assessment": made.pk, "reason": "slip"})


def _post_when_assessed(stage: Stage, act: str, **sent: object) -> ClientResponse:
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post(stage.path(act), sent)


def close_incident(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post(stage.path("close"))


def merge_incident(stage: Stage) -> ClientResponse:
    other = with_report(stage.belize, stage.people, f"{ADDRESS}&other").incident
    return stage.client(Role.ANALYST).post(stage.path("merge"), {"into": "", "number": str(other)})


def merge_other_here(stage: Stage) -> ClientResponse:
    other = with_report(stage.belize, stage.people, f"{ADDRESS}&other").incident
    return _post_when_assessed(stage, "merge-here", other=str(other.pk))


def split_incident(stage: Stage) -> ClientResponse:
    address = contents.unseal_address(stage.incident)
    assert address
    again = with_report(stage.belize, stage.people, address.normalised)
    return stage.client(Role.ANALYST).post(stage.path(f"split/{again.report.pk}"))


def fold_alone(stage: Stage) -> str:
    """Fold the incident as a flood of its own; the path of its page."""
    Incident.objects.filter(pk=stage.incident.pk).update(shape=stage.incident.pk.bytes)
    Incident.objects.filter(pk=stage.incident.pk).update(flood=F("shape"), priority=0)
    return f"/admin/floods/{stage.incident.pk}/"


def fold_flood(stage: Stage) -> ClientResponse:
    number = foldable_incidents(stage.people[Role.ANALYST], stage.incident).count()
    sent = {"number": str(number), "reason": "invented"}
    return stage.client(Role.ANALYST).post(f"/admin/floods/{stage.incident.pk}/fold/", sent)


def unfold_flood(stage: Stage) -> ClientResponse:
    fold_flood(stage)
    return stage.client(Role.ANALYST).post(f"/admin/floods/{stage.incident.pk}/unfold/")


def draw_sample(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post(f"{fold_alone(stage)}sample/")


def ask_approval(stage: Stage) -> ClientResponse:
    draw_sample(stage)
    sent = {"verdict": "outside_remit", "reason": "adult"}
    return stage.client(Role.ANALYST).post(f"/admin/floods/{stage.incident.pk}/ask/", sent)


def approve_closing(stage: Stage) -> ClientResponse:
    ask_approval(stage)
    sample = FloodSample.objects.latest("at")
    return stage.client(Role.SENIOR).post(f"/admin/floods/{stage.incident.pk}/approve/{sample.pk}/")


def decline_closing(stage: Stage) -> ClientResponse:
    ask_approval(stage)
    sample = FloodSample.objects.latest("at")
    path = f"/admin/floods/{stage.incident.pk}/decline/{sample.pk}/"
    return stage.client(Role.SENIOR).post(path, {"reason": "different"})


def close_flood(stage: Stage) -> ClientResponse:
    draw_sample(stage)
    stage.client(Role.ANALYST).post(stage.path("reveal"), {"reason": "sample"})
    sent = {"verdict": "outside_remit", "reason": "adult"}
    return stage.client(Role.ANALYST).post(f"/admin/floods/{stage.incident.pk}/close/", sent)


def undo_flood(stage: Stage) -> ClientResponse:
    close_flood(stage)
    closing = BulkClosing.objects.latest("at")
    return stage.client(Role.ANALYST).post(f"/admin/floods/closings/{closing.pk}/undo/")


def place_hold(stage: Stage) -> ClientResponse:
    sent = {"reason": HoldReason.values[0], "review_on": "2099-01-01", "note": "File 12/26"}
    return stage.client(Role.SENIOR).post(stage.path("hold"), sent)


def release_hold(stage: Stage) -> ClientResponse:
    place_hold(stage)
    return stage.client(Role.SENIOR).post(stage.path("release-hold"))


def ask_reporter(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post(stage.path(f"ask/{stage.report.pk}"), {"question": "Which page?"})


def _post_when_revealed(stage: Stage, act: str, **sent: object) -> ClientResponse:
    client = stage.client(Role.ANALYST)
    client.post(stage.path("reveal"), {"reason": RevealReason.values[0]})
    return client.post(stage.path(act), sent)


def reveal_masked_words(stage: Stage) -> ClientResponse:
    return _post_when_revealed(stage, "show-masked-words")


def copy_address(stage: Stage) -> ClientResponse:
    return _post_when_revealed(stage, "copy", isolated="on")


def add_note(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post(stage.path("note"), {"text": f"Seen before at {ADDRESS}"})


def read_answers(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post(stage.path("answers-read"))


# --- One's own day ----------------------------------------------------------------------------------


def settings_of_ones_own(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post("/admin/my-settings/", {"budget_minutes": "60"})


def saved_view(owner: User) -> SavedView:
    number = SavedView.objects.count()
    return SavedView.objects.create(owner=owner, name=f"A view {number}", query="state=closed", at=timezone.now())


def save_view(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post("/admin/incidents/views/", {"name": "A view", "query": "state=closed"})


def change_view(stage: Stage) -> ClientResponse:
    view = saved_view(stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post(f"/admin/incidents/views/{view.pk}/", {"name": "Another", "is_shared": "on"})


def delete_view(stage: Stage) -> ClientResponse:
    view = saved_view(stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post(f"/admin/incidents/views/{view.pk}/delete/")


def take_break(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post("/admin/pause/break/")


def avoid_content(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post("/admin/pause/avoid/", {"avoids": [ContentWarning.values[0]]})


def go_on(stage: Stage) -> ClientResponse:
    take_break(stage)
    return stage.client(Role.ANALYST).post("/admin/pause/go-on/")


# --- Accounts and the audit log -----------------------------------------------------------------------


def add_account(stage: Stage) -> ClientResponse:
    answer: ClientResponse = add(stage.client(Role.ADMINISTRATOR), Role.WELFARE)
    return answer


def change_account(stage: Stage) -> ClientResponse:
    welfare = stage.people[Role.WELFARE]
    sent = fields_of(welfare, name="Another name")
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/analysts/user/{welfare.pk}/change/", sent)


def approve_request(stage: Stage) -> ClientResponse:
    approval, _half = request_role(
        by=create_person("administrator-asks", Role.ADMINISTRATOR), user=stage.people[Role.WELFARE], role=Role.ANALYST
    )
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/approvals/{approval.pk}/approve/")


def decline_request(stage: Stage) -> ClientResponse:
    asks = create_person("operator-asks", Role.OPERATOR)
    approval = request_state(by=asks, portal=stage.belize, verb=Verb.SUSPEND, reason="A fault in the form.")
    return stage.client(Role.OPERATOR).post(f"/admin/approvals/{approval.pk}/decline/")


def request_recovery(stage: Stage) -> ClientResponse:
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/accounts/{stage.people[Role.WELFARE].pk}/recover/")


def create_portal_group(stage: Stage) -> ClientResponse:
    return stage.client(Role.ADMINISTRATOR).post("/admin/portal-groups/", {"name": "Caribbean"})


def request_group_change(stage: Stage) -> ClientResponse:
    group = PortalGroup.objects.create(name="Caribbean")
    members = {"members": [stage.people[Role.ANALYST].pk], "portals": [stage.belize.pk], "reason": "A test."}
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/portal-groups/{group.pk}/", members)


def export_audit_log(stage: Stage) -> ClientResponse:
    return stage.client(Role.AUDITOR).post(
        "/admin/audit/auditevent/export/", {"reason": "Yearly review", "format": "csv"}
    )


# --- One's own account ------------------------------------------------------------------------------


def sign_in(stage: Stage) -> ClientResponse:
    return Client().post("/accounts/login/", {"login": stage.people[Role.ANALYST].username, "password": PASSWORD})


def sign_in_by_two(stage: Stage) -> ClientResponse:
    TOTP.activate(stage.people[Role.ANALYST], SECRET)
    client = Client()
    client.post("/accounts/login/", {"login": stage.people[Role.ANALYST].username, "password": PASSWORD})
    return client.post("/accounts/mfa/authenticate/", {"code": code_now()})


def enter_account(stage: Stage) -> ClientResponse:
    welfare = stage.people[Role.WELFARE]
    first, second = actions.whole_code(welfare)
    sent = {"username": welfare.username, "first": first, "second": second}
    return Client().post("/accounts/enter/", sent | {"password": "entirely new horse", "again": "entirely new horse"})


def sign_out_everywhere(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post("/accounts/logout/everywhere/")


def change_password(stage: Stage) -> ClientResponse:
    sent = {"oldpassword": PASSWORD, "password1": "another horse battery", "password2": "another horse battery"}
    return stage.client(Role.ANALYST).post("/accounts/password/change/", sent)


def set_password(stage: Stage) -> ClientResponse:
    ana = stage.people[Role.ANALYST]
    ana.set_unusable_password()
    ana.save()
    sent = {"password1": "another horse battery", "password2": "another horse battery"}
    return client_of(ana).post("/accounts/password/set/", sent)


def _reauthenticate_analyst(stage: Stage) -> Client:
    client = stage.client(Role.ANALYST)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def add_app(stage: Stage) -> ClientResponse:
    client = _reauthenticate_analyst(stage)
    page = client.get("/accounts/mfa/totp/activate/")
    secret = page.context["form"].secret
    return client.post("/accounts/mfa/totp/activate/", {"code": code_now(secret)})


def remove_app(stage: Stage) -> ClientResponse:
    TOTP.activate(stage.people[Role.ANALYST], SECRET)
    return _reauthenticate_analyst(stage).post("/accounts/mfa/totp/deactivate/")


def make_recovery_codes(stage: Stage) -> ClientResponse:
    ana = stage.people[Role.ANALYST]
    TOTP.activate(ana, SECRET)
    RecoveryCodes.activate(ana)
    Authenticator.objects.filter(user=ana, type=Authenticator.Type.RECOVERY_CODES).delete()
    return _reauthenticate_analyst(stage).post("/accounts/mfa/recovery-codes/generate/")


# --- Portals ----------------------------------------------------------------------------------------


def new_portal(stage: Stage) -> ClientResponse:
    client = stage.client(Role.OPERATOR)
    form = client.get(f"{NEW}?from=known:mu").context["form"]
    return client.post(f"{NEW}?from=known:mu", {name: form[name].value() for name in form.fields})


# A change in each step of a portal's workspace.
STEP_CHANGES = {
    PortalStep.COUNTRY: {"name": "Another name"},
    PortalStep.WORDS: {"texts-0-title": "Another title"},
    PortalStep.HELP: {"leave_to": "https://example.org/weather"},
    PortalStep.PARTNERS: {"partners-0-website": "https://example.org/"},
    PortalStep.LOOK: {"brand_colour": "#123456"},
    PortalStep.TEST: {"access_phrase": "open sesame"},
    PortalStep.LAUNCH: {"launch_source": "The press"},
}


def save_step(step: PortalStep) -> Act:
    def act(stage: Stage) -> ClientResponse:
        draft = open_portal("gh", "Ghana", "en", state=PortalState.DRAFT)
        client, page = stage.client(Role.OPERATOR), page_of(draft, step)
        ids = {"partners-0-id": str(draft.partners.get().pk)}
        return client.post(page, filled_in(client, page) | ids | STEP_CHANGES[step])

    return act


def _post_help_service(stage: Stage, page: str, **sent: str) -> ClientResponse:
    fields = {"kind": "pictures", "name": "Another service", "website": "https://example.org/", "position": "1"}
    return stage.client(Role.OPERATOR).post(f"/admin/countries/helpservice/{page}/", fields | sent)


def add_help_service(stage: Stage) -> ClientResponse:
    return _post_help_service(stage, "add", key="another")


def change_help_service(stage: Stage) -> ClientResponse:
    return _post_help_service(stage, f"{HelpServiceFactory.create().pk}/change")


def _post_language(stage: Stage, page: str, **sent: str) -> ClientResponse:
    fields = {"name": "Krio", "english_name": "Krio", "direction": "ltr", "digits": "latn"}
    rule = {"plural_rule": "nplurals=2; plural=(n != 1);"}
    return stage.client(Role.OPERATOR).post(f"/admin/countries/language/{page}/", fields | rule | sent)


def add_language(stage: Stage) -> ClientResponse:
    return _post_language(stage, "add", tag="kri")


def change_language(stage: Stage) -> ClientResponse:
    return _post_language(stage, f"{LanguageFactory.create().pk}/change", name="Kriyo")


def _post_crisis_phrase(stage: Stage, page: str, **sent: str) -> ClientResponse:
    fields = {"language": "ur", "words": "placeholder words"}
    return stage.client(Role.OPERATOR).post(f"/admin/countries/crisisphrase/{page}/", fields | sent)


def _stored_phrase() -> CrisisPhrase:
    return CrisisPhrase.objects.create(language="ur", words="other placeholder words")


def add_crisis_phrase(stage: Stage) -> ClientResponse:
    return _post_crisis_phrase(stage, "add")


def change_crisis_phrase(stage: Stage) -> ClientResponse:
    return _post_crisis_phrase(stage, f"{_stored_phrase().pk}/change")


def remove_crisis_phrase(stage: Stage) -> ClientResponse:
    return _post_crisis_phrase(stage, f"{_stored_phrase().pk}/delete", post="yes")


def move_portal(stage: Stage) -> ClientResponse:
    page = f"/admin/countries/portal/{stage.belize.pk}/state/"
    return stage.client(Role.OPERATOR).post(page, {"verb": "suspend", "reason": "A fault in the form."})


def import_portal(stage: Stage) -> ClientResponse:
    name = f'name = "{stage.belize.name}"'
    file = upload(stage.belize, (name, 'name = "Another name"'), checked="on", reason="Corrected elsewhere")
    return stage.client(Role.OPERATOR).post(f"/admin/countries/portal/{stage.belize.pk}/import/", file)


def review_language(stage: Stage) -> ClientResponse:
    client = stage.client(Role.OPERATOR)
    words = client.get("/admin/languages/es/").context["form"]["words"].value()
    sent = {"words": words, "reviewed_by": "Salma", "reviewed_on": "2026-11-24"}
    return client.post("/admin/languages/es/", sent)


def check_contact(stage: Stage) -> ClientResponse:
    contact = stage.belize.contacts.all()[0]
    stage.belize.contacts.update(verified_on=timezone.localdate(), verified_by="Salma")
    return stage.client(Role.OPERATOR).post(f"/admin/contacts/{contact.pk}/check/", {"how": "telephoned"})


def _post_to_masked_term(stage: Stage, act: str, **sent: str) -> ClientResponse:
    term = MaskedTerm.objects.create(text="maskedword", by=stage.people[Role.SENIOR], at=timezone.now())
    return stage.client(Role.WELFARE).post(f"/admin/analysts/maskedterm/{term.pk}/{act}/", sent)


def add_masked_term(stage: Stage) -> ClientResponse:
    return stage.client(Role.WELFARE).post("/admin/analysts/maskedterm/add/", {"text": "maskedword"})


def change_masked_term(stage: Stage) -> ClientResponse:
    return _post_to_masked_term(stage, "change", text="otherword")


def delete_masked_term(stage: Stage) -> ClientResponse:
    return _post_to_masked_term(stage, "delete", post="yes")


def correct_code(stage: Stage) -> ClientResponse:
    sent = {"row": "cybertipline/flag.sextortion", "target": ""}
    return stage.client(Role.OPERATOR).post("/admin/codes/correct/", sent)


# --- Takedown ---------------------------------------------------------------------------------------


def record_check(stage: Stage) -> ClientResponse:
    return _post_when_assessed(stage, "check", outcome="online")


def set_next_step(stage: Stage) -> ClientResponse:
    on = timezone.localdate() + timedelta(days=3)
    return _post_when_assessed(stage, "next-step", step="workstation", review_on=str(on))


def escalate_notice(stage: Stage) -> ClientResponse:
    ana, now = stage.people[Role.ANALYST], timezone.now()
    registrar = office(RecipientKind.REGISTRAR, ana, at=now)
    host = office(RecipientKind.HOST, ana, at=now)
    routed(assessed_illegal(stage.incident, ana), [host], first_notified_at=now)
    return stage.client(Role.ANALYST).post(stage.path("escalate"), {"to": registrar.pk})


def confirm_redaction(stage: Stage) -> ClientResponse:
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    client = stage.client(Role.ANALYST)
    client.post(stage.path("reveal"), {"reason": "advice"})
    return client.post(stage.path("redaction"), {"how": "whole"})


def file_appeal(stage: Stage) -> ClientResponse:
    return _post_when_assessed(stage, "appeals", appellant="owner", note="placeholder")


def decide_appeal(stage: Stage) -> ClientResponse:
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    by, incident = stage.people[Role.ANALYST], Incident.objects.get(pk=stage.incident.pk)
    appeal = appeals.file_appeal(by=by, incident=incident, appellant=Appellant.OWNER, note="placeholder")
    sent = {"appeal": str(appeal.pk), "reason": "no_grounds"}
    return stage.client(Role.SENIOR).post(stage.path("appeal-decision"), sent)


def read_replies(stage: Stage) -> ClientResponse:
    reply = replied(stage.incident, stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post(stage.path("replies-read"), {"replies": [reply.pk]})


def write_notice_text(stage: Stage) -> ClientResponse:
    sent = {"version": "0", "subject": "[{reference}]", "body": "{reference}: {answer_link}"}
    return stage.client(Role.OPERATOR).post("/admin/notice-texts/host/first/nl/", sent)


def record_trace(stage: Stage) -> ClientResponse:
    return _post_when_assessed(stage, "trace", methods="dns", country="NL", provider="Example Hosting")


PLACE = {"methods": ["dns", "bgp", "headers"], "country": "NL", "provider": "Example Hosting", "confirmed": "1"}


def trace_host(stage: Stage) -> ClientResponse:
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    sent = {**PLACE, "incident": choice_of(stage.incident)}
    return stage.client(Role.ANALYST).post(stage.path("trace-host"), sent)


def hand_over_due(stage: Stage) -> ClientResponse:
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    sent = {"incident": choice_of(stage.incident), "owner": stage.people[Role.SENIOR].pk, "reason": "absence"}
    return stage.client(Role.ANALYST).post("/admin/to-do/hand-over/", {**sent, "what": "trace", "confirmed": "1"})


INCIDENT = "admin/incidents/<uuid:incident_id>/"
PORTAL = "admin/countries/portal/<int:portal_id>/"


def suspend_in_emergency(stage: Stage) -> ClientResponse:
    page = f"/admin/countries/portal/{stage.belize.pk}/emergency/"
    return stage.client(Role.OPERATOR).post(page, {"reason": "A wrong number."})


def decide_emergency(stage: Stage) -> ClientResponse:
    first = create_person("operator-suspends", Role.OPERATOR)
    suspension = suspend_at_once(by=first, portal=stage.belize, reason="A wrong number.")
    page = f"/admin/countries/portal/{stage.belize.pk}/emergency/decide/"
    return stage.client(Role.OPERATOR).post(page, {"suspension": suspension.pk, "outcome": "confirmed"})


def start_read_only(stage: Stage) -> ClientResponse:
    sent = {"kind": "read_only", "until": "person", "reason": "Accounts are checked."}
    form = {f"read_only-{name}": value for name, value in sent.items()}
    return stage.client(Role.ADMINISTRATOR).post("/admin/modes/", form)


def _requested_banner() -> InstallationMode:
    asks = create_person("administrator-asks", Role.ADMINISTRATOR)
    words = {tag: "Back at noon." for tag, _name in django_settings.LANGUAGES}
    return start_mode(by=asks, kind=ModeKind.BANNER, reason="A test.", ends_at=None, words=words)


def approve_requested_banner(stage: Stage) -> ClientResponse:
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/modes/{_requested_banner().pk}/approve/")


def order_test_message(stage: Stage) -> ClientResponse:
    administrator = stage.people[Role.ADMINISTRATOR]
    User.objects.filter(pk=administrator.pk).update(email="adam@example.org")
    return stage.client(Role.ADMINISTRATOR).post("/admin/operations/test-message/")


def change_one_setting(stage: Stage) -> ClientResponse:
    page = "/admin/operations/settings/CLAIM_MINUTES/"
    return stage.client(Role.ADMINISTRATOR).post(page, {"value": "45", "reason": "A test."})


def create_failed_job(by: User) -> int:
    """The id of a failed job that would send a test message to `by`."""
    job_id = app.configure_task(TEST_MESSAGE_TASK).defer(user_id=by.pk)
    ProcrastinateJob.objects.filter(pk=job_id).update(status="failed")
    return job_id


def retry_failed_job(stage: Stage) -> ClientResponse:
    job_id = create_failed_job(stage.people[Role.ADMINISTRATOR])
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/operations/jobs/{job_id}/retry/")


def end_running_mode(stage: Stage) -> ClientResponse:
    by = stage.people[Role.ADMINISTRATOR]
    mode = start_mode(by=by, kind=ModeKind.READ_ONLY, reason="A test.", ends_at=None)
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/modes/{mode.pk}/end/")


# By route: the action, and the event that it records.
def set_figure_targets(stage: Stage) -> ClientResponse:
    return stage.client(Role.OPERATOR).post("/admin/figures/targets/", {"assess_hours": "48", "removal_hours": "72"})


def _close_last_quarter(stage: Stage) -> PeriodClose:
    """Closed by another senior analyst than the stage's."""
    now = timezone.now()
    FigureProgress.objects.get_or_create(pk=1, defaults={"counted_until": now})
    # Before all there is: a demonstration has figures, and its quarters are closed.
    earliest = DailyFigure.objects.order_by("day").values_list("day", flat=True).first()
    first = (earliest or now.date()) - timedelta(days=200)
    DailyFigure.objects.create(day=first, subject="reports", dimension="all", number=12, key=7)
    by = create_person("senior-closes", Role.SENIOR, stage.belize)
    return closing.close_period(by=by, period=closing.find_closable(now=now) or "")


def close_period(stage: Stage) -> ClientResponse:
    close = _close_last_quarter(stage)
    closing.withdraw_period(by=stage.people[Role.SENIOR], close=close)
    return stage.client(Role.SENIOR).post("/admin/figures/periods/close/", {"period": close.period})


def confirm_period(stage: Stage) -> ClientResponse:
    close = _close_last_quarter(stage)
    sent = {"period": close.period, "digest": close.digest}
    return stage.client(Role.SENIOR).post("/admin/figures/periods/confirm/", sent)


def withdraw_period(stage: Stage) -> ClientResponse:
    close = _close_last_quarter(stage)
    sent = {"period": close.period, "digest": close.digest}
    return stage.client(Role.SENIOR).post("/admin/figures/periods/withdraw/", sent)


def do_by_its_row(action: IncidentAction) -> Act:
    """Sends the form as the page first shows it, as soon as an incident on its way to closing can be acted on so."""
    role = Role.ANALYST if Role.ANALYST in action.who.roles else Role.SENIOR

    def act(stage: Stage) -> ClientResponse:
        by = stage.people[role]
        for step in (claim_incident, assess_incident, close_incident):
            stage.incident.refresh_from_db()
            if action.check and not why_not(action.check, by, stage.incident):
                break
            step(stage)
        stage.incident.refresh_from_db()
        form = action.form(stage.incident, by)
        return stage.client(role).post(stage.path(action.path.strip("/")), {each.name: each.value() for each in form})

    return act


# The actions on an incident whose form needs nothing typed: their rows say all; ACTS has those that need more.
BY_THEIR_ROWS: dict[str, tuple[Act, str]] = {
    f"{INCIDENT}{action.path}": (do_by_its_row(action), f"incident.{action.name}")
    for action in ACTIONS
    if action.label and action.check
}

ACTS: dict[str, tuple[Act, str]] = {
    "admin/figures/periods/close/": (close_period, "period.close"),
    "admin/figures/periods/confirm/": (confirm_period, "period.confirm"),
    "admin/figures/periods/withdraw/": (withdraw_period, "period.withdraw"),
    "admin/figures/targets/": (set_figure_targets, "figures.targets"),
    "admin/queue/next/": (claim_next, "incident.claim"),
    "admin/addresses/enter/": (enter_address, "incident.enter"),
    "admin/search/": (search_address, "search.make"),
    f"{INCIDENT}reveal/": (reveal_incident, "incident.reveal"),
    f"{INCIDENT}hand-over/": (hand_over, "incident.hand_over"),
    f"{INCIDENT}assess/": (assess_incident, "incident.assess"),
    f"{INCIDENT}unchanged/": (confirm_unchanged, "incident.unchanged"),
    f"{INCIDENT}undo/": (undo_assessment, "incident.undo"),
    # Recorded as a release like any other: no reason for skipping is asked for.
    f"{INCIDENT}skip/": (skip_incident, "incident.release"),
    f"{INCIDENT}merge/": (merge_incident, "incident.merge"),
    f"{INCIDENT}merge-here/": (merge_other_here, "incident.merge"),
    f"{INCIDENT}split/<uuid:report_id>/": (split_incident, "incident.split"),
    "admin/floods/<uuid:incident_id>/approve/<uuid:sample_id>/": (approve_closing, "flood.approve"),
    "admin/floods/<uuid:incident_id>/ask/": (ask_approval, "flood.ask"),
    "admin/floods/<uuid:incident_id>/close/": (close_flood, "flood.close"),
    "admin/floods/<uuid:incident_id>/decline/<uuid:sample_id>/": (decline_closing, "flood.decline"),
    "admin/floods/<uuid:incident_id>/fold/": (fold_flood, "flood.fold"),
    "admin/floods/<uuid:incident_id>/sample/": (draw_sample, "flood.sample"),
    "admin/floods/<uuid:incident_id>/unfold/": (unfold_flood, "flood.unfold"),
    "admin/floods/closings/<uuid:closing_id>/undo/": (undo_flood, "flood.undo"),
    f"{INCIDENT}hold/": (place_hold, "incident.hold"),
    f"{INCIDENT}release-hold/": (release_hold, "incident.release_hold"),
    f"{INCIDENT}ask/<uuid:report_id>/": (ask_reporter, "incident.ask"),
    f"{INCIDENT}show-masked-words/": (reveal_masked_words, "incident.reveal"),
    f"{INCIDENT}copy/": (copy_address, "incident.copy"),
    f"{INCIDENT}note/": (add_note, "incident.note"),
    f"{INCIDENT}appeals/": (file_appeal, "incident.file_appeal"),
    f"{INCIDENT}appeal-decision/": (decide_appeal, "incident.decide_appeal"),
    f"{INCIDENT}answers-read/": (read_answers, "incident.read_answers"),
    f"{INCIDENT}redaction/": (confirm_redaction, "incident.confirm_redaction"),
    f"{INCIDENT}replies-read/": (read_replies, "incident.read_replies"),
    "admin/notice-texts/<slug:kind>/<slug:purpose>/<str:tag>/": (write_notice_text, "notice_text.write"),
    f"{INCIDENT}trace/": (record_trace, "incident.trace"),
    f"{INCIDENT}trace-host/": (trace_host, "incident.trace"),
    "admin/to-do/hand-over/": (hand_over_due, "incident.assign"),
    f"{INCIDENT}check/": (record_check, "incident.check"),
    f"{INCIDENT}next-step/": (set_next_step, "incident.plan_next_step"),
    f"{INCIDENT}escalate/": (escalate_notice, "incident.escalate"),
    "admin/incidents/views/": (save_view, "saved_view.add"),
    "admin/incidents/views/<int:view_id>/": (change_view, "saved_view.change"),
    "admin/incidents/views/<int:view_id>/delete/": (delete_view, "saved_view.delete"),
    "admin/my-settings/": (settings_of_ones_own, "welfare.settings"),
    "admin/pause/break/": (take_break, "welfare.break"),
    "admin/pause/avoid/": (avoid_content, "welfare.avoid"),
    "admin/pause/go-on/": (go_on, "welfare.go_on"),
    "admin/analysts/maskedterm/add/": (add_masked_term, "masked_term.add"),
    "admin/analysts/maskedterm/<path:object_id>/change/": (change_masked_term, "masked_term.change"),
    "admin/analysts/maskedterm/<path:object_id>/delete/": (delete_masked_term, "masked_term.delete"),
    "admin/codes/correct/": (correct_code, "codes.correct"),
    "admin/analysts/user/add/": (add_account, "user.add"),
    "admin/analysts/user/<path:object_id>/change/": (change_account, "user.change"),
    "admin/approvals/<int:request_id>/approve/": (approve_request, "approval.approve"),
    "admin/approvals/<int:request_id>/decline/": (decline_request, "approval.decline"),
    "admin/accounts/<int:user_id>/recover/": (request_recovery, "approval.request"),
    "admin/portal-groups/": (create_portal_group, "group.add"),
    "admin/portal-groups/<int:group_id>/": (request_group_change, "approval.request"),
    "admin/audit/auditevent/export/": (export_audit_log, "audit.export"),
    "accounts/login/": (sign_in, "user.sign_in"),
    "accounts/mfa/authenticate/": (sign_in_by_two, "user.sign_in"),
    "accounts/enter/": (enter_account, "user.enter"),
    "accounts/logout/everywhere/": (sign_out_everywhere, "user.sign_out_everywhere"),
    "accounts/password/change/": (change_password, "user.change_password"),
    "accounts/password/set/": (set_password, "user.change_password"),
    "accounts/mfa/totp/activate/": (add_app, "user.add_factor"),
    "accounts/mfa/totp/deactivate/": (remove_app, "user.remove_factor"),
    "accounts/mfa/recovery-codes/generate/": (make_recovery_codes, "user.add_factor"),
    "admin/countries/portal/new/": (new_portal, "portal.start"),
    **{f"{PORTAL}{step}/": (save_step(step), "portal.change") for step in STEP_CHANGES},
    "admin/countries/helpservice/add/": (add_help_service, "help_service.add"),
    "admin/countries/helpservice/<path:object_id>/change/": (change_help_service, "help_service.change"),
    "admin/countries/language/add/": (add_language, "language.add"),
    "admin/countries/language/<path:object_id>/change/": (change_language, "language.change"),
    "admin/countries/crisisphrase/add/": (add_crisis_phrase, "crisis_phrase.add"),
    "admin/countries/crisisphrase/<path:object_id>/change/": (change_crisis_phrase, "crisis_phrase.change"),
    "admin/countries/crisisphrase/<path:object_id>/delete/": (remove_crisis_phrase, "crisis_phrase.remove"),
    f"{PORTAL}state/": (move_portal, "approval.request"),
    f"{PORTAL}emergency/": (suspend_in_emergency, "portal.suspend_alone"),
    f"{PORTAL}emergency/decide/": (decide_emergency, "portal.confirm_suspension"),
    "admin/modes/": (start_read_only, "mode.start"),
    "admin/modes/<int:mode_id>/approve/": (approve_requested_banner, "mode.approve"),
    "admin/modes/<int:mode_id>/end/": (end_running_mode, "mode.end"),
    "admin/operations/settings/<str:setting_name>/": (change_one_setting, "setting.change"),
    "admin/operations/test-message/": (order_test_message, "mail.test"),
    "admin/operations/jobs/<int:job_id>/retry/": (retry_failed_job, "job.retry"),
    f"{PORTAL}import/": (import_portal, "approval.request"),
    "admin/contacts/<int:contact_id>/check/": (check_contact, "contact.check"),
    "admin/languages/<str:tag>/": (review_language, "language.review"),
}

# Routes that take a POST and record no event, each with its reason.
SILENT: dict[str, str] = {
    f"{INCIDENT}hide/": "hides what was shown",
    f"{INCIDENT}draft/<slug:act>/": "saves no decision; only the author of a draft sees it",
    f"{INCIDENT}look-up-network/": "shows the page, which is on record; the looked-up values are not recorded",
    "accounts/logout/": "ends one's own session and nothing else",
    "accounts/reauthenticate/": "what it opens is recorded, and each failure",
    "accounts/mfa/reauthenticate/": "what it opens is recorded, and each failure",
    "accounts/mfa/webauthn/reauthenticate/": "what it opens is recorded",
    "accounts/mfa/webauthn/login/": "recorded as user.sign_in: test_passkeys.py, in a browser that has keys",
    "accounts/mfa/webauthn/add/": "recorded as user.add_factor: test_passkeys.py",
    "accounts/mfa/webauthn/keys/<int:pk>/remove/": "recorded as user.remove_factor: test_passkeys.py",
    "accounts/mfa/webauthn/keys/<int:pk>/edit/": "what one calls one's own key",
    "admin/login/": "leads to accounts/login/",
    "admin/logout/": "leads to accounts/logout/",
    "admin/(?P<url>.*)$": "no such page",
    "admin/countries/portal/add/": "leads to admin/countries/portal/new/",
    f"{PORTAL}preview/<slug:state>/": "a sample: nothing sent there is kept",
    f"{PORTAL}preview/<slug:state>/<path:public_path>": "a sample: nothing sent there is kept",
}
