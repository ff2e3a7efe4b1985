from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0016_answered_rounds"),
    ]

    operations = [
        migrations.AddField(
            model_name="floodsample",
            name="decline_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("different", "some of them are something else"),
                    ("illegal", "some of them may be illegal"),
                    ("verdict", "another verdict or reason applies"),
                    ("open_sample", "the sample should be opened first"),
                ],
                max_length=12,
                verbose_name="reason for declining",
            ),
        ),
        migrations.AddField(
            model_name="floodsample",
            name="declined_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="declined at"),
        ),
        migrations.AddField(
            model_name="floodsample",
            name="declined_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="floodsample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decline_reason", ""), ("declined_at", None), ("declined_by", None)),
                    models.Q(
                        ("decline_reason__in", ["different", "illegal", "verdict", "open_sample"]),
                        ("declined_at__isnull", False),
                        ("declined_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="flood_sample_declined_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="floodsample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("declined_by", None), models.Q(("declined_by", models.F("by")), _negated=True), _connector="OR"
                ),
                name="flood_sample_declined_by_another",
            ),
        ),
        # A list: not split into statements, which would break the function's body.
        migrations.RunSQL([RULES]),
    ]
