"""The audit event: a link of an append-only hash chain, without foreign keys, so it outlives its objects."""

from django.db import connection, models
from django.utils.translation import gettext_lazy as _
from psycopg import sql

SHA256_HEX = r"^[0-9a-f]{64}$"

# The distinct values of an indexed column by one descent of the index a value (a loose index scan), where
# SELECT DISTINCT would read the whole history.
VALUES_IN_USE = sql.SQL("""
    WITH RECURSIVE found(value) AS (
        (SELECT {column} FROM {table} ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM {table} WHERE {column} > found.value ORDER BY {column} LIMIT 1)
        FROM found WHERE found.value IS NOT NULL
    )
    SELECT value FROM found WHERE value IS NOT NULL
""")


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def values_in_use(self, column: str) -> list[str]:
        """Every value the whole table holds in `column`, in order; the cost grows with their number only.

        `column` must lead an index and never be null; filters of this queryset are not applied.
        """
        query = VALUES_IN_USE.format(column=sql.Identifier(column), table=sql.Identifier(self.model._meta.db_table))
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [value for (value,) in cursor.fetchall()]


class AuditEvent(models.Model):
    """What somebody on staff, or the system, looked at or did. Written by `audit.actions.record` alone.

    The database refuses UPDATE and DELETE by trigger. `audit.chain` says how `hash` is made and checked.
    """

    number = models.PositiveBigIntegerField(
        _("number"), primary_key=True, help_text=_("1, 2, 3 and so on, without gaps.")
    )
    at = models.DateTimeField(_("at"))
    actor = models.CharField(
        _("actor"), max_length=150, blank=True, help_text=_("The user name; empty for the system.")
    )
    role = models.CharField(_("role"), max_length=50, blank=True, help_text=_("The actor's role at that time."))
    action = models.CharField(_("action"), max_length=100, help_text=_("Noun and verb: incident.claim."))
    object_type = models.CharField(_("object type"), max_length=100, blank=True)
    object_id = models.CharField(_("object id"), max_length=100, blank=True)
    portal = models.CharField(_("portal"), max_length=50, blank=True)
    details = models.JSONField(
        _("details"), default=dict, blank=True, help_text=_("Codes, counts and reasons, never content.")
    )
    previous_hash = models.CharField(_("hash of the event before"), max_length=64)
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
            # No event has two successors: the chain cannot fork, whatever writes to it.
            models.UniqueConstraint(fields=["previous_hash"], name="audit_event_one_successor"),
        ]
        # The viewer's filters and searches, newest first.
        indexes = [
            models.Index(fields=["action", "number"], name="audit_event_by_action"),
            models.Index(fields=["role", "number"], name="audit_event_by_role"),
            models.Index(fields=["portal", "number"], name="audit_event_by_portal"),
            models.Index(fields=["actor", "number"], name="audit_event_by_actor"),
            models.Index(fields=["object_id", "number"], name="audit_event_by_object"),
            # `at` nearly follows `number`, but a verb's time is taken before its turn in the chain.
            models.Index(fields=["at", "number"], name="audit_event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"
