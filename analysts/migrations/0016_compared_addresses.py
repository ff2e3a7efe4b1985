from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

COMPARED_IS_MERGED = models.CheckConstraint(
    condition=models.Q(is_compared=None) | models.Q(closing="merged"), name="incident_compared_is_merged"
)


class Migration(migrations.Migration):
    """Receipts of addresses that were merged earlier keep their answers; later reports of them share no verdict."""

    dependencies = [("analysts", "0015_unmasked_addresses")]
    operations = [
        migrations.AddField("incident", "is_compared", models.BooleanField("compared", blank=True, null=True)),
        AddConstraintNotValid("incident", COMPARED_IS_MERGED),
        migrations.AddField(
            "sighting", "shares_verdict", models.BooleanField("shares the verdict", default=True, db_default=True)
        ),
        migrations.AddField(
            "sighting", "asked_again", models.BooleanField("asked to look again", default=False, db_default=False)
        ),
    ]
