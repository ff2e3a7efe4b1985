"""Requests of operators to change a single row that the public may see: its fields, old and new."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import JSON
from countries.models import ApprovalRequest, HelpService, Language
from countries.staff.document.portal_document import Document, digest_of
from countries.staff.document.recorded_changes import describe_row_changes
from countries.staff.requests.approvals import ApprovalKind, StaffMember, request_approval


@transaction.atomic
def request_row_change(
    kind: ApprovalKind,
    before: Document,
    after: Document,
    fields: Sequence[str],
    *,
    by: StaffMember,
    service: HelpService | None = None,
    language: Language | None = None,
    reason: str,
    now: datetime | None = None,
) -> ApprovalRequest:
    """Request that the locked service or language, stored as `before`, gets the values of `after`.

    The payload has them under `service` or `language`. Raises Denied; ValidationError if nothing differs or the reason
    is empty.
    """
    if before == after:
        raise ValidationError(_("Nothing differs from what is stored."), code="same")
    if not reason.strip():
        raise ValidationError(_("Give a reason: the person who approves the request reads it."), code="reason")
    part = "service" if service else "language"
    payload: dict[str, JSON] = {part: after, "changes": describe_row_changes(before, after, fields)}
    return request_approval(
        kind,
        by=by,
        service=service,
        language=language,
        payload=payload,
        digest=digest_of(before),
        reason=reason,
        now=now,
    )
