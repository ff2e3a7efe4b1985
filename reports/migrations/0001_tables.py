import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.db import migrations, models

import reports.models
from countries.table_creation import CreateTables

TABLES = [
    migrations.CreateModel(
        name="Receipt",
        fields=[
            ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
            (
                "outcomes",
                models.JSONField(
                    db_default=models.Value([], output_field=models.JSONField()),
                    default=list,
                    verbose_name="published outcomes",
                ),
            ),
            ("changed_on", models.DateField(verbose_name="changed on")),
            ("mailbox_key", models.BinaryField(max_length=1216)),
        ],
        options={
            "verbose_name": "receipt",
            "verbose_name_plural": "receipts",
            "constraints": [
                models.CheckConstraint(
                    condition=django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("mailbox_key"), 1216
                    ),
                    name="receipt_mailbox_key_size",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SealingKey",
        fields=[
            ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
            (
                "key_class",
                models.CharField(
                    choices=[("words", "what reporters typed"), ("addresses", "addresses kept until they are gone")],
                    max_length=10,
                    verbose_name="class",
                ),
            ),
            ("month", models.DateField(verbose_name="month")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("open", "open"),
                        ("closed", "closed: opens what is there, takes nothing new"),
                        ("destroyed", "destroyed"),
                    ],
                    default="open",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            ("emptied_on", models.DateField(blank=True, null=True, verbose_name="emptied on")),
            ("destroyed_on", models.DateField(blank=True, null=True, verbose_name="destroyed on")),
            ("resealed", models.JSONField(blank=True, default=dict, verbose_name="resealed")),
        ],
        options={
            "verbose_name": "sealing key",
            "verbose_name_plural": "sealing keys",
            "constraints": [
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="sealing_key_first_of_month"),
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["open", "closed", "destroyed"])), name="sealing_key_state_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(("key_class__in", ["words", "addresses"])), name="sealing_key_class_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("destroyed_on__isnull", False), ("state", "destroyed")),
                        models.Q(models.Q(("state", "destroyed"), _negated=True), ("destroyed_on__isnull", True)),
                        _connector="OR",
                    ),
                    name="sealing_key_destroyed_has_date",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Message",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "receipt",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="reports.receipt"
                ),
            ),
            ("asked_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="asked on")),
            (
                "key",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("sealed_for_reporter", models.BinaryField()),
            ("sealed_for_staff", models.BinaryField()),
        ],
        options={
            "verbose_name": "message",
            "verbose_name_plural": "messages",
            "indexes": [
                models.Index(
                    condition=models.Q(("sealed_for_staff", b""), _negated=True),
                    fields=["key", "id"],
                    name="message_readable",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Submission",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "receipt",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="submissions",
                    to="reports.receipt",
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("report", "report"),
                        ("details", "details"),
                        ("answer", "answer"),
                        ("again", "further look"),
                    ],
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
            (
                "portal",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="countries.portal"),
            ),
            ("language", models.CharField(max_length=12, verbose_name="language")),
            ("received_hour", models.DateTimeField(verbose_name="received (hour)")),
            (
                "key",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("digest", models.BinaryField(max_length=32, null=True)),
            ("sealed", models.BinaryField()),
            (
                "message",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.message",
                ),
            ),
        ],
        options={
            "verbose_name": "submission",
            "verbose_name_plural": "submissions",
            "indexes": [
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True), fields=["key", "id"], name="submission_readable"
                )
            ],
            "constraints": [
                models.UniqueConstraint(fields=("receipt", "digest"), name="submission_once_a_text"),
                models.UniqueConstraint(
                    condition=models.Q(("kind", "again")), fields=("receipt",), name="submission_again_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("digest", None), ("sealed", b"")),
                        models.Q(models.Q(("sealed", b""), _negated=True), ("digest__isnull", False)),
                        _connector="OR",
                    ),
                    name="submission_erased_with_digest",
                ),
                models.CheckConstraint(
                    condition=models.Q(("message", None), ("kind", "answer"), _connector="OR"),
                    name="submission_only_answers_answer",
                ),
                models.CheckConstraint(
                    condition=reports.models.WholeHour("received_hour"), name="submission_received_whole_hour"
                ),
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["report", "details", "answer", "again"])),
                    name="submission_kind_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("language__regex", "^[a-z]{2,3}(-[a-z0-9]{2,8})*$")),
                    name="submission_language_well_formed",
                ),
                models.CheckConstraint(
                    condition=django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("sealed"), 263281
                    ),
                    name="submission_size",
                ),
                models.CheckConstraint(
                    condition=django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("digest"), 32
                    ),
                    name="submission_digest_size",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Arrival",
        fields=[
            (
                "submission",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="arrival",
                    serialize=False,
                    to="reports.submission",
                ),
            ),
            ("received_hour", models.DateTimeField(null=True, verbose_name="received (hour)")),
            ("is_expedited", models.BooleanField(db_default=False, default=False, verbose_name="expedited")),
        ],
        options={
            "verbose_name": "arrival",
            "verbose_name_plural": "arrivals",
            "indexes": [
                models.Index(fields=["received_hour"], name="arrival_oldest"),
                models.Index(
                    condition=models.Q(("is_expedited", True)), fields=["submission"], name="arrival_expedited"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="NoticeLink",
        fields=[
            ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
            ("expires_on", models.DateField(verbose_name="valid until")),
            ("sealed", models.BinaryField()),
        ],
        options={
            "verbose_name": "link of a notice",
            "verbose_name_plural": "links of notices",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True),
                    fields=["expires_on"],
                    name="notice_link_readable",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="NoticeAnswer",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "link",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="answers",
                    to="reports.noticelink",
                ),
            ),
            ("received_at", models.DateTimeField(db_column="received_hour", verbose_name="received at")),
            (
                "key",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("digest", models.BinaryField(max_length=32, null=True)),
            ("sealed", models.BinaryField()),
            ("taken_in", models.BooleanField(db_default=False, default=False, verbose_name="taken in")),
        ],
        options={
            "verbose_name": "answer to a notice",
            "verbose_name_plural": "answers to notices",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True),
                    fields=["key", "id"],
                    name="notice_answer_readable",
                ),
                models.Index(condition=models.Q(("taken_in", False)), fields=["id"], name="notice_answer_new"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("link", "digest"), name="notice_answer_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("digest", None), ("sealed", b"")),
                        models.Q(models.Q(("sealed", b""), _negated=True), ("digest__isnull", False)),
                        _connector="OR",
                    ),
                    name="notice_answer_erased_with_digest",
                ),
                models.CheckConstraint(
                    condition=reports.models.WholeMinute("received_at"), name="notice_answer_whole_minute"
                ),
                models.CheckConstraint(
                    condition=django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("sealed"), 33905
                    ),
                    name="notice_answer_size",
                ),
                models.CheckConstraint(
                    condition=django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("digest"), 32
                    ),
                    name="notice_answer_digest_size",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SourceDay",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "source",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="countries.source"
                ),
            ),
            ("day", models.DateField(verbose_name="day")),
            ("addresses", models.PositiveIntegerField(default=0, verbose_name="addresses")),
        ],
        options={
            "verbose_name": "day of a source",
            "verbose_name_plural": "days of sources",
            "default_permissions": (),
            "constraints": [models.UniqueConstraint(fields=("source", "day"), name="source_day_once")],
        },
    ),
    migrations.CreateModel(
        name="SourceItem",
        fields=[
            (
                "receipt",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="source_item",
                    serialize=False,
                    to="reports.receipt",
                ),
            ),
            (
                "source",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="countries.source"
                ),
            ),
            (
                "key",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="countries.sourcekey",
                ),
            ),
            ("reference", models.BinaryField(max_length=32)),
            ("digest", models.BinaryField(max_length=32, null=True)),
            ("received_on", models.DateField(verbose_name="received on")),
            ("is_closed", models.BooleanField(db_default=False, default=False, verbose_name="closed")),
        ],
        options={
            "verbose_name": "report of a source",
            "verbose_name_plural": "reports of sources",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("digest__isnull", False)), fields=["received_on"], name="source_item_compared"
                )
            ],
            "constraints": [models.UniqueConstraint(fields=("source", "reference"), name="source_item_once")],
        },
    ),
    migrations.CreateModel(
        name="SourceRequest",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "source",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="countries.source"
                ),
            ),
            ("key_digest", models.BinaryField(max_length=32)),
            ("body_digest", models.BinaryField(max_length=32)),
            ("answer", models.JSONField(default=list, verbose_name="answer")),
            ("received_on", models.DateField(verbose_name="received on")),
        ],
        options={
            "verbose_name": "request of a source",
            "verbose_name_plural": "requests of sources",
            "default_permissions": (),
            "indexes": [models.Index(fields=["received_on"], name="source_request_old")],
            "constraints": [models.UniqueConstraint(fields=("source", "key_digest"), name="source_request_once")],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("reports", "0001_initial"),
    ]

    dependencies = [
        ("countries", "0001_tables"),
    ]

    operations = [CreateTables(TABLES)]
