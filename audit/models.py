"""The audit event: a link in an append-only hash chain, without foreign keys so that it outlives its objects."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection, models
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from audit.stored_values import EventDetailsField, EventTimeField, UnreadableDetails, UnreadableTime

SHA256_HEX = r"^[0-9a-f]{64}$"

# The distinct values of an indexed column, with one index lookup per value (a loose index scan). SELECT DISTINCT would
# read the whole table.
VALUES_IN_USE = sql.SQL("""
    WITH RECURSIVE found(value) AS (
        (SELECT {column} FROM {table} ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM {table} WHERE {column} > found.value ORDER BY {column} LIMIT 1)
        FROM found WHERE found.value IS NOT NULL
    )
    SELECT value FROM found WHERE value IS NOT NULL
""")


# Errors on reading details that are not those of the event's action. The staff's role can append such an event.
UNEXPECTED_DETAILS = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


# The actions on an incident that are recorded here alone, and that its timeline shows.
ON_INCIDENT_TIMELINE = [
    "incident.merge",
    "incident.split",
    "incident.hand_over",
    "incident.reopen",
    "incident.close",
    "incident.plan_next_step",
    "incident.confirm_redaction",
    "incident.keep_listed",
]


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def values_in_use(self, column: str) -> list[str]:
        """All distinct values of `column` in the whole table, sorted; the cost grows with their number only.

        `column` must be the first column of an index and not nullable. This queryset's filters are not applied.
        """
        query = VALUES_IN_USE.format(column=sql.Identifier(column), table=sql.Identifier(self.model._meta.db_table))
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [value for (value,) in cursor.fetchall()]

    def in_batches(self, batch: int, *, by_time: bool = False) -> Iterator["AuditEvent"]:
        """The events by number, oldest first, in keyset batches, so that no query or snapshot lasts long.

        `by_time`: in the order of the index that serves filters of time.
        """
        order = ("at", "number") if by_time else ("number",)
        page = list(self.order_by(*order)[:batch])
        while page:
            yield from page
            last = page[-1]
            after = models.Q(number__gt=last.number)
            if by_time:
                # Lets PostgreSQL enter the index at this point.
                at = last.stored_time()
                after = models.Q(at__gte=at) & (models.Q(at__gt=at) | after)
            page = list(self.filter(after).order_by(*order)[:batch])


class AuditEvent(models.Model):
    """A view or action by a member of staff or the system. Appended only by the database function `audit_append`.

    It numbers, links and hashes each event (0002_functions_and_triggers.sql); `audit.chain` verifies that. Database
    triggers refuse UPDATE and DELETE.
    """

    number = models.PositiveBigIntegerField(
        _("number"), primary_key=True, help_text=_("1, 2, 3 and so on, without gaps.")
    )
    at = EventTimeField(_("at"))
    # The primary key of the account, in events from before there were ids (`LogId`). They hold the user name, too.
    actor_id = models.BigIntegerField(
        _("account number"),
        null=True,
        blank=True,
        help_text=_("The number of the account, in earlier events; empty for the system."),
    )
    actor = models.CharField(
        _("actor"),
        max_length=150,
        blank=True,
        help_text=_("The id of the account in the log, in earlier events the user name; empty for the system."),
    )
    role = models.CharField(_("role"), max_length=50, blank=True, help_text=_("The actor's role at that time."))
    action = models.CharField(_("action"), max_length=100, help_text=_("Noun and verb: incident.claim."))
    object_type = models.CharField(_("object type"), max_length=100, blank=True)
    object_id = models.CharField(_("object id"), max_length=100, blank=True)
    portal = models.CharField(_("portal"), max_length=50, blank=True)
    details = EventDetailsField(
        _("details"), default=dict, blank=True, help_text=_("Codes, counts and reasons, never content.")
    )
    previous_hash = models.CharField(_("hash of the previous event"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="audit_event_number_from_one"),
            models.CheckConstraint(
                condition=models.Q(previous_hash__regex=SHA256_HEX), name="audit_event_previous_hash_format"
            ),
            models.CheckConstraint(condition=models.Q(hash__regex=SHA256_HEX), name="audit_event_hash_format"),
            # No event has two successors, so no writer can fork the chain.
            models.UniqueConstraint(fields=["previous_hash"], name="audit_event_one_successor"),
        ]
        # For the viewer's filters, newest first.
        indexes = [
            models.Index(fields=["action", "number"], name="audit_event_by_action"),
            models.Index(fields=["role", "number"], name="audit_event_by_role"),
            models.Index(fields=["portal", "number"], name="audit_event_by_portal"),
            models.Index(fields=["actor", "number"], name="audit_event_by_actor"),
            models.Index(fields=["actor_id", "number"], name="audit_event_by_actor_id"),
            models.Index(fields=["object_id", "number"], name="audit_event_by_object"),
            # `at` is not quite in the order of `number` in events from before the database set it.
            models.Index(fields=["at", "number"], name="audit_event_by_time"),
            # For the history of a portal, whose number other objects share.
            models.Index(
                fields=["object_id", "number"],
                condition=models.Q(object_type="countries.portal"),
                name="audit_event_of_portal",
            ),
            # For the timeline of an incident, most of whose events are views.
            models.Index(
                fields=["object_id", "number"],
                condition=models.Q(action__in=ON_INCIDENT_TIMELINE),
                name="audit_event_of_incident",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    def stored_time(self) -> datetime | Combinable:
        """The time to compare others with, also where Python does not hold it."""
        if isinstance(self.at, UnreadableTime):
            return Cast(models.Value(self.at.text), models.DateTimeField())
        return self.at

    def unreadable_texts(self) -> dict[str, str]:
        """The stored texts of the fields that Python cannot hold, by name; {} for almost every event."""
        return {
            name: value.text
            for name in ("at", "details")
            if isinstance(value := getattr(self, name), UnreadableTime | UnreadableDetails)
        }


class LogId(models.Model):
    """The random id of an account in the log; the database function `audit_log_id` gives it.

    A trigger keeps it with its account; `account` is None once nothing leads to the person any more.
    """

    value = models.CharField(_("id in the log"), max_length=60, primary_key=True)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="log_id",
        verbose_name=_("account"),
    )

    class Meta:
        verbose_name = _("id in the audit log")
        verbose_name_plural = _("ids in the audit log")
        default_permissions = ()

    def __str__(self) -> str:
        return self.value


class StreamPosition(models.Model):
    """The number of the last event that the stream to a SIEM has had. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    number = models.PositiveBigIntegerField(_("number"), default=0)

    class Meta:
        verbose_name = _("position of the audit stream")
        verbose_name_plural = _("positions of the audit stream")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_stream_position_one")]

    def __str__(self) -> str:
        return str(self.number)
