from pathlib import Path

from django.conf import settings
from django.db import migrations, models

from audit.lasting_tables import CreateLastingModel

FUNCTIONS = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
# The function as 0003 creates it.
HEAD = "CREATE OR REPLACE FUNCTION audit_append("
_before, _head, _function = Path(__file__).with_name("0003_bounds.sql").read_text(encoding="utf-8").partition(HEAD)
WITH_NAMES = f"{HEAD}{_function.partition('$$;')[0]}$$;"
# An id in place of the name and number of the actor, and of the number of an account that was acted on.
CHANGES = (
    ("SELECT username, role INTO event.actor, event.role FROM", "SELECT role INTO event.role FROM"),
    (
        "event.actor_id := by_id;",
        "event.actor := coalesce(public.audit_log_id(by_id), '');",
    ),
    (
        "event.object_id := on_id;",
        "IF on_type = 'analysts.user' AND on_id ~ '^[0-9]{1,18}$' THEN"
        " event.object_id := public.audit_log_id(on_id::bigint);"
        " END IF;"
        " event.object_id := coalesce(event.object_id, on_id);",
    ),
    (" || CASE WHEN by_id IS NULL THEN '{}' ELSE jsonb_build_object('actor_id', by_id) END", ""),
)
WITH_IDS = WITH_NAMES
for _old, _new in CHANGES:
    WITH_IDS = WITH_IDS.replace(_old, _new)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_bounds"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    # Lists: not split into statements, which would break the functions' bodies. Events from before keep their names,
    # and their hashes.
    operations = [
        CreateLastingModel(
            name="LogId",
            fields=[
                ("value", models.CharField("id in the log", max_length=60, primary_key=True, serialize=False)),
                (
                    "account",
                    models.OneToOneField(
                        settings.AUTH_USER_MODEL,
                        models.PROTECT,
                        blank=True,
                        null=True,
                        related_name="log_id",
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
        migrations.RunSQL(
            [FUNCTIONS + WITH_IDS],
            [
                WITH_NAMES
                + "DROP TRIGGER audit_log_id_kept ON audit_logid; DROP FUNCTION audit_keep_log_id();"
                + "DROP FUNCTION audit_log_id(bigint);"
            ],
        ),
        migrations.AlterField(
            "auditevent",
            "actor_id",
            models.BigIntegerField(
                "account number",
                blank=True,
                null=True,
                help_text="The number of the account, in earlier events; empty for the system.",
            ),
        ),
        migrations.AlterField(
            "auditevent",
            "actor",
            models.CharField(
                "actor",
                blank=True,
                max_length=150,
                help_text="The id of the account in the log, in earlier events the user name; empty for the system.",
            ),
        ),
    ]
