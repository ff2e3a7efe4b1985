"""The objects that paths of routes name: for the access table's test, and for proofs on a whole installation."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from analysts.accounts.log_ids.requests import LOG_ID
from analysts.codes import IncidentKind, Role
from analysts.figures.public_figures import publish_due_periods
from analysts.figures.snapshot import build_figures
from analysts.models import (
    FeedScope,
    Hosted,
    Incident,
    IncidentQuerySet,
    LegalText,
    MaskedTerm,
    PeriodClose,
    ProviderSheet,
    Recipient,
    RecipientAccess,
    Report,
    RouteExample,
    RouteRule,
    RouteStep,
    SenderIdentity,
    User,
)
from analysts.sources import actions as sources
from analysts.states import State
from analysts.takedown.facts import redaction
from analysts.takedown.url_list import members
from analysts.tests.batches import workstation_for_batches
from analysts.tests.factories import closed_in_bulk, sample_of
from analysts.tests.inboxes import inbox_of, referred_to, unit
from analysts.tests.notices import gathering_for
from audit.models import AuditEvent, LogId
from countries.models import ApprovalRequest, ApprovalState, Picture, Portal, PortalGroup, SourceKey, SourceKind
from countries.staff.workspace.portal_approvals import request_state
from countries.states import Verb
from countries.tests.factories import HelpServiceFactory, LanguageFactory, waiting_banner
from countries.words.sources import read_source_texts
from tests.acts.accounts import create_failed_job, export_of
from tests.acts.history import history_of
from tests.acts.incidents import saved_view
from tests.rig.fixtures import create_person

# For the provider's sheet.
QUARTER = "2020Q1"


def create_route_objects(report: Report, alike: Incident, elsewhere: Portal) -> dict[str, str]:
    """By name of a path's parameter, an existing object: of the report's portal, where objects belong to one.

    `alike`: another incident of that portal, which a flood and a notice are about. The approval request that waits is
    about `elsewhere`: were it approved, what is asked for would change on the way. The other objects are of two
    accounts that this creates, `olga-asks` and `nora`.
    """
    portal, incident_id = report.portal, report.sightings.order_by("pk")[0].incident_id
    olga = create_person("olga-asks", Role.OPERATOR)
    nora = create_person("nora", Role.WELFARE)
    picture = Picture.objects.create(digest="0" * 64, content=b"", media_type="image/png", width=1, height=1)
    portal.partners.update(logo=picture)
    approval = request_state(by=olga, portal=elsewhere, verb=Verb.SUSPEND, reason="A test.")
    event = AuditEvent.objects.first()
    assert event is not None
    closing = closed_in_bulk(alike, nora)
    key, _secret = members.make_key(
        by=olga, member="Example Search", scope=FeedScope.HASHES, expires_on=timezone.localdate() + timedelta(days=1)
    )
    item = gathering_for(alike, nora)
    provider = Recipient.objects.create(kind="host", name="Reported Hosting")
    release_sheet_of(provider, first=nora, second=olga)
    access = inbox_of(unit("Police of the routes", by=olga), by=olga)
    return {
        "access_id": str(access.pk),
        "referral_id": str(referred_to(access.recipient, alike, by=nora)[0].pk),
        "recipient_id": str(Recipient.objects.create(kind="host", name="Another Hosting").pk),
        "provider_id": str(provider.pk),
        "key_id": str(key.pk),
        **create_source(portal, by=olga),
        "notice_id": str(item.notice_id),
        "item_id": str(item.pk),
        "closing_id": str(closing.pk),
        "sample_id": str(sample_of(alike, nora).pk),
        "routeexample": str(RouteExample.objects.create(country="XK", steps=[RouteStep.POLICE]).pk),
        "routerule": str(RouteRule.objects.create(hosted=Hosted.ANYWHERE, steps=[RouteStep.POLICE], reason="r").pk),
        "incident_id": str(incident_id),
        "number": str(incident_id)[:8],
        "report_id": str(report.pk),
        "mode_id": str(waiting_banner(nora).pk),
        **create_own_objects(nora),
        "act": "assess",
        "portal_id": str(portal.pk),
        "portal": str(portal.pk),
        "contact_id": str(portal.contacts.all()[0].pk),
        "user_id": str(nora.pk),
        "group_id": str(PortalGroup.objects.create(name="Central America").pk),
        "user": str(nora.pk),
        "auditevent": str(event.pk),
        "helpservice": str(HelpServiceFactory.create().pk),
        "countries/language": str(LanguageFactory.create().pk),
        "legaltext": str(LegalText.objects.create(kind="duty", name="Example law", texts="en: Keep it.").pk),
        "senderidentity": str(
            SenderIdentity.objects.create(name="Example Hotline", country="DE", by=olga, at=timezone.now()).pk
        ),
        "maskedterm": str(MaskedTerm.objects.create(text="masked", by=nora, at=timezone.now()).pk),
        "workstation_id": str(workstation_for_batches().pk),
        "request_id": str(approval.pk),
        "log_id": LogId.objects.get(account=nora).pk,
        "digest": picture.digest,
        "tag": "en",
        "words_tag": "ur",
        "text_digest": read_source_texts()[0].digest,
        "kind": "host",
        "purpose": "first",
        "job_id": str(create_failed_job(nora)),
        "history_id": str(history_of(nora).pk),
        "language": "en",
        "setting_name": "CLAIM_MINUTES",
        "state": "live",
        "public_path": f"{portal.slug}/en/",
    }


def create_source(portal: Portal, *, by: User) -> dict[str, str]:
    """A partner's system and a key of it."""
    source = sources.add_source(by=by, name="Example Platform", kind=SourceKind.PLATFORM, portal=portal)
    day = timezone.localdate()
    key = SourceKey.objects.create(
        source=source, prefix="srcs_example", digest=bytes(32), opened_on=day, expires_on=day + timedelta(days=1)
    )
    return {"source_id": str(source.pk), "source_key_id": str(key.pk)}


