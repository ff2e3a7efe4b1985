"""Verbs on portals, accounts and groups, those that need a second person among them."""

from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.accounts import approvals as account_approvals
from analysts.accounts import group_approvals, language_approvals, modes
from analysts.codes import Role
from analysts.figures import actions as figures
from analysts.figures import closing
from analysts.figures.forms import TARGET_HOURS
from analysts.figures.providers import actions as sheet_actions
from analysts.models import PeriodClose, Recipient, SheetWithdrawal, User
from analysts.operations import jobs, setting_changes
from analysts.operations.editable_settings import EDITABLE
from analysts.pages.approvals import KIND_BY_CODE
from countries.models import (
    ApprovalRequest,
    CheckMethod,
    Contact,
    EmergencyOutcome,
    EmergencySuspension,
    HelpService,
    InstallationMode,
    Language,
    ModeKind,
    Portal,
    PortalGroup,
    PortalState,
    ReadyText,
)
from countries.staff.contacts import contact_checks, service_approvals
from countries.staff.document.portal_document import document_of
from countries.staff.requests import approvals
from countries.staff.translation import language_reviews, opened_languages
from countries.staff.translation.standard_words import words_digest
from countries.staff.workspace import actions as portals
from countries.staff.workspace import emergency, lifecycle, portal_approvals, starting
from countries.states import Verb
from tests.life.rows import ADMINISTRATORS, OPERATORS, SENIORS, Arguments, Chance, VerbRow
from tests.life.world import World

REVIEWED = "es"
ADMINISTRATORS_DECIDE = (
    *account_approvals.ACCOUNT_KINDS,
    language_approvals.ACCOUNT_LANGUAGES,
    group_approvals.GROUP_CHANGE,
)
# Closing is left out: it would end most of what an example can reach.
MOVES = (Verb.SUSPEND, Verb.REOPEN, Verb.REOPEN, Verb.RESTRICT, Verb.LAUNCH)


def _a_portal(chance: Chance, *states: PortalState) -> Portal | None:
    rows = Portal.objects.all()
    return chance.row(rows if chance.is_wild or not states else rows.filter(state__in=states))


def _a_move(_world: World, _by: User, chance: Chance) -> Arguments | None:
    portal = _a_portal(chance)
    if portal is None:
        return None
    verb = Verb.REOPEN if portal.state == PortalState.SUSPENDED else chance.choose(MOVES)
    return {"portal": portal, "verb": verb, "reason": "A test."}


def _a_draft_document(_world: World, _by: User, chance: Chance) -> Arguments | None:
    portal = _a_portal(chance, PortalState.DRAFT)
    return (
        None
        if portal is None
        else {
            "portal": portal,
            "document": {**document_of(portal), "brand_colour": chance.choose(["#003f87", "#01411c"])},
            "reason": "Another colour.",
        }
    )


def _changed_document(_world: World, _by: User, chance: Chance) -> Arguments | None:
    portal = _a_portal(chance, PortalState.LIVE)
    return (
        None
        if portal is None
        else {
            "portal": portal,
            "document": {**document_of(portal), "brand_colour": chance.choose(["#003f87", "#01411c", "#0b5d1e"])},
            "reason": "Another colour.",
        }
    )


def _a_new_portal(_world: World, _by: User, chance: Chance) -> Arguments:
    slug = f"new-{chance.random.randrange(10**6)}"
    document = {**starting.blank_document(), "slug": slug, "name": slug.title()}
    return {"document": document, "how": "empty"}


def _a_review(world: World, _by: User, _chance: Chance) -> Arguments:
    reviewed_on: date = world.now.date()
    return {
        "language": REVIEWED,
        "words": words_digest(REVIEWED),
        "reviewed_by": "Amina Diallo",
        "reviewed_on": reviewed_on,
    }


def _a_checked_contact(_world: World, _by: User, chance: Chance) -> Arguments | None:
    contact = chance.row(Contact.objects.all())
    return None if contact is None else {"contact": contact, "how": CheckMethod.TELEPHONED}


def _a_role(world: World, by: User, chance: Chance) -> Arguments | None:
    """Mostly the role that the person has, so that an installation keeps its people."""
    user = chance.row(User.objects.exclude(pk=by.pk).filter(is_active=True))
    role = chance.choose([Role.ANALYST, Role.SENIOR]) if chance.is_one_of(4) else user and Role(user.role)
    return None if user is None else {"user": user, "role": role}


def _more_portals(world: World, by: User, chance: Chance) -> Arguments | None:
    user = chance.row(User.objects.exclude(pk=by.pk).filter(is_active=True))
    if user is None:
        return None
    return {"user": user, "portals": [chance.choose(world.portals)], "all_portals": chance.is_one_of(4)}


def _a_lost_password(_world: World, by: User, chance: Chance) -> Arguments | None:
    user = chance.row(User.objects.exclude(pk=by.pk).filter(is_active=True))
    return None if user is None else {"user": user}


def _a_group(_world: World, _by: User, chance: Chance) -> Arguments:
    return {"name": f"Region {chance.random.randrange(10**6)}"}


