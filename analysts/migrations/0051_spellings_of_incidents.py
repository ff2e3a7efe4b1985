from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from countries.lasting_columns import AddLastingField


class Migration(migrations.Migration):
    """A sighting seals only a spelling that its incident lacks. Earlier ones keep theirs."""

    dependencies = [("analysts", "0050_proposed_contacts")]
    operations = [
        AddLastingField(
            "sighting",
            "has_incident_spelling",
            models.BooleanField("spelt as the incident", default=False, db_default=False),
        ),
        # Where the release before has sealed a spelling meanwhile, that one counts.
        migrations.RunSQL(
            "UPDATE analysts_sighting SET has_incident_spelling = false WHERE has_incident_spelling AND"
            " sealed_address <> ''",
            migrations.RunSQL.noop,
        ),
        AddConstraintNotValid(
            "sighting",
            models.CheckConstraint(
                condition=models.Q(has_incident_spelling=False) | models.Q(sealed_address=b""),
                name="sighting_spelling_once",
            ),
        ),
    ]
