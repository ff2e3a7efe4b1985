from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """A sighting seals only a spelling that its incident lacks. Earlier ones keep theirs."""

    dependencies = [("analysts", "0050_proposed_contacts")]
    operations = [
        migrations.AddField(
            "sighting",
            "has_incident_spelling",
            models.BooleanField("spelt as the incident", default=False, db_default=False),
        ),
        AddConstraintNotValid(
            "sighting",
            models.CheckConstraint(
                condition=models.Q(has_incident_spelling=False) | models.Q(sealed_address=b""),
                name="sighting_spelling_once",
            ),
        ),
    ]
