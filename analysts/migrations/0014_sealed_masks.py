from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

MASK_HAS_ADDRESS = models.CheckConstraint(
    condition=models.Q(sealed_mask=b"") | ~models.Q(sealed_address=b""), name="incident_mask_has_address"
)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0013_accounts_on_apps")]
    operations = [
        migrations.AddField("incident", "sealed_mask", models.BinaryField(blank=True, default=b"", db_default=b"")),
        AddConstraintNotValid("incident", MASK_HAS_ADDRESS),
    ]
