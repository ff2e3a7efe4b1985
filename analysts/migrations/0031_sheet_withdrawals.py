from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("analysts", "0030_exports"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="providersheet",
            name="withdrawal",
            field=models.CharField(
                blank=True,
                choices=[
                    ("by_mistake", "released by mistake"),
                    ("wrong_provider", "notices were counted for the wrong provider"),
                    ("disputed", "the provider disputes the numbers"),
                    ("statement", "the provider’s statement cannot stay"),
                ],
                max_length=14,
                verbose_name="reason for withdrawal",
            ),
        ),
        migrations.AddField(
            model_name="providersheet",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at"),
        ),
        migrations.AddField(
            model_name="providersheet",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="providersheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawal", ""), ("withdrawn_at", None), ("withdrawn_by", None)),
                    models.Q(
                        ("released_at__isnull", False),
                        ("withdrawal__in", ["by_mistake", "wrong_provider", "disputed", "statement"]),
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="provider_sheet_withdrawn_for_reason",
            ),
        ),
    ]
