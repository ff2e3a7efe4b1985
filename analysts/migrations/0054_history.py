import uuid
from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import CASCADE, PROTECT, F, Q

ORIGINS = {
    "telephone": "by telephone",
    "letter": "by e-mail or letter",
    "hotline": "from another hotline",
    "police": "from the police",
    "partner": "from a helpline or another organisation",
    "found": "found by an analyst",
    "imported": "open in the former system",
}
FORMATS = {"csv": "Spreadsheet as CSV", "xlsx": "Spreadsheet as XLSX", "scart": "Database export of SCARt"}
STATES = {
    "mapping": "codes are to be mapped",
    "counting": "being counted",
    "counted": "counted; nothing is imported yet",
    "requested": "waits for a second person",
    "running": "being imported",
    "done": "imported",
    "undoing": "being undone",
    "undone": "undone",
    "discarded": "discarded",
}
APPROVED = ("running", "done", "undoing", "undone")
VERDICTS = {
    "illegal": "illegal",
    "not_illegal": "not illegal",
    "not_assessed": "could not assess",
    "outside_remit": "outside remit",
}
SEVERITIES = {
    "A": "A: penetrative, animal or sadism",
    "B": "B: non-penetrative",
    "C": "C: other indecent",
    "P": "Prohibited: non-photographic",
    "I": "Inchoate: text or links that assist an offence",
}
AGES = {"0-2": "0–2", "3-6": "3–6", "7-10": "7–10", "11-13": "11–13", "14-15": "14–15", "16-17": "16–17"}
SEXES = {"girls": "girls", "boys": "boys", "both": "both", "not_identifiable": "not identifiable"}
SITE_TYPES = {
    "not_determined": "not determined",
    "website": "website",
    "file_host": "file host (cyberlocker)",
    "image_store": "image store",
    "image_host": "image host",
    "image_board": "image board",
    "forum": "forum",
    "banner_site": "banner site",
    "link_site": "link site",
    "social_network": "social network",
    "redirector": "redirector",
    "web_archive": "web archive",
    "search_provider": "search provider",
    "blog": "blog",
    "messaging": "messaging",
    "hacked_site": "hacked site",
    "not_applicable": "not applicable",
}

KEY_OPEN = (
    "CREATE TRIGGER historyrow_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_historyrow"
    " FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key()"
)


def person() -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, PROTECT, blank=True, db_index=False, null=True, related_name="+")