def _changed_group(world: World, _by: User, chance: Chance) -> Arguments | None:
    group = chance.row(PortalGroup.objects.all())
    people = [user for user in world.people if user.role in (Role.ANALYST, Role.SENIOR)]
    return (
        None
        if group is None
        else {
            "group": group,
            "members": chance.random.sample(people, min(len(people), chance.choose([0, 1, 2]))),
            "portals": chance.random.sample(world.portals, chance.choose([0, 1, len(world.portals)])),
            "reason": "As agreed.",
        }
    )


def _a_checked_service(_world: World, _by: User, chance: Chance) -> Arguments | None:
    service = chance.row(HelpService.objects.all())
    if service is None:
        return None
    service.phone = f"+1 202 555 01{chance.random.randrange(100):02d}"
    service.verified_on, service.verified_by = timezone.localdate(), "Olga"
    return {"service": service, "reason": "Checked on the service's own page."}


def _a_language(_world: World, _by: User, chance: Chance) -> Arguments | None:
    language = chance.row(Language.objects.all())
    if language is None:
        return None
    language.is_open, language.font_note = True, f"Read on telephone {chance.random.randrange(10**6)}."
    return {"language": language, "reason": "Two speakers are ready."}


def _a_request(_world: World, by: User, chance: Chance, *, is_own: bool) -> Arguments | None:
    waiting = ApprovalRequest.objects.waiting()
    if not chance.is_wild:
        codes = [code for code, kind in KIND_BY_CODE.items() if _may_decide(kind, by)]
        waiting = waiting.filter(kind__in=codes)
        if not is_own:
            waiting = waiting.exclude(requested_by=by).exclude(Q(account__isnull=False) & Q(account=by))
    request = chance.row(waiting)
    return None if request is None else {"kind": KIND_BY_CODE[request.kind], "request": request}


def _may_decide(kind: approvals.ApprovalKind, by: User) -> bool:
    return by.role in (ADMINISTRATORS if kind in ADMINISTRATORS_DECIDE else OPERATORS)


def _to_approve(world: World, by: User, chance: Chance) -> Arguments | None:
    return _a_request(world, by, chance, is_own=False)


def _to_decline(world: World, by: User, chance: Chance) -> Arguments | None:
    return _a_request(world, by, chance, is_own=True)


def _a_state(_world: World, _by: User, chance: Chance) -> Arguments | None:
    portal = _a_portal(chance, PortalState.LIVE, PortalState.SUSPENDED)
    if portal is None:
        return None
    verb = Verb.SUSPEND if portal.state == PortalState.LIVE else Verb.REOPEN
    return {"portal": portal, "verb": verb, "reason": "Maintenance."}


def _an_emergency(_world: World, _by: User, chance: Chance) -> Arguments | None:
    portal = _a_portal(chance, PortalState.LIVE)
    return None if portal is None else {"portal": portal, "reason": "A wrong number."}


def _an_emergency_to_decide(_world: World, by: User, chance: Chance) -> Arguments | None:
    rows = EmergencySuspension.objects.all()
    waiting = chance.row(rows if chance.is_wild else rows.waiting().exclude(suspended_by=by))
    return None if waiting is None else {"suspension": waiting, "outcome": chance.choose(EmergencyOutcome.values)}


def _a_mode(world: World, _by: User, chance: Chance) -> Arguments:
    """Stopping letters is left out: it would end most of what an example can reach."""
    ends_at = world.now + timedelta(hours=2) if chance.is_one_of(2) else None
    if chance.is_one_of(3):
        return {"kind": ModeKind.READ_ONLY, "reason": "A test.", "ends_at": ends_at}
    own = chance.is_one_of(2)
    shown: Arguments = {"words": {"en": "Closed today."}} if own else {"ready_text": ReadyText.MAINTENANCE}
    return {"kind": ModeKind.BANNER, "reason": "A test.", "ends_at": ends_at, **shown}


def _a_banner_to_approve(_world: World, by: User, chance: Chance) -> Arguments | None:
    rows = InstallationMode.objects.open()
    if not chance.is_wild:
        rows = rows.filter(kind=ModeKind.BANNER, approved_by=None).exclude(words={}).exclude(started_by=by)
    mode = chance.row(rows)
    return None if mode is None else {"mode": mode}


def _a_mode_to_end(_world: World, _by: User, chance: Chance) -> Arguments | None:
    mode = chance.row(InstallationMode.objects.open())
    return None if mode is None else {"mode": mode}


def _a_failed_job(_world: World, by: User, chance: Chance) -> Arguments | None:
    """A test message whose job has failed."""
    if not chance.is_wild and by.email:
        jobs.order_test_message(by=by)
    job = ProcrastinateJob.objects.filter(task_name=jobs.TEST_MESSAGE_TASK).order_by("-pk").first()
    if job is None:
        return None
    ProcrastinateJob.objects.filter(pk=job.pk).update(status="failed")
    return {"job_id": job.pk}


