"""Whoever entered an addressee does not verify it; what the last year says of each is found by an index."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0016_until_it_is_gone_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="addressee",
            name="changed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("noticed_at__isnull", False)),
                fields=["-noticed_at"],
                include=("to", "gone_at", "ended_at"),
                name="referral_noticed",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                condition=models.Q(("gone_at__isnull", False), ("noticed_at__isnull", True)),
                fields=["to", "-gone_at"],
                name="referral_gone_unnoticed",
            ),
        ),
        migrations.AddConstraint(
            model_name="addressee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verified_by__isnull", True),
                    ("changed_by__isnull", True),
                    models.Q(("verified_by", models.F("changed_by")), _negated=True),
                    _connector="OR",
                ),
                name="addressee_verified_by_another",
                violation_error_message="Somebody else than who entered it has to verify it.",
            ),
        ),
    ]