def code(label: str, choices: dict[str, str], length: int) -> Any:
    return models.CharField(label, blank=True, choices=list(choices.items()), max_length=length)


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0053_sources"),
        ("countries", "0010_words_release"),
        ("reports", "0004_minutes_of_answers"),
    ]
    operations = [
        migrations.RemoveConstraint("enteredaddress", "entered_origin_known"),
        migrations.AlterField(
            "enteredaddress", "origin", models.CharField("origin", choices=list(ORIGINS.items()), max_length=10)
        ),
        migrations.AddConstraint(
            "enteredaddress",
            models.CheckConstraint(condition=Q(origin__in=list(ORIGINS)), name="entered_origin_known"),
        ),
        migrations.CreateModel(
            name="HistoryImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.SlugField("former system", db_index=False, max_length=40)),
                ("format", models.CharField("format", choices=list(FORMATS.items()), max_length=5)),
                ("digest", models.CharField("SHA-256 of the file", max_length=64)),
                ("rows", models.PositiveIntegerField("rows")),
                ("ignored_columns", models.PositiveIntegerField("columns that were not read", default=0)),
                ("parts_done", models.PositiveIntegerField("parts done", default=0)),
                ("codes", models.JSONField("codes", blank=True, default=dict)),
                ("mapping", models.JSONField("mapping", blank=True, default=dict)),
                ("counts", models.JSONField("rows by outcome", blank=True, default=dict)),
                ("refusals", models.JSONField("rows that cannot be taken", blank=True, default=dict)),
                ("kept", models.JSONField("rows kept", blank=True, default=list)),
                ("state", models.CharField("state", choices=list(STATES.items()), default="mapping", max_length=9)),
                ("prepared_at", models.DateTimeField("prepared at")),
                ("requested_at", models.DateTimeField("requested at", blank=True, null=True)),
                ("approved_at", models.DateTimeField("approved at", blank=True, null=True)),
                ("imported_at", models.DateTimeField("imported at", blank=True, null=True)),
                (
                    "portal",
                    models.ForeignKey(
                        "countries.portal", PROTECT, blank=True, db_index=False, null=True, related_name="+"
                    ),
                ),
                *((name, person()) for name in ("prepared_by", "requested_by", "approved_by", "undone_by")),
            ],
            options={
                "verbose_name": "history import",
                "verbose_name_plural": "history imports",
                "ordering": ["-pk"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=Q(state__in=list(STATES)), name="history_import_state_known"),
                    models.CheckConstraint(condition=Q(format__in=list(FORMATS)), name="history_import_format_known"),
                    models.CheckConstraint(
                        condition=Q(requested_by=None, requested_at=None)
                        | Q(requested_by__isnull=False, requested_at__isnull=False),
                        name="history_import_requested_with_time",
                    ),
                    models.CheckConstraint(
                        condition=(~Q(state__in=APPROVED) & Q(approved_by=None, approved_at=None))
                        | Q(
                            state__in=APPROVED,
                            requested_by__isnull=False,
                            approved_by__isnull=False,
                            approved_at__isnull=False,
                        ),
                        name="history_import_approved_with_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(approved_by=None) | ~Q(approved_by=F("requested_by")),
                        name="history_import_approved_by_another",
                    ),
                    models.CheckConstraint(
                        condition=Q(undone_by=None) ^ Q(state__in=["undoing", "undone"]),
                        name="history_import_undone_by_somebody",
                    ),
                    models.UniqueConstraint(
                        fields=["state"], condition=Q(state="running"), name="history_import_one_running"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoryPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source_import", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField("number")),
                ("key_id", models.CharField("key", max_length=40)),
                ("sealed", models.BinaryField()),
                (
                    "source_import",
                    models.ForeignKey("analysts.historyimport", CASCADE, db_index=False, related_name="parts"),
                ),
            ],
            options={
                "verbose_name": "part of a history import",
                "verbose_name_plural": "parts of history imports",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="HistoryRow",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("source", models.SlugField("former system", db_index=False, max_length=40)),
                ("reference", models.CharField("reference", max_length=64)),
                ("fingerprint", models.BinaryField(blank=True, default=b"", max_length=32)),
                ("sealed", models.BinaryField(blank=True, default=b"")),
                ("verdict", code("verdict", VERDICTS, 16)),
                ("severity", code("severity", SEVERITIES, 1)),
                ("age_band", code("age of the youngest child", AGES, 5)),
                ("sex", code("sex", SEXES, 16)),
                ("site_type", code("site type", SITE_TYPES, 16)),
                ("decided_on", models.DateField("last date in the former system")),
                ("old_state", models.CharField("state in the former system", blank=True, max_length=80)),
                ("host", models.CharField("host", blank=True, max_length=100)),
                ("notified_on", models.DateField("last notice", blank=True, null=True)),
                (
                    "incident",
                    models.OneToOneField(
                        "analysts.incident", PROTECT, blank=True, null=True, related_name="history_row"
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        "reports.sealingkey", PROTECT, blank=True, db_index=False, null=True, related_name="+"
                    ),
                ),
                ("source_import", models.ForeignKey("analysts.historyimport", PROTECT, related_name="history_rows")),
            ],
            options={
                "verbose_name": "imported case",
                "verbose_name_plural": "imported cases",
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=~Q(fingerprint=b""), fields=["fingerprint"], name="history_row_address"),
                    models.Index(condition=~Q(sealed=b""), fields=["key", "id"], name="history_row_readable"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["source", "reference"], name="history_row_once"),
                    models.CheckConstraint(
                        condition=Q(sealed=b"") | Q(key__isnull=False, incident=None),
                        name="history_row_sealed_has_key",
                    ),
                    models.CheckConstraint(
                        condition=Q(fingerprint=b"", sealed=b"", incident=None) | ~Q(fingerprint=b""),
                        name="history_row_address_has_fingerprint",
                    ),
                    models.CheckConstraint(
                        condition=Q(verdict="illegal") | Q(severity="", age_band="", sex=""),
                        name="history_row_classified_is_illegal",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            verdict__in=["", *VERDICTS],
                            severity__in=["", *SEVERITIES],
                            age_band__in=["", *AGES],
                            sex__in=["", *SEXES],
                            site_type__in=["", *SITE_TYPES],
                        ),
                        name="history_row_codes_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEY_OPEN, "DROP TRIGGER historyrow_key_open ON analysts_historyrow"),
    ]
