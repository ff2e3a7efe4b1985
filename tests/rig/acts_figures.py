"""Every action on the sheets and reports of closed periods, done once: see `tests.rig.acts`."""

from collections.abc import Callable
from uuid import uuid4

from django.utils import timezone

from analysts.codes import Role
from analysts.models import PeriodClose, Recipient, SheetWithdrawal
from analysts.tests.notices import host
from tests.rig.acts import Stage
from tests.rig.fixtures import ClientResponse, create_person

ONE = "admin/figures/providers/<uuid:provider_id>/"


def with_provider(stage: Stage) -> tuple[Recipient, PeriodClose]:
    """A confirmed quarter in which a provider got notices."""
    provider = host(f"Hosting {uuid4()}", by=stage.people[Role.OPERATOR])
    figures = {
        "national": {f"notified prov_type {provider.pk} material": 12},
        "keys": {},
        "names": {str(provider.pk): provider.name},
        "independence": "",
    }
    first, second = (create_person(f"senior-{uuid4()}", Role.SENIOR, stage.belize) for _ in range(2))
    now = timezone.now()
    close = PeriodClose.objects.create(
        period="2020Q1",
        figures=figures,
        digest="0" * 64,
        closed_by=first,
        closed_at=now,
        confirmed_by=second,
        confirmed_at=now,
    )
    return provider, close


def release_sheet(stage: Stage) -> ClientResponse:
    provider, close = with_provider(stage)
    path = f"/admin/figures/providers/{provider.pk}/release/"
    return stage.client(Role.SENIOR).post(path, {"period": close.period})


def withdraw_sheet(stage: Stage) -> ClientResponse:
    provider, close = with_provider(stage)
    path, senior = f"/admin/figures/providers/{provider.pk}/", stage.client(Role.SENIOR)
    senior.post(f"{path}release/", {"period": close.period})
    return senior.post(f"{path}withdraw/", {"period": close.period, "reason": SheetWithdrawal.DISPUTED})


def write_statement(stage: Stage) -> ClientResponse:
    provider, close = with_provider(stage)
    path = f"/admin/figures/providers/{provider.pk}/statement/"
    return stage.client(Role.SENIOR).post(path, {"period": close.period, "text": "We answer within a day."})


def write_independence(stage: Stage) -> ClientResponse:
    return stage.client(Role.OPERATOR).post("/admin/figures/independence/", {"text": "Paid by a foundation."})


ACTS: dict[str, tuple[Callable[[Stage], ClientResponse], str]] = {
    f"{ONE}release/": (release_sheet, "sheet.release"),
    f"{ONE}withdraw/": (withdraw_sheet, "sheet.withdraw"),
    f"{ONE}statement/": (write_statement, "sheet.statement"),
    "admin/figures/independence/": (write_independence, "figures.independence"),
}
