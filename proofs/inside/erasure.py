"""What staff do about reports, today, and nights that tend the keys, as many days from now as a proof says."""

from datetime import timedelta

from django.utils import timezone

from analysts import actions, erasure
from analysts.codes import Closing, HoldReason, Role
from analysts.models import Incident, Report, User
from analysts.tests.factories import assessed_illegal, assessed_not_found
from countries.models import Portal
from proofs.inside import intake
from reports import receipts


def settle(portal: str, nothing: list[str], gone: list[str], held: list[str], question: str) -> None:
    """Take in what came; assess what these receipts reported, and leave the rest waiting.

    `nothing`: closed, nothing to act on. `gone`: illegal, its reporter asked the question, closed as gone. `held`: as
    `nothing`, and under legal hold.
    """
    intake.take_in()
    ana = _person("ana", Role.ANALYST, portal)
    sena = _person("sena", Role.SENIOR, portal)
    for code in [*nothing, *held]:
        assessed_not_found(_incident(code), ana)
    for code in gone:
        assessed_illegal(_incident(code), ana)
        actions.ask(by=ana, incident=_incident(code), report=_report(code), question=question)
        actions.close(by=ana, incident=_incident(code), closing=Closing.EXHAUSTED)
    review = timezone.now().date() + timedelta(days=1000)
    for code in held:
        actions.hold(by=sena, incident=_incident(code), reason=HoldReason.COURT, review_on=review)


def nights(days: list[int]) -> list[str]:
    """Tend the keys so many days from now, one night after the other; the ids of the keys destroyed."""
    now = timezone.now()
    return [key for day in days for key in erasure.tend(now=now + timedelta(days=day)).destroyed]


def _person(name: str, role: Role, portal: str) -> User:
    user = User.objects.create_user(name, role=role)
    user.portals.set(Portal.objects.filter(slug=portal))
    return user


def _report(code: str) -> Report:
    return Report.objects.get(pk=receipts.credentials(receipts.parse_code(code)).receipt_id)


def _incident(code: str) -> Incident:
    """As its row is now."""
    return Incident.objects.get(sightings__report=_report(code))
