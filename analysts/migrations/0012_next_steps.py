from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FIRST = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """The next step of each open illegal incident, with a date and an owner or a queue."""

    dependencies = [
        ("analysts", "0011_chase_removal_reported_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="NextStep",
            fields=[
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="next_step",
                        serialize=False,
                        to="analysts.incident",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("moved", "approve the new route"),
                            ("route", "confirm the route"),
                            ("trace", "trace the hosting"),
                            ("redaction", "redact before sending"),
                            ("reply", "read a reply"),
                            ("check_removal", "check the removal"),
                            ("answer", "read the reporter’s answer"),
                            ("by_hand", "send a notice by hand"),
                            ("failed", "decide about a failed notice"),
                            ("refused", "decide after the police refusal"),
                            ("no_recipient", "add a recipient"),
                            ("decide", "decide what happens next"),
                            ("request", "clearance request to be sent"),
                            ("notice", "notice to be sent"),
                            ("verify", "have the recipient verified"),
                            ("police", "answer of the police"),
                            ("recipient", "reply of the recipient"),
                            ("reporter", "answer of the reporter"),
                            ("colleague", "answer of a colleague"),
                            ("workstation", "result of the isolated workstation"),
                            ("removal", "confirm the removal"),
                            ("ask_again", "request clearance again"),
                            ("keep_online", "keep online for the investigation"),
                        ],
                        max_length=16,
                        verbose_name="next step",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("review_at", models.DateTimeField(verbose_name="review at")),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "set_by",
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
                "verbose_name": "next step",
                "verbose_name_plural": "next steps",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "answer",
                                    "refused",
                                    "no_recipient",
                                    "decide",
                                    "request",
                                    "notice",
                                    "verify",
                                    "police",
                                    "recipient",
                                    "reporter",
                                    "colleague",
                                    "workstation",
                                    "ask_again",
                                    "keep_online",
                                ],
                            )
                        ),
                        fields=["review_at", "incident"],
                        name="next_step_to_review",
                    ),
                    models.Index(fields=["kind", "incident"], name="next_step_of_kind"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "moved",
                                    "route",
                                    "trace",
                                    "redaction",
                                    "reply",
                                    "check_removal",
                                    "answer",
                                    "by_hand",
                                    "failed",
                                    "refused",
                                    "no_recipient",
                                    "decide",
                                    "request",
                                    "notice",
                                    "verify",
                                    "police",
                                    "recipient",
                                    "reporter",
                                    "colleague",
                                    "workstation",
                                    "removal",
                                    "ask_again",
                                    "keep_online",
                                ],
                            )
                        ),
                        name="next_step_kind_known",
                    )
                ],
            },
        ),
        migrations.RunSQL([FIRST], reverse_sql=migrations.RunSQL.noop),
    ]
