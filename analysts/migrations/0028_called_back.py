from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

CONFIRMED = models.CheckConstraint(
    condition=~Q(answer="granted", is_called_back=False),
    name="police_hold_granted_is_confirmed",
)


class Migration(migrations.Migration):
    """Decisions from before are neither called back nor not."""

    dependencies = [("analysts", "0026_legal_texts")]
    operations = [
        migrations.AddField(
            "policehold", "is_called_back", models.BooleanField("confirmed by a call back", blank=True, null=True)
        ),
        AddConstraintNotValid("policehold", CONFIRMED),
    ]
