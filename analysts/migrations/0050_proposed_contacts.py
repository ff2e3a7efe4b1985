from django.conf import settings
from django.db import migrations, models
from django.db.models import PROTECT, Q

from countries.lasting_columns import AddLastingField


class Migration(migrations.Migration):
    dependencies = [("analysts", "0049_kinds_of_items")]
    operations = [
        AddLastingField(
            "recipient",
            "proposed_email",
            models.EmailField("proposed e-mail", blank=True, db_default="", default="", editable=False, max_length=254),
        ),
        AddLastingField(
            "recipient",
            "proposed_source",
            models.CharField("source", blank=True, db_default="", default="", editable=False, max_length=300),
        ),
        AddLastingField(
            "recipient",
            "proposed_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                PROTECT,
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                related_name="+",
            ),
        ),
        AddLastingField(
            "recipient",
            "proposed_at",
            models.DateTimeField("proposed at", blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            "recipient",
            models.CheckConstraint(
                condition=Q(proposed_email="", proposed_source="", proposed_by=None, proposed_at=None)
                | ~Q(proposed_email="") & Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="recipient_proposed_by_somebody",
            ),
        ),
    ]
