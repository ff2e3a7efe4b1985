import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models
from django.db.models import PROTECT, Q

ABOUT = ("portal", "account", "group", "service", "language", "setting", "source")


def about_one_of(names: tuple[str, ...]) -> Q:
    return Q(
        *(Q(**{name: None for name in names if name != one}, **{f"{one}__isnull": False}) for one in names),
        _connector=Q.OR,
    )


class Migration(migrations.Migration):
    dependencies = [("countries", "0010_words_release")]
    operations = [
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField("name", max_length=120, unique=True)),
                (
                    "kind",
                    models.CharField(
                        "kind",
                        choices=[("hotline", "hotline"), ("platform", "platform"), ("police", "police")],
                        max_length=8,
                    ),
                ),
                (
                    "quota",
                    models.PositiveIntegerField(
                        "addresses a day",
                        default=1000,
                        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
                    ),
                ),
                ("decided", models.PositiveIntegerField("decided", default=0)),
                ("actionable", models.PositiveIntegerField("actionable", default=0)),
                ("is_late", models.BooleanField("comes later", default=False)),
                ("portal", models.ForeignKey("countries.portal", PROTECT, related_name="+", verbose_name="portal")),
            ],
            options={
                "verbose_name": "source",
                "verbose_name_plural": "sources",
                "ordering": ["name"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind__in=["hotline", "platform", "police"]), name="source_kind_known"
                    ),
                    models.CheckConstraint(condition=Q(quota__range=(1, 100_000)), name="source_quota_bounded"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SourceKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("prefix", models.CharField("begins with", max_length=12, unique=True)),
                ("digest", models.BinaryField("hash of the key", max_length=32, unique=True)),
                ("expires_on", models.DateField("valid until")),
                ("opened_on", models.DateField("approved on")),
                ("closed_on", models.DateField("closed on", blank=True, null=True)),
                ("used_on", models.DateField("last used on", blank=True, null=True)),
                ("source", models.ForeignKey("countries.source", PROTECT, related_name="keys")),
            ],
            options={
                "verbose_name": "key of a source",
                "verbose_name_plural": "keys of sources",
                "ordering": ["source", "prefix"],
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            "approvalrequest",
            "source",
            models.ForeignKey(
                "countries.source",
                PROTECT,
                blank=True,
                null=True,
                related_name="approval_requests",
                verbose_name="source",
            ),
        ),
        migrations.RemoveConstraint("approvalrequest", "approval_request_about_one"),
        migrations.AddConstraint(
            "approvalrequest",
            models.CheckConstraint(condition=about_one_of(ABOUT), name="approval_request_about_one"),
        ),
        migrations.AddConstraint(
            "approvalrequest",
            models.UniqueConstraint(
                condition=Q(state="requested"), fields=["source"], name="approval_request_one_waiting_for_source"
            ),
        ),
    ]
