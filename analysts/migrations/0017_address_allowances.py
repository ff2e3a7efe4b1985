import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

STATES = [("requested", "requested"), ("granted", "approved"), ("declined", "declined")]


class Migration(migrations.Migration):
    dependencies = [("analysts", "0016_incident_batch")]

    operations = [
        migrations.CreateModel(
            name="AddressAllowance",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number of addresses")),
                ("at", models.DateTimeField(verbose_name="requested at")),
                ("state", models.CharField(choices=STATES, default="requested", max_length=9, verbose_name="state")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
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
                "verbose_name": "request for more addresses",
                "verbose_name_plural": "requests for more addresses",
                "ordering": ["at"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["day", "by"], name="address_allowance_of_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["by", "day"],
                        condition=Q(state="requested"),
                        name="address_allowance_one_open_a_day",
                    ),
                    models.CheckConstraint(
                        condition=Q(number__gte=1, number__lte=1000), name="address_allowance_number_bounded"
                    ),
                    models.CheckConstraint(
                        condition=Q(state="requested", decided_by=None, decided_at=None)
                        | Q(state__in=["granted", "declined"], decided_by__isnull=False, decided_at__isnull=False),
                        name="address_allowance_decided_with_name",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="granted") | ~Q(decided_by=F("by")),
                        name="address_allowance_approved_by_another",
                    ),
                ],
            },
        ),
    ]
