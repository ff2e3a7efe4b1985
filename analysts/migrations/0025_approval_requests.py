"""Copies what waits for a second person, or was decided by one, into the one table for all of it.

The table of portal changes held user names, and the table of proposals no time of the decision: both are read from the
accounts and the audit record. The copy stops with an error at a name that no account has.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

STATES = {"open": "requested", "confirmed": "approved", "refused": "declined"}


def copy_requests(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    copy_changes(apps)
    copy_proposals(apps)


def copy_changes(apps: StateApps) -> None:
    request_model, event_model = apps.get_model("countries", "ApprovalRequest"), apps.get_model("audit", "AuditEvent")
    accounts = {user.username: user for user in apps.get_model("analysts", "User").objects.all()}
    for change in apps.get_model("countries", "Change").objects.order_by("pk"):
        for name in (change.asked_by, change.decided_by):
            if name and name not in accounts:
                raise RuntimeError(f"Change {change.pk} of a portal names {name}, which no account is called any more.")
        event = event_model.objects.filter(
            action="portal.ask_change", object_type="countries.change", object_id=str(change.pk)
        ).first()
        payload: dict[str, Any] = {
            "verb": change.verb,
            "opens_on": change.opens_on.isoformat() if change.opens_on else "",
        }
        if change.kind == "words":
            payload = {"document": change.document, "fields": event.details.get("fields", []) if event else []}
        request_model.objects.create(
            kind=f"portal_{change.kind}",
            portal_id=change.portal_id,
            payload=payload,
            digest=change.base,
            reason=change.reason,
            requested_by=accounts[change.asked_by],
            requested_at=change.asked_at,
            state=STATES[change.state],
            decided_by=accounts.get(change.decided_by),
            decided_at=change.decided_at,
        )


def copy_proposals(apps: StateApps) -> None:
    request_model, event_model = apps.get_model("countries", "ApprovalRequest"), apps.get_model("audit", "AuditEvent")
    for proposal in apps.get_model("analysts", "Proposal").objects.order_by("pk"):
        decided_at = None
        if proposal.decided_by_id:
            event = (
                event_model.objects.filter(
                    action__in=["user.confirm", "user.refuse"],
                    object_type="analysts.user",
                    object_id=str(proposal.user_id),
                    at__gte=proposal.asked_at,
                )
                .order_by("number")
                .first()
            )
            decided_at = event.at if event else proposal.asked_at
        request_model.objects.create(
            kind=f"account_{proposal.kind}",
            account_id=proposal.user_id,
            payload={"role": proposal.role} if proposal.role else {},
            requested_by_id=proposal.asked_by_id,
            requested_at=proposal.asked_at,
            state=STATES[proposal.state],
            decided_by_id=proposal.decided_by_id,
            decided_at=decided_at,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0024_unread_answers_in_order"),
        ("audit", "0002_events_by_time"),
        ("countries", "0005_approval_requests"),
    ]

    operations = [
        migrations.RunPython(copy_requests),
        migrations.DeleteModel(name="Proposal"),
    ]
