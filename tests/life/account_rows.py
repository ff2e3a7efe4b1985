"""Verbs on portals, accounts and groups, those that need a second person among them."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.accounts import approvals as account_approvals
from analysts.accounts import group_approvals, language_approvals, modes, vouching
from analysts.accounts.log_ids import requests as log_id_requests
from analysts.codes import Role
from analysts.figures import actions as figures
from analysts.figures import closing
from analysts.figures.forms import TARGET_HOURS
from analysts.figures.providers import actions as sheet_actions
from analysts.models import PeriodClose, Recipient, SheetWithdrawal, User
from analysts.operations import jobs, setting_changes
from analysts.operations.editable_settings import EDITABLE
from analysts.pages.approvals import KIND_BY_CODE
from analysts.sources import actions as sources
from analysts.sources.permissions import SOURCE_READERS
from analysts.takedown.inbox import inbox_access
from audit.models import LogId
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
    Source,
    SourceKey,
    SourceKind,
    Withdrawal,
)
from countries.staff.contacts import contact_checks, service_approvals
from countries.staff.document.portal_document import document_of
from countries.staff.requests import approvals
from countries.staff.translation import language_reviews, opened_languages
from countries.staff.translation.standard_words import words_digest
from countries.staff.workspace import actions as portals
from countries.staff.workspace import emergency, lifecycle, portal_approvals, starting, withdrawal
from countries.staff.workspace.withdrawal_items import offered_items
from countries.states import Verb
from tests.life.rows import (
    ADMINISTRATORS,
    AUDITORS,
    OPERATORS,
    SENIORS,
    Arguments,
    Chance,
    MakeArguments,
    VerbRow,
    of_row,
)
from tests.life.world import World

REVIEWED = "es"
ADMINISTRATORS_DECIDE = (
    *account_approvals.ACCOUNT_KINDS,
    language_approvals.ACCOUNT_LANGUAGES,
    inbox_access.RECIPIENT_ACCESS,
    vouching.VOUCHING,
    log_id_requests.LOG_ID,
    group_approvals.GROUP_CHANGE,
)
# Closing is left out: it would end most of what an example can reach.
MOVES = (Verb.SUSPEND, Verb.REOPEN, Verb.REOPEN, Verb.RESTRICT, Verb.LAUNCH)


def _portals(*states: PortalState) -> Callable[[User, World], QuerySet[Portal]]:
    return lambda _by, _world: Portal.objects.filter(state__in=states or list(PortalState))


def _a_move(_world: World, portal: Portal, chance: Chance) -> Arguments:
    verb = Verb.REOPEN if portal.state == PortalState.SUSPENDED else chance.choose(MOVES)
    return {"verb": verb, "reason": "A test."}


def _another_state(_world: World, portal: Portal, _chance: Chance) -> Arguments:
    return {"verb": Verb.SUSPEND if portal.state == PortalState.LIVE else Verb.REOPEN, "reason": "Maintenance."}


def _another_colour(_world: World, portal: Portal, chance: Chance) -> Arguments:
    colour = chance.choose(["#003f87", "#01411c", "#0b5d1e"])
    return {"document": {**document_of(portal), "brand_colour": colour}, "reason": "Another colour."}


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


def _a_confirmation(_world: World, _by: User, _chance: Chance) -> Arguments:
    return {"language": REVIEWED, "words": words_digest(REVIEWED)}


def _several_reviews(world: World, by: User, chance: Chance) -> Arguments:
    facts = dict(_a_review(world, by, chance))
    language = facts.pop("language")
    return {"reviews": {language: language_reviews.ReviewFacts(**facts)}}


def _several_confirmations(_world: World, _by: User, _chance: Chance) -> Arguments:
    return {"words": {REVIEWED: words_digest(REVIEWED)}}


def _colleagues(by: User, _world: World) -> QuerySet[User]:
    return User.objects.exclude(pk=by.pk).filter(is_active=True)


def _a_role(_world: World, user: User, chance: Chance) -> Arguments:
    """Mostly the role that the person has, so that an installation keeps its people."""
    return {"role": chance.choose([Role.ANALYST, Role.SENIOR]) if chance.is_one_of(4) else Role(user.role)}


def _more_portals(world: World, _user: User, chance: Chance) -> Arguments:
    return {"portals": [chance.choose(world.portals)], "all_portals": chance.is_one_of(4)}


def _some_accounts(_world: World, _by: User, chance: Chance) -> Arguments | None:
    """Accounts that no two administrators made; any, of any role, when wild."""
    accounts = list(User.objects.all() if chance.is_wild else User.objects.to_vouch_for().order_by("pk"))
    if not accounts and not chance.is_wild:
        return None
    return {"accounts": accounts[: chance.choose([0, 1, 2]) if chance.is_wild else None], "reason": "As agreed."}


def _new_members(world: World, _group: PortalGroup, chance: Chance) -> Arguments:
    people = [user for user in world.people if user.role in (Role.ANALYST, Role.SENIOR)]
    return {
        "members": chance.random.sample(people, min(len(people), chance.choose([0, 1, 2]))),
        "portals": chance.random.sample(world.portals, chance.choose([0, 1, len(world.portals)])),
        "reason": "As agreed.",
    }


def _another_number(_world: World, service: HelpService, chance: Chance) -> Arguments:
    service.phone = f"+1 202 555 01{chance.random.randrange(100):02d}"
    service.verified_on, service.verified_by = timezone.localdate(), "Olga"
    service.mark_verified()
    return {"reason": "Checked on the service's own page."}


def _open_language(_world: World, language: Language, chance: Chance) -> Arguments:
    language.is_open, language.font_note = True, f"Read on telephone {chance.random.randrange(10**6)}."
    return {"reason": "Two speakers are ready."}


def _an_outcome(_world: World, _row: EmergencySuspension | Withdrawal, chance: Chance) -> Arguments:
    return {"outcome": chance.choose(EmergencyOutcome.values)}


def _to_decide(by: User, _world: World) -> QuerySet[EmergencySuspension]:
    return EmergencySuspension.objects.waiting().exclude(suspended_by=by)


def _public_item(_world: World, portal: Portal, chance: Chance) -> Arguments:
    return {"item": chance.choose([offered.value for offered in offered_items(portal.pk)]), "reason": "Wrong."}


def _to_withdraw(by: User, _world: World) -> QuerySet[Withdrawal]:
    return Withdrawal.objects.waiting().exclude(withdrawn_by=by)


def _to_confirm(by: User, _world: World) -> QuerySet[PeriodClose]:
    return PeriodClose.objects.filter(confirmed_at=None).exclude(closed_by=by)


def _a_group(_world: World, _by: User, chance: Chance) -> Arguments:
    return {"name": f"Region {chance.random.randrange(10**6)}"}


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
    sheet = _a_sheet(world, by, chance)
    return sheet and {**sheet, "text": chance.choose(["", "We answer within a day."])}


def _a_withdrawal(world: World, by: User, chance: Chance) -> Arguments | None:
    sheet = _a_sheet(world, by, chance)
    return sheet and {**sheet, "reason": chance.choose([*SheetWithdrawal])}


def _recoloured(state: PortalState) -> MakeArguments:
    return of_row("portal", _portals(state), _another_colour, any_when_wild=True)


LIVE = _portals(PortalState.LIVE)
CHECKED_CONTACT = of_row("contact", lambda *_: Contact.objects.all(), how=CheckMethod.TELEPHONED)
STATE_CHANGE = of_row("portal", _portals(PortalState.LIVE, PortalState.SUSPENDED), _another_state, any_when_wild=True)
EMERGENCY = of_row("portal", LIVE, any_when_wild=True, reason="A wrong number.")
EMERGENCY_DECISION = of_row("suspension", _to_decide, _an_outcome, any_when_wild=True)
PUBLIC_ITEM = of_row("portal", LIVE, _public_item, any_when_wild=True)
WITHDRAWAL_DECISION = of_row("withdrawal", _to_withdraw, _an_outcome, any_when_wild=True)
CLOSED_PERIOD = of_row("close", _to_confirm, any_when_wild=True)
OPENED_LANGUAGE = of_row("language", lambda *_: Language.objects.all(), _open_language)
CHECKED_SERVICE = of_row("service", lambda *_: HelpService.objects.all(), _another_number)


def _a_source(world: World, _by: User, chance: Chance) -> Arguments:
    kind, portal = chance.choose(SourceKind.values), chance.choose(world.portals)
    return {"name": f"Partner {chance.random.randrange(10**6)}", "kind": kind, "portal": portal}


def _a_key(world: World, _source: Source, chance: Chance) -> Arguments:
    days = chance.choose([-1, 30, 366, 400]) if chance.is_wild else 30
    expires_on = world.now.date() + timedelta(days=days)
    return {"quota": chance.choose([1, 100]), "expires_on": expires_on, "reason": "As agreed."}


CHANGED_GROUP = of_row("group", lambda *_: PortalGroup.objects.all(), _new_members)
ASKED_ID = of_row("log_id", lambda *_: LogId.objects.all(), reason="A complaint.")
ANSWERED_ID = of_row("request", lambda *_: ApprovalRequest.objects.filter(kind=log_id_requests.LOG_ID.code))
DECIDERS = OPERATORS | ADMINISTRATORS

ROWS: tuple[VerbRow, ...] = (
    VerbRow(lifecycle.transition_portal, of_row("portal", _portals(), _a_move), OPERATORS, often=1),
    VerbRow(portals.replace_portal, _recoloured(PortalState.DRAFT), OPERATORS, often=1),
    VerbRow(starting.start_portal, _a_new_portal, OPERATORS, often=1),
    VerbRow(language_reviews.review_language, _a_review, OPERATORS, often=1),
    VerbRow(language_reviews.confirm_review, _a_confirmation, OPERATORS, often=1),
    VerbRow(language_reviews.review_languages, _several_reviews, OPERATORS, often=1),
    VerbRow(language_reviews.confirm_reviews, _several_confirmations, OPERATORS, often=1),
    VerbRow(contact_checks.check_contact, CHECKED_CONTACT, OPERATORS, often=1),
    VerbRow(portal_approvals.request_words, _recoloured(PortalState.LIVE), OPERATORS, often=1),
    VerbRow(portal_approvals.request_state, STATE_CHANGE, OPERATORS, often=1),
    VerbRow(opened_languages.request_language, OPENED_LANGUAGE, OPERATORS, often=1),
    VerbRow(emergency.suspend_at_once, EMERGENCY, OPERATORS, often=1),
    VerbRow(emergency.decide_suspension, EMERGENCY_DECISION, OPERATORS, often=3),
    VerbRow(withdrawal.withdraw_item, PUBLIC_ITEM, OPERATORS, often=1),
    VerbRow(withdrawal.decide_withdrawal, WITHDRAWAL_DECISION, OPERATORS, often=3),
    VerbRow(figures.set_targets, _a_target, OPERATORS, often=1),
    VerbRow(closing.close_period, _a_period, SENIORS, often=1),
    VerbRow(closing.confirm_period, CLOSED_PERIOD, SENIORS, often=2),
    VerbRow(closing.withdraw_period, CLOSED_PERIOD, SENIORS, often=1),
    VerbRow(sheet_actions.release_sheet, _a_sheet, SENIORS, often=1),
    VerbRow(sheet_actions.withdraw_sheet, _a_withdrawal, SENIORS, often=1),
    VerbRow(sheet_actions.write_statement, _a_statement, SENIORS, often=1),
    VerbRow(sheet_actions.write_independence, lambda _world, _by, _chance: {"text": "Placeholder"}, DECIDERS, often=1),
    VerbRow(modes.start_mode, _a_mode, ADMINISTRATORS, often=1),
    VerbRow(modes.approve_banner, _a_banner_to_approve, ADMINISTRATORS, often=2),
    VerbRow(modes.end_mode, of_row("mode", lambda *_: InstallationMode.objects.open()), ADMINISTRATORS, often=1),
    VerbRow(jobs.order_test_message, lambda _world, _by, _chance: {}, ADMINISTRATORS, often=1),
    VerbRow(jobs.retry_job, _a_failed_job, ADMINISTRATORS, often=1),
    VerbRow(setting_changes.change_setting, _a_setting, ADMINISTRATORS, often=1),
    VerbRow(service_approvals.request_service, CHECKED_SERVICE, OPERATORS, often=1),
    VerbRow(account_approvals.request_role, of_row("user", _colleagues, _a_role), ADMINISTRATORS, often=1),
    VerbRow(account_approvals.request_portals, of_row("user", _colleagues, _more_portals), ADMINISTRATORS, often=1),
    VerbRow(account_approvals.request_recovery, of_row("user", _colleagues), ADMINISTRATORS, often=1),
    VerbRow(vouching.request_vouching, _some_accounts, ADMINISTRATORS, often=2),
    VerbRow(log_id_requests.request_name, ASKED_ID, AUDITORS, often=2),
    VerbRow(log_id_requests.read_name, ANSWERED_ID, AUDITORS, often=2),
    VerbRow(group_approvals.add_group, _a_group, ADMINISTRATORS, often=1),
    VerbRow(group_approvals.request_group, CHANGED_GROUP, ADMINISTRATORS, often=2),
    VerbRow(sources.add_source, _a_source, OPERATORS, often=1),
    VerbRow(sources.request_key, of_row("source", lambda *_: Source.objects.all(), _a_key), OPERATORS, often=1),
    VerbRow(
        sources.close_key, of_row("key", lambda *_: SourceKey.objects.filter(closed_on=None)), SOURCE_READERS.roles
    ),
    VerbRow(approvals.approve_request, _to_approve, DECIDERS, often=5),
    VerbRow(approvals.decline_request, _to_decline, DECIDERS, often=1),
)
