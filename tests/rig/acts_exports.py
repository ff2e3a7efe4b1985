"""Every action on exports, done once: see `tests.rig.acts`."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from analysts.codes import Role
from analysts.models import Export, ExportFormat, ExportState, ExportSubject, User
from tests.rig.acts import Stage
from tests.rig.fixtures import ClientResponse


def export_of(owner: User, state: ExportState = ExportState.WAITING) -> Export:
    now = timezone.now()
    return Export.objects.create(
        by=owner,
        subject=ExportSubject.INCIDENTS,
        format=ExportFormat.CSV,
        columns=["incident"],
        state=state,
        at=now,
        until=now + timedelta(hours=24),
    )


def order_export(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post("/admin/incidents/export/", {"columns": ["incident"], "format": "csv"})


def cancel_export(stage: Stage) -> ClientResponse:
    export = export_of(stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post(f"/admin/exports/{export.pk}/cancel/")


def fetch_export(stage: Stage) -> ClientResponse:
    export = export_of(stage.people[Role.ANALYST], ExportState.READY)
    return stage.client(Role.ANALYST).post(f"/admin/exports/{export.pk}/fetch/")


ACTS: dict[str, tuple[Callable[[Stage], ClientResponse], str]] = {
    "admin/incidents/export/": (order_export, "export.order"),
    "admin/exports/<uuid:export_id>/cancel/": (cancel_export, "export.cancel"),
    "admin/exports/<uuid:export_id>/fetch/": (fetch_export, "export.fetch"),
}
