"""Rows that operators edit and of which the public sees some: a second operator approves a change of such a row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from audit.actions import JSON
from countries.models import ApprovalRequest
from countries.models.approval import about_field
from countries.staff.document.differences import Difference, find_field_differences
from countries.staff.document.portal_document import Document
from countries.staff.document.recorded_changes import describe_row_changes, payload_changes
from countries.staff.requests.approvals import ApprovalKind, StaffMember, request_approval


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedRows[RowT: Model]:
    """The rows of one model: what operators edit, which of them the public may see, and how a change is applied."""

    model: type[RowT]
    fields: tuple[str, ...]
    # The field that never changes, and its name in audit events.
    key: str
    key_in_events: str
    is_public: Callable[[RowT], bool]
    # Called once a change is committed: this process shows it at once, the others within seconds.
    show_change: Callable[[], None]

    def document(self, row: RowT) -> Document:
        """The edited fields as plain JSON."""
        values = {name: getattr(row, name) for name in self.fields}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}

    def lock(self, row: RowT) -> RowT:
        return QuerySet(self.model).select_for_update(no_key=True).get(pk=row.pk)

    def needs_second(self, stored: RowT, row: RowT) -> bool:
        """Whether the public may see the row before or after the change."""
        return self.is_public(stored) or self.is_public(row)

    def event_details(self, before: Document, row: RowT) -> dict[str, JSON]:
        """For the event of a saved row; `before` is {} for a new one."""
        changes = describe_row_changes(before, self.document(row), self.fields)
        return {self.key_in_events: getattr(row, self.key), "changes": changes}

    # --- As an approval kind ---

    def requested_row(self, request: ApprovalRequest) -> RowT:
        return request.about_row(self.model)

    def requested_document(self, request: ApprovalRequest) -> Document:
        document: Document = request.payload[about_field(request.about)]
        return document

    def contents(self, request: ApprovalRequest) -> Document:
        return self.document(self.requested_row(request))

    def differences(self, request: ApprovalRequest) -> list[Difference]:
        """[] once it is decided: the old values are not kept."""
        if not request.is_waiting:
            return []
        return find_field_differences(self.model, self.fields, self.contents(request), self.requested_document(request))

    def apply(self, request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
        row = self.requested_row(request)
        for name, value in self.requested_document(request).items():
            setattr(row, name, value)
        # It turns plain JSON into the values of the fields.
        row.full_clean()
        row.save(update_fields=self.fields)
        transaction.on_commit(self.show_change)
        return ""

    def audit_details(self, request: ApprovalRequest) -> dict[str, JSON]:
        return {self.key_in_events: getattr(request.about, self.key), **payload_changes(request.payload)}


@transaction.atomic
def request_row_change[RowT: Model](
    kind: ApprovalKind,
    rows: EditedRows[RowT],
    *,
    by: StaffMember,
    row: RowT,
    reason: str,
    now: datetime | None = None,
) -> ApprovalRequest:
    """Request that the stored row gets the fields of `row`, which is not saved.

    Raises Denied; ValidationError if nothing differs or the reason is empty.
    """
    stored = rows.lock(row)
    before, after = rows.document(stored), rows.document(row)
    if before == after:
        raise ValidationError(_("Nothing differs from what is stored."), code="same")
    if not reason.strip():
        raise ValidationError(_("Give a reason: the person who approves the request reads it."), code="reason")
    payload: dict[str, JSON] = {
        about_field(stored): after,
        "changes": describe_row_changes(before, after, rows.fields),
    }
    return request_approval(kind, by=by, about=stored, payload=payload, before=before, reason=reason, now=now)
