import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# All columns but those of the sealed IP address, which erasure blanks and a later key seals again.
KEPT_AS_MADE = (
    "DROP TRIGGER hostingtrace_kept_as_made ON analysts_hostingtrace;"
    " CREATE TRIGGER hostingtrace_kept_as_made BEFORE DELETE OR UPDATE{columns} ON analysts_hostingtrace"
    " FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change()"
)
COLUMNS = " OF id, incident_id, method, country, provider_id, network, note, at, recorded_at, by_id, source"
KEY_OPEN = (
    "CREATE TRIGGER hostingtrace_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_hostingtrace"
    " FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key()"
)
SEALED_HAS_KEY = models.CheckConstraint(
    condition=models.Q(sealed=b"") | models.Q(key__isnull=False), name="trace_sealed_has_key"
)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0018_classified")]
    operations = [
        migrations.AddField(
            "hostingtrace",
            "key",
            models.ForeignKey(
                "reports.sealingkey",
                django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                db_index=False,
            ),
        ),
        migrations.AddField("hostingtrace", "sealed", models.BinaryField(blank=True, default=b"", db_default=b"")),
        AddConstraintNotValid("hostingtrace", SEALED_HAS_KEY),
        migrations.RunSQL(KEPT_AS_MADE.format(columns=COLUMNS), KEPT_AS_MADE.format(columns="")),
        migrations.RunSQL(KEY_OPEN, "DROP TRIGGER hostingtrace_key_open ON analysts_hostingtrace"),
    ]