def _a_setting(_world: World, _by: User, chance: Chance) -> Arguments:
    """One that no other act of the model depends on."""
    value = str(chance.choose(range(14))) if chance.is_wild else str(chance.choose(range(1, 13)))
    return {"row": EDITABLE["SESSION_HOURS"], "value": value, "reason": "A test."}


def _a_target(_world: World, _by: User, chance: Chance) -> Arguments:
    return {"assess_hours": chance.choose(TARGET_HOURS), "removal_hours": chance.choose(TARGET_HOURS)}


def _a_period(world: World, _by: User, chance: Chance) -> Arguments | None:
    period = "2020Q1" if chance.is_wild else closing.find_closable(now=world.now)
    return None if period is None else {"period": period}


def _a_closed_period(_world: World, by: User, chance: Chance) -> Arguments | None:
    rows = PeriodClose.objects.all()
    close = chance.row(rows if chance.is_wild else rows.filter(confirmed_at=None).exclude(closed_by=by))
    return None if close is None else {"close": close}


def _a_sheet(_world: World, _by: User, chance: Chance) -> Arguments | None:
    """A provider and a period: with figures in it, or not."""
    closes = PeriodClose.objects.all() if chance.is_wild else PeriodClose.objects.filter(confirmed_at__isnull=False)
    close = chance.row(closes)
    providers = Recipient.objects.all()
    if close is not None and not chance.is_wild:
        providers = providers.filter(pk__in=closing.figures_of(close)["names"])
    provider = chance.row(providers)
    return None if close is None or provider is None else {"close": close, "provider": provider}


def _a_statement(world: World, by: User, chance: Chance) -> Arguments | None:
    found = _a_sheet(world, by, chance)
    return found and {**found, "text": chance.choose(["", "We answer within a day."])}


def _a_withdrawal(world: World, by: User, chance: Chance) -> Arguments | None:
    found = _a_sheet(world, by, chance)
    return found and {**found, "reason": chance.choose([*SheetWithdrawal])}


DECIDERS = OPERATORS | ADMINISTRATORS

ROWS: tuple[VerbRow, ...] = (
    VerbRow(lifecycle.transition_portal, _a_move, OPERATORS, often=1),
    VerbRow(portals.replace_portal, _a_draft_document, OPERATORS, often=1),
    VerbRow(starting.start_portal, _a_new_portal, OPERATORS, often=1),
    VerbRow(language_reviews.review_language, _a_review, OPERATORS, often=1),
    VerbRow(contact_checks.check_contact, _a_checked_contact, OPERATORS, often=1),
    VerbRow(portal_approvals.request_words, _changed_document, OPERATORS, often=1),
    VerbRow(portal_approvals.request_state, _a_state, OPERATORS, often=1),
    VerbRow(opened_languages.request_language, _a_language, OPERATORS, often=1),
    VerbRow(emergency.suspend_at_once, _an_emergency, OPERATORS, often=1),
    VerbRow(emergency.decide_suspension, _an_emergency_to_decide, OPERATORS, often=3),
    VerbRow(figures.set_targets, _a_target, OPERATORS, often=1),
    VerbRow(closing.close_period, _a_period, SENIORS, often=1),
    VerbRow(closing.confirm_period, _a_closed_period, SENIORS, often=2),
    VerbRow(closing.withdraw_period, _a_closed_period, SENIORS, often=1),
    VerbRow(sheet_actions.release_sheet, _a_sheet, SENIORS, often=1),
    VerbRow(sheet_actions.withdraw_sheet, _a_withdrawal, SENIORS, often=1),
    VerbRow(sheet_actions.write_statement, _a_statement, SENIORS, often=1),
    VerbRow(sheet_actions.write_independence, lambda _world, _by, _chance: {"text": "Placeholder"}, DECIDERS, often=1),
    VerbRow(modes.start_mode, _a_mode, ADMINISTRATORS, often=1),
    VerbRow(modes.approve_banner, _a_banner_to_approve, ADMINISTRATORS, often=2),
    VerbRow(modes.end_mode, _a_mode_to_end, ADMINISTRATORS, often=1),
    VerbRow(jobs.order_test_message, lambda _world, _by, _chance: {}, ADMINISTRATORS, often=1),
    VerbRow(jobs.retry_job, _a_failed_job, ADMINISTRATORS, often=1),
    VerbRow(setting_changes.change_setting, _a_setting, ADMINISTRATORS, often=1),
    VerbRow(service_approvals.request_service, _a_checked_service, OPERATORS, often=1),
    VerbRow(account_approvals.request_role, _a_role, ADMINISTRATORS, often=1),
    VerbRow(account_approvals.request_portals, _more_portals, ADMINISTRATORS, often=1),
    VerbRow(account_approvals.request_recovery, _a_lost_password, ADMINISTRATORS, often=1),
    VerbRow(group_approvals.add_group, _a_group, ADMINISTRATORS, often=1),
    VerbRow(group_approvals.request_group, _changed_group, ADMINISTRATORS, often=2),
    VerbRow(approvals.approve_request, _to_approve, DECIDERS, often=5),
    VerbRow(approvals.decline_request, _to_decline, DECIDERS, often=1),
)
