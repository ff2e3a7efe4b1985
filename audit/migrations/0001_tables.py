import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import audit.stored_values

TABLES = [
    migrations.CreateModel(
        name="AuditEvent",
        fields=[
            (
                "number",
                models.PositiveBigIntegerField(
                    help_text="1, 2, 3 and so on, without gaps.",
                    primary_key=True,
                    serialize=False,
                    verbose_name="number",
                ),
            ),
            ("at", audit.stored_values.EventTimeField(verbose_name="at")),
            (
                "actor_id",
                models.BigIntegerField(
                    blank=True,
                    help_text="The number of the account, in earlier events; empty for the system.",
                    null=True,
                    verbose_name="account number",
                ),
            ),
            (
                "actor",
                models.CharField(
                    blank=True,
                    help_text="The id of the account in the log, in earlier events the user name; empty for the system.",
                    max_length=150,
                    verbose_name="actor",
                ),
            ),
            (
                "role",
                models.CharField(
                    blank=True, help_text="The actor's role at that time.", max_length=50, verbose_name="role"
                ),
            ),
            (
                "action",
                models.CharField(help_text="Noun and verb: incident.claim.", max_length=100, verbose_name="action"),
            ),
            ("object_type", models.CharField(blank=True, max_length=100, verbose_name="object type")),
            ("object_id", models.CharField(blank=True, max_length=100, verbose_name="object id")),
            ("portal", models.CharField(blank=True, max_length=50, verbose_name="portal")),
            (
                "details",
                audit.stored_values.EventDetailsField(
                    blank=True,
                    default=dict,
                    help_text="Codes, counts and reasons, never content.",
                    verbose_name="details",
                ),
            ),
            ("previous_hash", models.CharField(max_length=64, verbose_name="hash of the previous event")),
            ("hash", models.CharField(max_length=64, verbose_name="hash")),
        ],
        options={
            "verbose_name": "audit event",
            "verbose_name_plural": "audit events",
            "default_permissions": ("view",),
            "indexes": [
                models.Index(fields=["action", "number"], name="audit_event_by_action"),
                models.Index(fields=["role", "number"], name="audit_event_by_role"),
                models.Index(fields=["portal", "number"], name="audit_event_by_portal"),
                models.Index(fields=["actor", "number"], name="audit_event_by_actor"),
                models.Index(fields=["actor_id", "number"], name="audit_event_by_actor_id"),
                models.Index(fields=["object_id", "number"], name="audit_event_by_object"),
                models.Index(fields=["at", "number"], name="audit_event_by_time"),
                models.Index(
                    condition=models.Q(("object_type", "countries.portal")),
                    fields=["object_id", "number"],
                    name="audit_event_of_portal",
                ),
                models.Index(
                    condition=models.Q(
                        (
                            "action__in",
                            [
                                "incident.merge",
                                "incident.split",
                                "incident.hand_over",
                                "incident.reopen",
                                "incident.close",
                                "incident.plan_next_step",
                                "incident.confirm_redaction",
                                "incident.keep_listed",
                            ],
                        )
                    ),
                    fields=["object_id", "number"],
                    name="audit_event_of_incident",
                ),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="audit_event_number_from_one"),
                models.CheckConstraint(
                    condition=models.Q(("previous_hash__regex", "^[0-9a-f]{64}$")),
                    name="audit_event_previous_hash_format",
                ),
                models.CheckConstraint(
                    condition=models.Q(("hash__regex", "^[0-9a-f]{64}$")), name="audit_event_hash_format"
                ),
                models.UniqueConstraint(fields=("previous_hash",), name="audit_event_one_successor"),
            ],
        },
    ),
    migrations.CreateModel(
        name="LogId",
        fields=[
            ("value", models.CharField(max_length=60, primary_key=True, serialize=False, verbose_name="id in the log")),
            (
                "account",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="log_id",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="account",
                ),
            ),
        ],
        options={
            "verbose_name": "id in the audit log",
            "verbose_name_plural": "ids in the audit log",
            "default_permissions": (),
        },
    ),
    migrations.CreateModel(
        name="StreamPosition",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
            ("number", models.PositiveBigIntegerField(default=0, verbose_name="number")),
        ],
        options={
            "verbose_name": "position of the audit stream",
            "verbose_name_plural": "positions of the audit stream",
            "default_permissions": (),
            "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_stream_position_one")],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("audit", "0001_initial"),
        ("audit", "0003_stream_position"),
        ("audit", "0004_incident_timeline_index"),
    ]

    dependencies = [
        ("analysts", "0001_accounts"),
    ]

    operations = TABLES
