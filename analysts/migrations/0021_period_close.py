from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("analysts", "0020_daily_figures")]

    operations = [
        migrations.CreateModel(
            name="PeriodClose",
            fields=[
                ("period", models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name="period")),
                ("figures", models.JSONField(verbose_name="figures")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("closed_at", models.DateTimeField(verbose_name="closed at")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed at")),
                (
                    "closed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
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
                "verbose_name": "closed period",
                "verbose_name_plural": "closed periods",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(period__regex="^20[0-9]{2}(Q[1-4])?$"), name="period_close_quarter_or_year"
                    ),
                    models.CheckConstraint(
                        condition=Q(confirmed_by=None, confirmed_at=None)
                        | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                        name="period_close_confirmed_at_some_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("closed_by")),
                        name="period_close_confirmed_by_another",
                    ),
                ],
            },
        ),
        migrations.RunSQL([RULES], "DROP FUNCTION analysts_refuse_changed_period() CASCADE"),
    ]
