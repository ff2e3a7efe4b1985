"""Staff's decisions about reports today, and the nightly key jobs, as many days from now as a proof says."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import Closing, HoldReason, Role
from analysts.models import CheckOutcome, Incident, Notice, Report, RouteStep, TraceMethod, User
from analysts.retention import actions as retention_actions
from analysts.retention import erasure
from analysts.takedown.chasing.actions import check
from analysts.takedown.facts import redaction
from analysts.takedown.notices import sending
from analysts.takedown.notices.redaction_review import confirm_redaction
from analysts.takedown.notices.replies import intake as answers
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.routing.actions import confirm_route
from analysts.takedown.tracing.actions import trace
from analysts.tests.factories import assessed_illegal, assessed_not_found
from analysts.tests.notices import host
from countries.models import Portal
from reports import receipts
from tests.proofs.inside import intake


def settle(portal: str, nothing: list[str], gone: list[str], held: list[str], question: str) -> list[str]:
    """Take in what came; assess what these receipts reported, and leave the rest waiting.

    `nothing`: closed, nothing to act on. `gone`: illegal, its reporter asked the question, its host notified, on the
    URL list. `held`: as `nothing`, and under legal hold. Returns the paths under which the hosts of `gone` answer.
    """
    intake.take_in()
    ana = _create_person("ana", Role.ANALYST, portal)
    sena = _create_person("sena", Role.SENIOR, portal)
    for code in [*nothing, *held]:
        assessed_not_found(_incident_of(code), ana)
    for code in gone:
        assessed_illegal(_incident_of(code), ana)
        actions.ask_reporter(by=ana, incident=_incident_of(code), report=_report_of(code), question=question)
    review = timezone.now().date() + timedelta(days=1000)
    for code in held:
        retention_actions.place_hold(by=sena, incident=_incident_of(code), reason=HoldReason.COURT, review_on=review)
    return [_notify_host(_incident_of(code), by=ana) for code in gone]


def close_gone(gone: list[str]) -> int:
    """Take in the hosts' replies, and check until the incidents are closed. Returns the number of replies."""
    ana, now = User.objects.get(username="ana"), timezone.now()
    came = answers.take_in(now=now)
    for code in gone:
        for look in range(1, settings.GONE_CHECKS + 1):
            at = now + look * timedelta(hours=settings.CHECK_HOURS)
            check(by=ana, incident=_incident_of(code), outcome=CheckOutcome.GONE, at=at, now=at)
        if _incident_of(code).closing != Closing.GONE:
            raise RuntimeError("It is not closed as gone.")
    return came


def nights(days: list[int]) -> list[str]:
    """Run the nightly key jobs so many days from now, in order; returns the ids of the keys destroyed."""
    now = timezone.now()
    return [key for day in days for key in erasure.tend_keys(now=now + timedelta(days=day)).destroyed]


def _notify_host(incident: Incident, *, by: User) -> str:
    """Confirm, trace, route and notify its host; returns the path under which the host replies."""
    now, to = timezone.now(), host(f"Host of {incident}", by=by)
    for method in (TraceMethod.DNS, TraceMethod.WHOIS_ADDRESS, TraceMethod.ROUTE):
        trace(by=by, incident=incident, method=method, country="NL", provider=to.name, ip="192.0.2.7", at=now, now=now)
    confirm_redaction(by=by, incident=incident, address=redaction.full_address(incident), now=now)
    steps = [RouteStep.NOTICE_HOST, RouteStep.URL_LIST]
    confirm_route(by=by, incident=incident, steps=steps, reason="Placeholder words", now=now)
    notice = Notice.objects.get(recipient=to)
    attempt = sending.begin_attempt(notice.pk, now=notice.scheduled_at)
    if attempt is None:
        raise RuntimeError(f"The notice does not leave: {Notice.objects.get(pk=notice.pk).dead_reason}")
    sending.mark_sent(attempt.notice, attempt.letter, by=None, now=notice.scheduled_at)
    return urlsplit(reply_links.reply_url(notice)).path


def _create_person(name: str, role: Role, portal: str) -> User:
    user = User.objects.create_user(name, role=role)
    user.portals.set(Portal.objects.filter(slug=portal))
    return user


def _report_of(code: str) -> Report:
    return Report.objects.get(pk=receipts.derive_credentials(receipts.parse_code(code)).receipt_id)


def _incident_of(code: str) -> Incident:
    """The incident, read again."""
    return Incident.objects.get(sightings__report=_report_of(code))
