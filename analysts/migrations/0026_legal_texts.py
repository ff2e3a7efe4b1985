import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

Q = models.Q
KINDS = {"ground": "legal ground of the content", "duty": "duty of the recipient"}
SEVERITIES = {
    "A": "A: penetrative, animal or sadism",
    "B": "B: non-penetrative",
    "C": "C: other indecent",
    "P": "Prohibited: non-photographic",
    "I": "Inchoate: text or links that assist an offence",
}
FLAGS = {
    "self_generated": "self-generated",
    "sextortion": "sexually coerced extortion",
    "ai_generated": "AI-generated",
    "several_children": "several children",
    "drawn": "virtual or drawn",
    "child_modelling": "child modelling",
    "known_person": "child or suspect known",
}
RECIPIENTS = {
    "host": "hosting provider",
    "owner": "site owner",
    "registrar": "registrar",
    "platform": "platform’s trust and safety team",
    "police": "police",
    "hotline": "hotline",
}
EU = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV"),
    *("MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)
DIGEST = models.CharField("verified as written", max_length=64, blank=True, default="", db_default="", editable=False)


LEGAL_TEXT: "list[tuple[str, models.Field[Any, Any]]]" = [
    ("verified_digest", DIGEST),
    ("id", models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False, serialize=False)),
    ("kind", models.CharField("kind", max_length=6, choices=list(KINDS.items()))),
    ("name", models.CharField("name", max_length=120, unique=True)),
    ("countries", ArrayField(models.CharField(max_length=2), verbose_name="countries", default=list, blank=True)),
    *(
        (
            name,
            ArrayField(
                models.CharField(max_length=length, choices=list(choices.items())),
                verbose_name=label,
                default=list,
                blank=True,
            ),
        )
        for name, length, choices, label in (
            ("severities", 1, SEVERITIES, "severity"),
            ("flags", 16, FLAGS, "flags"),
            ("recipients", 10, RECIPIENTS, "types of recipient"),
        )
    ),
    ("texts", models.TextField("texts", max_length=10000, help_text="One language a line, such as “en: text”.")),
    ("source", models.CharField("source", max_length=300, blank=True)),
    (
        "checked_by",
        models.CharField(
            "checked by", max_length=120, blank=True, help_text="The function of the person, such as “our lawyer”."
        ),
    ),
    ("checked_on", models.DateField("checked on", null=True, blank=True)),
    ("is_active", models.BooleanField("in use", default=True)),
]
SENDER: "list[tuple[str, models.Field[Any, Any]]]" = [
    ("id", models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False, serialize=False)),
    ("name", models.CharField("name of the legal entity", max_length=120)),
    ("version", models.PositiveSmallIntegerField("version", default=1, editable=False)),
    ("country", models.CharField("country", max_length=2)),
    ("portals", ArrayField(models.BigIntegerField(), verbose_name="portals", default=list, blank=True)),
    ("coordinator", models.CharField("Digital Services Coordinator", max_length=120, blank=True)),
    ("list_id", models.CharField("number in the Commission’s list", max_length=60, blank=True)),
    ("area", models.CharField("area of expertise as awarded", max_length=300, blank=True)),
    *(
        (name, models.DateField(name.replace("_", " "), null=True, blank=True))
        for name in ("awarded_on", "valid_from", "valid_until", "suspended_from", "suspended_until")
    ),
    (
        "by",
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            django.db.models.deletion.PROTECT,
            related_name="+",
            db_index=False,
            editable=False,
            verbose_name="by",
        ),
    ),
    ("at", models.DateTimeField("at", editable=False)),
]
CODES_KNOWN = models.CheckConstraint(
    condition=Q(
        kind__in=list(KINDS),
        severities__contained_by=list(SEVERITIES),
        flags__contained_by=list(FLAGS),
        recipients__contained_by=list(RECIPIENTS),
    ),
    name="legal_text_codes_known",
)
CHECKED = models.CheckConstraint(
    condition=Q(checked_on=None, checked_by="") | (Q(checked_on__isnull=False) & ~Q(checked_by="")),
    name="legal_text_checked_by_somebody",
    violation_error_message="Say who checked it, and on which day.",
)
AWARD = models.CheckConstraint(
    condition=Q(coordinator="", list_id="", area="", awarded_on=None, valid_from=None)
    | (
        Q(awarded_on__isnull=False, valid_from__isnull=False, country__in=EU)
        & ~Q(coordinator="")
        & ~Q(list_id="")
        & ~Q(area="")
    ),
    name="sender_award_in_full",
    violation_error_message=(
        "A trusted flagger is established in the EU, and has a coordinator, a number, an area of expertise, and the "
        "days of its award and from which it is valid."
    ),
)
IN_ORDER = models.CheckConstraint(
    condition=(Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")))
    & (Q(suspended_until=None) | Q(suspended_until__gte=models.F("suspended_from"))),
    name="sender_days_in_order",
    violation_error_message="A period must end on or after the day on which it begins.",
)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0025_machine_readable")]
    operations = [
        migrations.CreateModel(
            "LegalText",
            LEGAL_TEXT,
            {
                "verbose_name": "legal text",
                "verbose_name_plural": "legal texts",
                "ordering": ["kind", "name"],
                "constraints": [CODES_KNOWN, CHECKED],
            },
        ),
        migrations.CreateModel(
            "SenderIdentity",
            SENDER,
            {
                "verbose_name": "sender",
                "verbose_name_plural": "senders",
                "ordering": ["name", "-version"],
                "constraints": [
                    models.UniqueConstraint(fields=["name", "version"], name="sender_version"),
                    AWARD,
                    IN_ORDER,
                ],
            },
        ),
        migrations.AddField(
            "notice",
            "sender",
            models.ForeignKey(
                "analysts.senderidentity",
                django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                db_index=False,
            ),
        ),
    ]