def create_own_objects(user: User) -> dict[str, str]:
    """As `create_route_objects`, objects that only this account reaches."""
    return {
        "view_id": str(saved_view(user).pk),
        "export_id": str(export_of(user).pk),
        "answer_id": str(answered_request(user).pk),
        **(create_inbox_objects(user, find_referable(Incident.objects.all())) if user.role == Role.RECIPIENT else {}),
    }


def answered_request(user: User) -> ApprovalRequest:
    """The account asked whose the id of a colleague in the audit log is, and that was approved."""
    log_id = LogId.objects.exclude(account=None).exclude(account=user).order_by("pk")[0]
    now = timezone.now()
    return ApprovalRequest.objects.create(
        kind=LOG_ID.code,
        log_id=log_id,
        requested_by=user,
        requested_at=now,
        expires_at=now + timedelta(days=1),
        state=ApprovalState.APPROVED,
        decided_by=log_id.account,
        decided_at=now,
    )


def find_referable(incidents: IncidentQuerySet) -> Incident:
    """The first of them that `create_inbox_objects` takes: assessed or free, with an address that a letter may have."""
    is_ready = Q(state=State.WAITING) | Q(assessments__isnull=False)
    ready = incidents.filter(is_ready, kind=IncidentKind.ADDRESS).order_by("pk")
    return next(incident for incident in ready if not redaction.needs_confirmation(incident))


def create_inbox_objects(user: User, incident: Incident) -> dict[str, str]:
    """A referral of the incident in the inbox that the account opens, of a new recipient if it opens none."""
    by = create_person("desk", Role.ANALYST, *Portal.objects.all())
    access = RecipientAccess.objects.filter(user=user).first()
    access = access or inbox_of(unit("Police of the caller", by=by), by=by, user=user)
    referral, _notice = referred_to(access.recipient, incident, by=by)
    return {"referral_id": str(referral.pk)}


def release_sheet_of(provider: Recipient, *, first: User, second: User) -> None:
    """Release a provider's sheet of a confirmed quarter."""
    close = create_confirmed_period(QUARTER, first=first, second=second, provider=provider)
    ProviderSheet.objects.create(period=close, provider=provider, released_by=first, released_at=timezone.now())


def publish_empty_year(year: str, *, first: User, second: User) -> None:
    """Publish a past year without reports."""
    create_confirmed_period(year, first=first, second=second)
    publish_due_periods(today=timezone.localdate())


def create_confirmed_period(
    period: str, *, first: User, second: User, provider: Recipient | None = None
) -> PeriodClose:
    """A confirmed period without reports; `provider`: a provider that was notified in it."""
    figures = build_figures(period, {}, portals=())
    if provider is not None:
        figures["national"][f"notified prov_type {provider.pk} material"] = 12
        figures["names"][str(provider.pk)] = provider.name
    now = timezone.now()
    signed = {"closed_by": first, "closed_at": now, "confirmed_by": second, "confirmed_at": now}
    return PeriodClose.objects.create(period=period, figures=figures, digest="0" * 64, **signed)
