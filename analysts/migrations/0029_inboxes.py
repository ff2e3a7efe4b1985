import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROLES = [
    ("analyst", "analyst"),
    ("senior", "senior analyst"),
    ("operator", "operator"),
    ("partner", "country partner"),
    ("auditor", "auditor"),
    ("welfare", "welfare lead"),
    ("administrator", "administrator"),
    ("translator", "translator"),
    ("recipient", "recipient"),
]
ROLE_KNOWN = models.CheckConstraint(
    condition=models.Q(role__in=[role for role, _label in ROLES]), name="user_role_known"
)
SUBJECTS = [("incidents", "Incidents"), ("events", "Audit events"), ("inbox", "Inbox")]
SUBJECT_KNOWN = models.CheckConstraint(
    condition=models.Q(subject__in=[subject for subject, _label in SUBJECTS]), name="export_subject_known"
)
# An account never moves to another recipient: its record says which one it saw.
KEEP_RECIPIENT = """
    CREATE FUNCTION analysts_keep_recipient() RETURNS trigger
        LANGUAGE plpgsql
        SET search_path TO 'pg_catalog', 'pg_temp'
        AS $$
        BEGIN
            RAISE EXCEPTION 'an account keeps its recipient'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'recipient_access_kept';
        END
        $$;
    CREATE TRIGGER recipient_access_kept BEFORE UPDATE ON analysts_recipientaccess
        FOR EACH ROW WHEN (OLD.recipient_id <> NEW.recipient_id OR OLD.user_id <> NEW.user_id)
        EXECUTE FUNCTION analysts_keep_recipient();
"""
LET_MOVE = """
    DROP TRIGGER recipient_access_kept ON analysts_recipientaccess;
    DROP FUNCTION analysts_keep_recipient();
"""


class Migration(migrations.Migration):
    dependencies = [("analysts", "0028_called_back")]
    operations = [
        migrations.AlterField("user", "role", models.CharField("role", max_length=16, choices=ROLES)),
        migrations.RemoveConstraint("user", "user_role_known"),
        migrations.AddConstraint("user", ROLE_KNOWN),
        migrations.AlterField("export", "subject", models.CharField("table", max_length=9, choices=SUBJECTS)),
        migrations.RemoveConstraint("export", "export_subject_known"),
        migrations.AddConstraint("export", SUBJECT_KNOWN),
        migrations.CreateModel(
            name="RecipientAccess",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="recipient_access",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("confirmed_on", models.DateField(verbose_name="confirmed on")),
                ("suspended_at", models.DateTimeField(blank=True, null=True, verbose_name="suspended at")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="analysts.recipient"
                    ),
                ),
                (
                    "suspended_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "access to an inbox",
                "verbose_name_plural": "accesses to inboxes",
                "ordering": ["confirmed_on", "pk"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(suspended_at=None, suspended_by=None)
                        | models.Q(suspended_at__isnull=False, suspended_by__isnull=False),
                        name="recipient_access_suspended_by_somebody",
                    )
                ],
            },
        ),
        # A list: not split into statements, which would break the function's body.
        migrations.RunSQL([KEEP_RECIPIENT], [LET_MOVE]),
    ]
