"""The fields of an audit event: one table for its hash, exports, the stream to a SIEM and the viewer."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class EventField:
    """One field of `AuditEvent`.

    `heading`: of its column in an export. `stream_path`: its place in a record of the stream, from the outermost key.
    `is_later`: whether the first events lack it. It is None in them, and then no part of their hash.
    """

    name: str
    heading: str | Promise
    stream_path: tuple[str, ...]
    is_later: bool = False


# In the order of an export's columns. `audit_append` in the database hashes the same fields.
EVENT_FIELDS = (
    EventField("number", _("number"), ("event", "sequence")),
    EventField("at", _("time (UTC)"), ("@timestamp",)),
    EventField("actor_id", _("account number"), ("user", "id"), is_later=True),
    EventField("actor", _("id in the log, or user name"), ("user", "name")),
    EventField("role", _("role at that time"), ("user", "roles")),
    EventField("action", _("action"), ("event", "action")),
    EventField("object_type", _("object type"), ("portals", "object_type")),
    EventField("object_id", _("object id"), ("portals", "object_id")),
    EventField("portal", _("portal"), ("portals", "portal")),
    EventField("details", _("details"), ("portals", "details")),
    EventField("previous_hash", _("hash of the previous event"), ("portals", "previous_hash")),
    EventField("hash", _("hash"), ("event", "hash")),
)
