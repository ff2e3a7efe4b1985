from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

KINDS = {"report": "report", "details": "details", "answer": "answer", "again": "further look"}
# Known and unknown receipts take the same work.
ASKED_AGAIN = """
    CREATE FUNCTION reports_asked_again(wanted uuid) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path TO 'pg_catalog', 'public'
        AS $$
        SELECT EXISTS (SELECT FROM public.reports_submission WHERE receipt_id = wanted AND kind = 'again')
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_functions_and_triggers")]
    operations = [
        migrations.AlterField(
            "submission", "kind", models.CharField("kind", max_length=8, choices=list(KINDS.items()))
        ),
        migrations.RemoveConstraint("submission", "submission_kind_known"),
        AddConstraintNotValid(
            "submission",
            models.CheckConstraint(condition=models.Q(kind__in=list(KINDS)), name="submission_kind_known"),
        ),
        migrations.AddConstraint(
            "submission",
            models.UniqueConstraint(fields=["receipt"], condition=models.Q(kind="again"), name="submission_again_once"),
        ),
        migrations.RunSQL(ASKED_AGAIN, "DROP FUNCTION reports_asked_again(uuid)"),
    ]
