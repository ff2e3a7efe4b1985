import uuid
from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reports.models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
APPELLANTS = [("provider", "provider"), ("owner", "site owner"), ("other", "another recipient")]
OUTCOMES = [("upheld", "verdict upheld"), ("overturned", "verdict overturned")]
REASONS = [
    ("illegal", "the content is illegal as assessed"),
    ("no_grounds", "the appeal gives no new grounds"),
    ("not_illegal", "the content is not illegal"),
    ("adult", "the person is proved to be an adult"),
    ("wrong_place", "the content is not at this address"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("analysts", "0008_entered_addresses"),
        ("reports", "0002_rules"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("appellant", models.CharField(choices=APPELLANTS, max_length=8, verbose_name="appellant")),
                ("received_hour", models.DateTimeField(verbose_name="received (hour)")),
                ("outcome", models.CharField(blank=True, choices=OUTCOMES, max_length=10, verbose_name="outcome")),
                ("reason", models.CharField(blank=True, choices=REASONS, max_length=12, verbose_name="reason")),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="reviewed at")),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        db_index=False,
                        related_name="+",
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        related_name="appeals",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="analysts.incident",
                    ),
                ),
                (
                    "reply",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        related_name="+",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="analysts.reply",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        db_index=False,
                        related_name="+",
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "appeal",
                "verbose_name_plural": "appeals",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("outcome", "")), fields=["received_hour", "id"], name="appeal_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("outcome", ""), _negated=True),
                        fields=["reviewed_at", "outcome"],
                        name="appeal_reviewed",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("appellant__in", [code for code, _label in APPELLANTS])),
                        name="appeal_appellant_known",
                    ),
                    models.CheckConstraint(
                        condition=reports.models.WholeHour("received_hour"), name="appeal_whole_hour"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entered_by__isnull", True), ("reply__isnull", False)),
                            models.Q(("entered_by__isnull", False), ("reply__isnull", True)),
                            _connector="OR",
                        ),
                        name="appeal_by_reply_or_hand",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome", ""),
                                ("reason", ""),
                                ("reviewed_at__isnull", True),
                                ("reviewed_by__isnull", True),
                            ),
                            models.Q(
                                ("outcome__in", [code for code, _label in OUTCOMES]),
                                ("reason__in", [code for code, _label in REASONS]),
                                ("reviewed_at__isnull", False),
                                ("reviewed_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="appeal_decided_by_person",
                    ),
                ],
            },
        ),
        migrations.RunSQL([RULES]),
    ]
