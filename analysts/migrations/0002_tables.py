import datetime
import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.math
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import reports.models
from countries.table_creation import CreateTables

TABLES = [
    migrations.CreateModel(
        name="Agreement",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("month", models.DateField(verbose_name="month")),
            ("first", models.CharField(max_length=16, verbose_name="first review")),
            ("second", models.CharField(max_length=16, verbose_name="second review")),
            ("number", models.PositiveIntegerField(default=0, verbose_name="number")),
        ],
        options={
            "verbose_name": "agreement",
            "verbose_name_plural": "agreements",
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("month", "first", "second"), name="agreement_once_a_month"),
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="agreement_first_of_month"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CodeCorrection",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("scheme", models.CharField(max_length=24, verbose_name="code list")),
            ("code", models.CharField(max_length=40, verbose_name="our code")),
            ("target", models.CharField(blank=True, max_length=40, verbose_name="their code")),
            (
                "by",
                models.ForeignKey(
                    editable=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(editable=False, verbose_name="at")),
        ],
        options={
            "verbose_name": "code correction",
            "verbose_name_plural": "code corrections",
            "default_permissions": (),
            "constraints": [models.UniqueConstraint(fields=("scheme", "code"), name="code_correction_once")],
        },
    ),
    migrations.CreateModel(
        name="Alarm",
        fields=[
            (
                "kind",
                models.CharField(
                    choices=[
                        ("danger", "child in danger"),
                        ("volume", "unusually many reports"),
                        ("anchor", "audit log"),
                        ("coverage", "portal without analysts"),
                        ("suspend", "portal suspended by one operator"),
                        ("contacts", "contacts to check"),
                        ("approval", "approval request"),
                        ("search", "search limit"),
                    ],
                    max_length=8,
                    primary_key=True,
                    serialize=False,
                    verbose_name="kind",
                ),
            ),
            ("raised_at", models.DateTimeField(verbose_name="raised at (hour)")),
            ("raised", models.PositiveIntegerField(default=1, verbose_name="how often it was raised")),
            ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
            ("next_try_at", models.DateTimeField(verbose_name="next try at")),
            ("failed_at", models.DateTimeField(blank=True, null=True, verbose_name="failed at")),
        ],
        options={
            "verbose_name": "alarm",
            "verbose_name_plural": "alarms",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(condition=reports.models.WholeHour("raised_at"), name="alarm_raised_whole_hour"),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "kind__in",
                            ["danger", "volume", "anchor", "coverage", "suspend", "contacts", "approval", "search"],
                        )
                    ),
                    name="alarm_kind_known",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="WorkerHeartbeat",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
            ("at", models.DateTimeField(verbose_name="at")),
        ],
        options={
            "verbose_name": "heartbeat of the worker",
            "verbose_name_plural": "heartbeats of the worker",
            "default_permissions": (),
            "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="worker_heartbeat_one")],
        },
    ),
    migrations.CreateModel(
        name="PortalGrant",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="grants", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "portal",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="countries.portal"),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            ("until", models.DateTimeField(verbose_name="until")),
        ],
        options={
            "verbose_name": "portal grant",
            "verbose_name_plural": "portal grants",
            "default_permissions": (),
            "indexes": [models.Index(fields=["user", "portal", "-until"], name="portal_grant_in_force")],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("until__gt", models.F("at"))), name="portal_grant_expires")
            ],
        },
    ),
    migrations.CreateModel(
        name="CoverageGap",
        fields=[
            (
                "portal",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to="countries.portal",
                ),
            ),
            ("since", models.DateTimeField(verbose_name="since")),
        ],
        options={
            "verbose_name": "coverage gap",
            "verbose_name_plural": "coverage gaps",
            "default_permissions": (),
        },
    ),
    migrations.CreateModel(
        name="Workstation",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
            ("public_key", models.BinaryField(max_length=32, unique=True, verbose_name="public key")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="not in use since")),
            (
                "sealing_key",
                models.BinaryField(
                    blank=True, db_default=b"", default=b"", max_length=1216, verbose_name="sealing key"
                ),
            ),
        ],
        options={
            "verbose_name": "isolated workstation",
            "verbose_name_plural": "isolated workstations",
            "ordering": ["name"],
        },
    ),
    migrations.CreateModel(
        name="Batch",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("first", "first assessments"),
                        ("second", "second reviews"),
                        ("traces", "hosting traces"),
                        ("checks", "availability checks"),
                    ],
                    max_length=6,
                    verbose_name="kind",
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("drawn", "on the workstation"),
                        ("returned", "returned"),
                        ("late", "late"),
                        ("revoked", "revoked"),
                    ],
                    default="drawn",
                    max_length=8,
                    verbose_name="state",
                ),
            ),
            ("at", models.DateTimeField(verbose_name="drawn at")),
            ("until", models.DateTimeField(verbose_name="back in the queue at")),
            ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "ended_by",
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
                "workstation",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="batches",
                    to="analysts.workstation",
                ),
            ),
        ],
        options={
            "verbose_name": "batch",
            "verbose_name_plural": "batches",
            "ordering": ["-at"],
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["by", "-at"], name="batch_of_person"),
                models.Index(fields=["-at"], name="batch_latest"),
                models.Index(condition=models.Q(("state", "drawn")), fields=["until"], name="batch_leases"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "drawn")), fields=("by",), name="batch_one_open_a_person"
                ),
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["first", "second", "traces", "checks"])), name="batch_kind_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("until__gt", models.F("at")),
                        (
                            "until__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("at"), "+", models.Value(datetime.timedelta(days=1))
                            ),
                        ),
                    ),
                    name="batch_lease_within_a_day",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("ended_at", None), ("ended_by", None), ("state", "drawn")),
                        models.Q(("ended_at__isnull", False), ("ended_by", None), ("state", "late")),
                        models.Q(
                            ("ended_at__isnull", False),
                            ("ended_by__isnull", False),
                            ("state__in", ["returned", "revoked"]),
                        ),
                        _connector="OR",
                    ),
                    name="batch_ended_with_time",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Incident",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[("address", "address"), ("words", "words without an address")],
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
            (
                "address_kind",
                models.CharField(
                    blank=True,
                    choices=[
                        ("web", "web"),
                        ("onion", "hidden service (onion, I2P)"),
                        ("ip", "IP address"),
                        ("app", "app or other link"),
                    ],
                    max_length=8,
                    verbose_name="kind of address",
                ),
            ),
            ("fingerprint", models.BinaryField(max_length=32, unique=True)),
            ("site_fingerprint", models.BinaryField(blank=True, default=b"", max_length=32)),
            ("host_fingerprint", models.BinaryField(blank=True, default=b"", max_length=32)),
            ("shape", models.BinaryField(blank=True, default=b"", max_length=32)),
            ("flood", models.BinaryField(blank=True, default=b"", max_length=32)),
            (
                "key",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("sealed_address", models.BinaryField(blank=True, default=b"")),
            (
                "portals",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.BigIntegerField(), default=list, editable=False, verbose_name="portals"
                ),
            ),
            (
                "portal_languages",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=32),
                    default=list,
                    editable=False,
                    verbose_name="languages by portal",
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "waiting"),
                        ("claimed", "in review"),
                        ("assessed", "assessed"),
                        ("acting", "takedown in progress"),
                        ("closed", "closed"),
                    ],
                    default="waiting",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            ("priority", models.PositiveSmallIntegerField(default=1, verbose_name="priority")),
            (
                "priority_reasons",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=24),
                    blank=True,
                    default=list,
                    verbose_name="reasons of the priority",
                ),
            ),
            ("child_in_danger", models.BooleanField(default=False, verbose_name="child in danger now")),
            ("first_sighted", models.DateTimeField(verbose_name="first sighted (hour)")),
            ("last_sighted", models.DateTimeField(verbose_name="last sighted (hour)")),
            ("waiting_since", models.DateTimeField(verbose_name="waiting since (hour)")),
            (
                "claimed_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="claims",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("claimed_until", models.DateTimeField(blank=True, null=True, verbose_name="claimed until")),
            ("fence", models.PositiveIntegerField(default=0, verbose_name="claim number")),
            ("round", models.PositiveSmallIntegerField(default=1, verbose_name="round")),
            (
                "stage",
                models.CharField(
                    choices=[
                        ("first", "first review"),
                        ("second", "second review"),
                        ("senior", "decision by a senior analyst"),
                    ],
                    default="first",
                    max_length=6,
                    verbose_name="review stage",
                ),
            ),
            (
                "severity",
                models.CharField(
                    blank=True,
                    choices=[
                        ("A", "A: penetrative, animal or sadism"),
                        ("B", "B: non-penetrative"),
                        ("C", "C: other indecent"),
                        ("P", "Prohibited: non-photographic"),
                    ],
                    max_length=1,
                    verbose_name="severity",
                ),
            ),
            (
                "notices",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[("severe", "category A"), ("young", "very young children"), ("violence", "violence")],
                        max_length=8,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="content warnings",
                ),
            ),
            (
                "merged_into",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="merged",
                    to="analysts.incident",
                ),
            ),
            ("answers_from", models.PositiveSmallIntegerField(default=1, verbose_name="verdicts count from round")),
            ("reopens_at", models.DateTimeField(blank=True, null=True, verbose_name="reopens at")),
            ("unpublished", models.BooleanField(default=False, verbose_name="not yet published")),
            (
                "closing",
                models.CharField(
                    blank=True,
                    choices=[
                        ("gone", "content confirmed removed"),
                        ("not_actioned", "no action taken"),
                        ("exhausted", "no further action possible"),
                        ("merged", "merged into another incident"),
                    ],
                    max_length=12,
                    verbose_name="closed as",
                ),
            ),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
            (
                "batch",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="claims",
                    to="analysts.batch",
                ),
            ),
            (
                "record_key",
                models.PositiveSmallIntegerField(
                    db_default=django.db.models.functions.math.Floor(
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.functions.math.Random(), "*", models.Value(256)
                        )
                    ),
                    editable=False,
                    null=True,
                    verbose_name="record key",
                ),
            ),
        ],
        options={
            "verbose_name": "incident",
            "verbose_name_plural": "incidents",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    models.OrderBy(models.F("priority"), descending=True),
                    models.F("waiting_since"),
                    models.F("id"),
                    condition=models.Q(("state", "waiting")),
                    name="incident_queue",
                ),
                django.contrib.postgres.indexes.GinIndex(
                    condition=models.Q(("state", "closed"), _negated=True), fields=["portals"], name="incident_portals"
                ),
                django.contrib.postgres.indexes.GinIndex(
                    condition=models.Q(("state", "closed"), _negated=True),
                    fields=["portal_languages"],
                    name="incident_languages",
                ),
                django.contrib.postgres.indexes.GinIndex(
                    condition=models.Q(("state__in", ["assessed", "acting"])),
                    fields=["portals"],
                    name="incident_acting_portals",
                ),
                models.Index(condition=models.Q(("state", "claimed")), fields=["claimed_by"], name="incident_claims"),
                models.Index(
                    condition=models.Q(("state", "claimed")), fields=["claimed_until"], name="incident_leases"
                ),
                models.Index(fields=["site_fingerprint", "-last_sighted"], name="incident_site"),
                models.Index(
                    condition=models.Q(("sealed_address", b""), _negated=True),
                    fields=["key", "id"],
                    name="incident_readable",
                ),
                models.Index(
                    models.OrderBy(models.F("priority"), descending=True),
                    models.F("waiting_since"),
                    models.F("id"),
                    condition=models.Q(("child_in_danger", True), ("state__in", ["waiting", "claimed"])),
                    name="incident_danger",
                ),
                models.Index(fields=["shape", "-first_sighted"], name="incident_shape"),
                models.Index(
                    condition=models.Q(("priority", 0), ("state", "waiting")),
                    fields=["flood", "waiting_since", "id"],
                    include=("portals", "portal_languages"),
                    name="incident_members",
                ),
                models.Index(
                    condition=models.Q(("child_in_danger", True), ("priority", 0), ("state", "waiting")),
                    fields=["flood", "waiting_since", "id"],
                    name="incident_flood_danger",
                ),
                models.Index(
                    condition=models.Q(
                        ("priority", 0),
                        ("state__in", ["waiting", "claimed"]),
                        models.Q(("site_fingerprint", b""), _negated=True),
                    ),
                    fields=["site_fingerprint"],
                    name="incident_folded_site",
                ),
                models.Index(
                    condition=models.Q(
                        ("round__gt", 1),
                        ("state__in", ["waiting", "claimed"]),
                        models.Q(("site_fingerprint", b""), _negated=True),
                    ),
                    fields=["site_fingerprint"],
                    name="incident_reopened_site",
                ),
                models.Index(
                    condition=models.Q(("host_fingerprint", b""), _negated=True),
                    fields=["host_fingerprint", "-last_sighted"],
                    name="incident_host",
                ),
                models.Index(
                    condition=models.Q(
                        models.Q(("notices", []), _negated=True), models.Q(("site_fingerprint", b""), _negated=True)
                    ),
                    fields=["site_fingerprint", "-last_sighted"],
                    name="incident_noticed",
                ),
                models.Index(
                    condition=models.Q(
                        models.Q(("severity", ""), _negated=True), models.Q(("site_fingerprint", b""), _negated=True)
                    ),
                    fields=["site_fingerprint"],
                    name="incident_illegal",
                ),
                models.Index(
                    condition=models.Q(("merged_into__isnull", False)), fields=["merged_into"], name="incident_merged"
                ),
                models.Index(condition=models.Q(("unpublished", True)), fields=["id"], name="incident_unpublished"),
                models.Index(
                    condition=models.Q(("reopens_at__isnull", False)),
                    fields=["reopens_at", "id"],
                    name="incident_reopens",
                ),
                models.Index(
                    condition=models.Q(("state__in", ["assessed", "acting"])),
                    fields=["-last_sighted"],
                    name="incident_acting",
                ),
                models.Index(condition=models.Q(("batch__isnull", False)), fields=["batch"], name="incident_batch"),
                models.Index(
                    condition=models.Q(("merged_into__isnull", False)), fields=["closed_on"], name="incident_merged_on"
                ),
                models.Index(
                    condition=models.Q(
                        models.Q(
                            ("state__in", ["assessed", "acting"]),
                            models.Q(("round__gt", 1), ("state__in", ["waiting", "claimed"])),
                            _connector="OR",
                        ),
                        models.Q(("host_fingerprint", b""), _negated=True),
                    ),
                    fields=["host_fingerprint"],
                    name="incident_takedowns_of_host",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["waiting", "claimed", "assessed", "acting", "closed"])),
                    name="incident_state_known",
                ),
                models.CheckConstraint(condition=models.Q(("priority__lte", 10)), name="incident_priority_0_to_10"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("flood", b""), ("priority__gt", 0)),
                        models.Q(models.Q(("flood", b""), _negated=True), ("priority", 0)),
                        _connector="OR",
                    ),
                    name="incident_flood_is_lowest",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("claimed_by__isnull", False), ("claimed_until__isnull", False), ("state", "claimed")),
                        models.Q(
                            models.Q(("state", "claimed"), _negated=True),
                            ("claimed_by__isnull", True),
                            ("claimed_until__isnull", True),
                        ),
                        _connector="OR",
                    ),
                    name="incident_claimed_has_holder",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("closed_on__isnull", False),
                            ("closing__in", ["gone", "not_actioned", "exhausted", "merged"]),
                            ("state", "closed"),
                        ),
                        models.Q(
                            models.Q(("state", "closed"), _negated=True), ("closed_on__isnull", True), ("closing", "")
                        ),
                        _connector="OR",
                    ),
                    name="incident_closed_has_closing",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("closing", "merged"), ("merged_into__isnull", False)),
                        models.Q(models.Q(("closing", "merged"), _negated=True), ("merged_into__isnull", True)),
                        _connector="OR",
                    ),
                    name="incident_merged_into_another",
                ),
                models.CheckConstraint(
                    condition=models.Q(("merged_into", models.F("id")), _negated=True),
                    name="incident_not_merged_into_itself",
                ),
                models.CheckConstraint(
                    condition=models.Q(("stage__in", ["first", "second", "senior"])), name="incident_stage_known"
                ),
                models.CheckConstraint(condition=models.Q(("round__gte", 1)), name="incident_round_from_one"),
                models.CheckConstraint(
                    condition=models.Q(("answers_from__lte", models.F("round"))),
                    name="incident_answers_from_known_round",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("key__isnull", True), ("kind", "words")),
                        models.Q(("key__isnull", False), ("kind", "address")),
                        _connector="OR",
                    ),
                    name="incident_address_is_sealed",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        reports.models.WholeHour("first_sighted"),
                        reports.models.WholeHour("last_sighted"),
                        reports.models.WholeHour("waiting_since"),
                    ),
                    name="incident_whole_hours",
                ),
                models.CheckConstraint(
                    condition=models.Q(("batch", None), ("state", "claimed"), _connector="OR"),
                    name="incident_batch_while_claimed",
                ),
                models.CheckConstraint(
                    condition=models.Q(("batch", None), ("child_in_danger", False), _connector="OR"),
                    name="incident_batch_without_danger",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="FloodFolding",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("flood", models.BinaryField(max_length=32, unique=True)),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("invented", "the addresses seem invented"),
                        ("repeated", "the same content under many addresses"),
                        ("unreachable", "none of the pages checked exists"),
                    ],
                    max_length=12,
                    verbose_name="reason",
                ),
            ),
            ("number", models.PositiveIntegerField(verbose_name="number")),
        ],
        options={
            "verbose_name": "folding by hand",
            "verbose_name_plural": "foldings by hand",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("reason__in", ["invented", "repeated", "unreachable"])),
                    name="flood_folding_reason_known",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="FloodSample",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("flood", models.BinaryField(max_length=32)),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            ("seed", models.BinaryField(max_length=32)),
            (
                "population",
                django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), verbose_name="incidents"),
            ),
            ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="asked at")),
            (
                "verdict",
                models.CharField(
                    blank=True,
                    choices=[
                        ("illegal", "illegal"),
                        ("not_illegal", "not illegal"),
                        ("not_assessed", "could not assess"),
                        ("outside_remit", "outside remit"),
                    ],
                    max_length=16,
                    verbose_name="verdict",
                ),
            ),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("content_not_found", "content not found"),
                        ("referrer_wrong", "referrer unknown or wrong"),
                        ("unable_to_access", "unable to access"),
                        ("password_protected", "password protected"),
                        ("account_disabled", "account disabled"),
                        ("legally_unable", "legally unable to access"),
                        ("link_expired", "link expired"),
                        ("site_down", "404 or site down"),
                        ("temporarily_down", "503 or temporarily unavailable"),
                        ("premium_needed", "premium account needed"),
                        ("missing_parts", "missing parts to open file"),
                        ("removed_before", "removed before assessment"),
                        ("adult", "adults only"),
                        ("not_sexualised", "nudism or not sexualised"),
                        ("below_threshold", "below the threshold for illegality"),
                        ("too_small", "images too small"),
                        ("virtual", "virtual material"),
                        ("link_list", "linking or link lists not illegal"),
                        ("age_unclear", "age unclear"),
                        ("age_over", "age over the national threshold"),
                        ("other", "other"),
                    ],
                    max_length=20,
                    verbose_name="reason",
                ),
            ),
            ("declined_at", models.DateTimeField(blank=True, null=True, verbose_name="declined at")),
            (
                "declined_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "decline_reason",
                models.CharField(
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
            ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
        ],
        options={
            "verbose_name": "sample of similar reports",
            "verbose_name_plural": "samples of similar reports",
            "default_permissions": (),
            "indexes": [models.Index(fields=["flood", "-at"], name="flood_sample_of_flood")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)), fields=("flood", "by"), name="flood_sample_one_unfinished"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("asked_at", None), ("reason", ""), ("verdict", "")),
                        models.Q(
                            ("asked_at__isnull", False),
                            models.Q(("verdict", ""), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="flood_sample_asked_with_decision",
                ),
                models.CheckConstraint(
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
                models.CheckConstraint(
                    condition=models.Q(
                        ("declined_by", None), models.Q(("declined_by", models.F("by")), _negated=True), _connector="OR"
                    ),
                    name="flood_sample_declined_by_another",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="FloodSampleItem",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "sample",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="items", to="analysts.floodsample"
                ),
            ),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="analysts.incident"
                ),
            ),
            ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened at")),
        ],
        options={
            "verbose_name": "incident of a sample",
            "verbose_name_plural": "incidents of a sample",
            "default_permissions": (),
            "constraints": [models.UniqueConstraint(fields=("sample", "incident"), name="flood_sample_item_once")],
        },
    ),
    migrations.CreateModel(
        name="BulkClosing",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("flood", models.BinaryField(max_length=32)),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            (
                "verdict",
                models.CharField(
                    choices=[
                        ("illegal", "illegal"),
                        ("not_illegal", "not illegal"),
                        ("not_assessed", "could not assess"),
                        ("outside_remit", "outside remit"),
                    ],
                    max_length=16,
                    verbose_name="verdict",
                ),
            ),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("content_not_found", "content not found"),
                        ("referrer_wrong", "referrer unknown or wrong"),
                        ("unable_to_access", "unable to access"),
                        ("password_protected", "password protected"),
                        ("account_disabled", "account disabled"),
                        ("legally_unable", "legally unable to access"),
                        ("link_expired", "link expired"),
                        ("site_down", "404 or site down"),
                        ("temporarily_down", "503 or temporarily unavailable"),
                        ("premium_needed", "premium account needed"),
                        ("missing_parts", "missing parts to open file"),
                        ("removed_before", "removed before assessment"),
                        ("adult", "adults only"),
                        ("not_sexualised", "nudism or not sexualised"),
                        ("below_threshold", "below the threshold for illegality"),
                        ("too_small", "images too small"),
                        ("virtual", "virtual material"),
                        ("link_list", "linking or link lists not illegal"),
                        ("age_unclear", "age unclear"),
                        ("age_over", "age over the national threshold"),
                        ("other", "other"),
                    ],
                    max_length=20,
                    verbose_name="reason",
                ),
            ),
            ("number", models.PositiveIntegerField(verbose_name="number")),
            (
                "sample",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="closing",
                    to="analysts.floodsample",
                ),
            ),
            (
                "approved_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone at")),
            (
                "undone_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "bulk closing",
            "verbose_name_plural": "bulk closings",
            "ordering": ["-at"],
            "default_permissions": (),
            "indexes": [models.Index(fields=["-at"], name="bulk_closing_latest")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("verdict", "illegal"), _negated=True), name="bulk_closing_never_illegal"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("undone_at__isnull", True), ("undone_by__isnull", True)),
                        models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="bulk_closing_undone_by_somebody",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("approved_by__isnull", True),
                        models.Q(("approved_by", models.F("by")), _negated=True),
                        _connector="OR",
                    ),
                    name="bulk_closing_approved_by_another",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Assessment",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="assessments", to="analysts.incident"
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            ("round", models.PositiveSmallIntegerField(default=1, verbose_name="round")),
            (
                "stage",
                models.CharField(
                    choices=[
                        ("first", "first review"),
                        ("second", "second review"),
                        ("senior", "decision by a senior analyst"),
                    ],
                    default="first",
                    max_length=6,
                    verbose_name="review stage",
                ),
            ),
            (
                "verdict",
                models.CharField(
                    choices=[
                        ("illegal", "illegal"),
                        ("not_illegal", "not illegal"),
                        ("not_assessed", "could not assess"),
                        ("outside_remit", "outside remit"),
                    ],
                    max_length=16,
                    verbose_name="verdict",
                ),
            ),
            (
                "severity",
                models.CharField(
                    blank=True,
                    choices=[
                        ("A", "A: penetrative, animal or sadism"),
                        ("B", "B: non-penetrative"),
                        ("C", "C: other indecent"),
                        ("P", "Prohibited: non-photographic"),
                    ],
                    max_length=1,
                    verbose_name="severity",
                ),
            ),
            (
                "age_band",
                models.CharField(
                    blank=True,
                    choices=[
                        ("0-2", "0–2"),
                        ("3-6", "3–6"),
                        ("7-10", "7–10"),
                        ("11-13", "11–13"),
                        ("14-15", "14–15"),
                        ("16-17", "16–17"),
                    ],
                    max_length=5,
                    verbose_name="age of the youngest child",
                ),
            ),
            (
                "sex",
                models.CharField(
                    blank=True,
                    choices=[
                        ("girls", "girls"),
                        ("boys", "boys"),
                        ("both", "both"),
                        ("not_identifiable", "not identifiable"),
                    ],
                    max_length=16,
                    verbose_name="sex",
                ),
            ),
            (
                "site_type",
                models.CharField(
                    choices=[
                        ("not_determined", "not determined"),
                        ("website", "website"),
                        ("file_host", "file host (cyberlocker)"),
                        ("image_store", "image store"),
                        ("image_host", "image host"),
                        ("image_board", "image board"),
                        ("forum", "forum"),
                        ("banner_site", "banner site"),
                        ("link_site", "link site"),
                        ("social_network", "social network"),
                        ("redirector", "redirector"),
                        ("web_archive", "web archive"),
                        ("search_provider", "search provider"),
                        ("blog", "blog"),
                        ("messaging", "messaging"),
                        ("hacked_site", "hacked site"),
                        ("not_applicable", "not applicable"),
                    ],
                    default="not_determined",
                    max_length=16,
                    verbose_name="site type",
                ),
            ),
            (
                "commerciality",
                models.CharField(
                    choices=[
                        ("not_determined", "not determined"),
                        ("commercial", "commercial"),
                        ("non_commercial", "non-commercial"),
                    ],
                    default="not_determined",
                    max_length=16,
                    verbose_name="commerciality",
                ),
            ),
            (
                "payment",
                models.CharField(
                    blank=True,
                    choices=[
                        ("not_determined", "not determined"),
                        ("card", "bank or credit card"),
                        ("crypto", "cryptocurrency"),
                        ("transfer", "bank transfer"),
                        ("mobile", "mobile money or phone bill"),
                        ("voucher", "voucher or gift card"),
                        ("service", "online payment service"),
                        ("points", "points or the site’s own currency"),
                    ],
                    max_length=16,
                    verbose_name="payment",
                ),
            ),
            (
                "content_kind",
                models.CharField(
                    choices=[
                        ("not_determined", "not determined"),
                        ("image", "image"),
                        ("video", "video"),
                        ("live_stream", "live stream"),
                        ("text", "text"),
                        ("several", "several of these"),
                    ],
                    default="not_determined",
                    max_length=16,
                    verbose_name="kind of content",
                ),
            ),
            (
                "found_on",
                models.CharField(
                    choices=[
                        ("not_determined", "not determined"),
                        ("web_page", "Web page"),
                        ("social_network", "Social network"),
                        ("chat", "App or private chat"),
                        ("image_host", "Site for pictures"),
                        ("forum", "Forum"),
                        ("file_sharing", "File sharing"),
                        ("newsgroup", "Newsgroup"),
                        ("search_result", "Search result"),
                        ("email", "E-mail"),
                    ],
                    default="not_determined",
                    max_length=16,
                    verbose_name="found on",
                ),
            ),
            (
                "flags",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("self_generated", "self-generated"),
                            ("sextortion", "sexually coerced extortion"),
                            ("ai_generated", "AI-generated"),
                            ("several_children", "several children"),
                            ("drawn", "virtual or drawn"),
                            ("child_modelling", "child modelling"),
                        ],
                        max_length=16,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="flags",
                ),
            ),
            (
                "notices",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[("severe", "category A"), ("young", "very young children"), ("violence", "violence")],
                        max_length=8,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="content warnings",
                ),
            ),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("content_not_found", "content not found"),
                        ("referrer_wrong", "referrer unknown or wrong"),
                        ("unable_to_access", "unable to access"),
                        ("password_protected", "password protected"),
                        ("account_disabled", "account disabled"),
                        ("legally_unable", "legally unable to access"),
                        ("link_expired", "link expired"),
                        ("site_down", "404 or site down"),
                        ("temporarily_down", "503 or temporarily unavailable"),
                        ("premium_needed", "premium account needed"),
                        ("missing_parts", "missing parts to open file"),
                        ("removed_before", "removed before assessment"),
                        ("adult", "adults only"),
                        ("not_sexualised", "nudism or not sexualised"),
                        ("below_threshold", "below the threshold for illegality"),
                        ("too_small", "images too small"),
                        ("virtual", "virtual material"),
                        ("link_list", "linking or link lists not illegal"),
                        ("age_unclear", "age unclear"),
                        ("age_over", "age over the national threshold"),
                        ("other", "other"),
                    ],
                    max_length=20,
                    verbose_name="reason",
                ),
            ),
            (
                "bulk",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="assessments",
                    to="analysts.bulkclosing",
                ),
            ),
            ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone at")),
            (
                "undone_by",
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
                "undo_reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("slip", "recorded by mistake"),
                        ("other_incident", "meant for another incident"),
                        ("looked_again", "reassessed"),
                        ("advice", "advice from a colleague"),
                    ],
                    max_length=16,
                    verbose_name="reason for undoing",
                ),
            ),
        ],
        options={
            "verbose_name": "assessment",
            "verbose_name_plural": "assessments",
            "ordering": ["-at"],
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["incident", "-at"], name="assessment_latest"),
                models.Index(fields=["by", "-at"], name="assessment_of_person"),
                models.Index(fields=["at"], name="assessment_at"),
                models.Index(
                    condition=models.Q(("undone_at__isnull", False)), fields=["undone_at"], name="assessment_undone"
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("verdict__in", ["illegal", "not_illegal", "not_assessed", "outside_remit"])),
                    name="assessment_verdict_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("age_band__in", ["0-2", "3-6", "7-10", "11-13", "14-15", "16-17"]),
                            ("reason", ""),
                            ("severity__in", ["A", "B", "C", "P"]),
                            ("sex__in", ["girls", "boys", "both", "not_identifiable"]),
                            ("verdict", "illegal"),
                        ),
                        models.Q(
                            models.Q(("verdict", "illegal"), _negated=True),
                            ("age_band", ""),
                            (
                                "reason__in",
                                [
                                    "content_not_found",
                                    "referrer_wrong",
                                    "unable_to_access",
                                    "password_protected",
                                    "account_disabled",
                                    "legally_unable",
                                    "link_expired",
                                    "site_down",
                                    "temporarily_down",
                                    "premium_needed",
                                    "missing_parts",
                                    "removed_before",
                                    "adult",
                                    "not_sexualised",
                                    "below_threshold",
                                    "too_small",
                                    "virtual",
                                    "link_list",
                                    "age_unclear",
                                    "age_over",
                                    "other",
                                ],
                            ),
                            ("severity", ""),
                            ("sex", ""),
                        ),
                        _connector="OR",
                    ),
                    name="assessment_classified_or_reasoned",
                    violation_error_message="An illegal verdict needs severity, age and sex; any other verdict needs a reason.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("reason", ""),
                        models.Q(
                            (
                                "reason__in",
                                [
                                    "adult",
                                    "age_over",
                                    "age_unclear",
                                    "below_threshold",
                                    "link_list",
                                    "not_sexualised",
                                    "other",
                                    "too_small",
                                    "virtual",
                                ],
                            ),
                            ("verdict", "not_illegal"),
                        ),
                        models.Q(
                            (
                                "reason__in",
                                [
                                    "account_disabled",
                                    "age_unclear",
                                    "content_not_found",
                                    "legally_unable",
                                    "link_expired",
                                    "missing_parts",
                                    "other",
                                    "password_protected",
                                    "premium_needed",
                                    "referrer_wrong",
                                    "removed_before",
                                    "site_down",
                                    "temporarily_down",
                                    "too_small",
                                    "unable_to_access",
                                ],
                            ),
                            ("verdict", "not_assessed"),
                        ),
                        models.Q(
                            (
                                "reason__in",
                                [
                                    "adult",
                                    "age_over",
                                    "below_threshold",
                                    "link_list",
                                    "not_sexualised",
                                    "other",
                                    "virtual",
                                ],
                            ),
                            ("verdict", "outside_remit"),
                        ),
                        _connector="OR",
                    ),
                    name="assessment_reason_of_verdict",
                    violation_error_message="This reason does not apply to this verdict.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("severity", "P"), _negated=True), ("flags__contains", ["drawn"]), _connector="OR"
                    ),
                    name="assessment_prohibited_is_drawn",
                    violation_error_message="Prohibited images are not photographs: flag them as virtual or drawn.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("commerciality", "commercial"),
                            (
                                "payment__in",
                                [
                                    "not_determined",
                                    "card",
                                    "crypto",
                                    "transfer",
                                    "mobile",
                                    "voucher",
                                    "service",
                                    "points",
                                ],
                            ),
                        ),
                        models.Q(models.Q(("commerciality", "commercial"), _negated=True), ("payment", "")),
                        _connector="OR",
                    ),
                    name="assessment_payment_if_commercial",
                    violation_error_message="Commercial content needs a payment method; other content must not have one.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("commerciality__in", ["not_determined", "commercial", "non_commercial"]),
                        ("content_kind__in", ["not_determined", "image", "video", "live_stream", "text", "several"]),
                        (
                            "flags__contained_by",
                            [
                                "self_generated",
                                "sextortion",
                                "ai_generated",
                                "several_children",
                                "drawn",
                                "child_modelling",
                            ],
                        ),
                        (
                            "found_on__in",
                            [
                                "not_determined",
                                "web_page",
                                "social_network",
                                "chat",
                                "image_host",
                                "forum",
                                "file_sharing",
                                "newsgroup",
                                "search_result",
                                "email",
                            ],
                        ),
                        ("notices__contained_by", ["severe", "young", "violence"]),
                        (
                            "site_type__in",
                            [
                                "not_determined",
                                "website",
                                "file_host",
                                "image_store",
                                "image_host",
                                "image_board",
                                "forum",
                                "banner_site",
                                "link_site",
                                "social_network",
                                "redirector",
                                "web_archive",
                                "search_provider",
                                "blog",
                                "messaging",
                                "hacked_site",
                                "not_applicable",
                            ],
                        ),
                        ("stage__in", ["first", "second", "senior"]),
                    ),
                    name="assessment_codes_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("undo_reason", ""), ("undone_at__isnull", True), ("undone_by__isnull", True)),
                        models.Q(
                            ("undo_reason__in", ["slip", "other_incident", "looked_again", "advice"]),
                            ("undone_at__isnull", False),
                            ("undone_by__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="assessment_undone_by_somebody",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("undone_at", None)),
                    fields=("incident", "round", "stage"),
                    name="assessment_once_a_stage",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("undone_at", None)),
                    fields=("incident", "round", "by"),
                    name="assessment_once_a_person",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Delay",
        fields=[
            ("bucket", models.PositiveIntegerField(primary_key=True, serialize=False, verbose_name="bucket")),
            (
                "failures",
                models.PositiveSmallIntegerField(default=0, verbose_name="failed attempts, one under way included"),
            ),
            ("until", models.DateTimeField(verbose_name="no attempt before")),
            (
                "unrecorded",
                models.PositiveIntegerField(default=0, verbose_name="failed attempts that are not on record yet"),
            ),
        ],
        options={
            "verbose_name": "delay",
            "verbose_name_plural": "delays",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(condition=models.Q(("bucket__lt", 262144)), name="delay_bucket_bounded")
            ],
        },
    ),
    migrations.CreateModel(
        name="Report",
        fields=[
            (
                "receipt",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="report",
                    serialize=False,
                    to="reports.receipt",
                ),
            ),
            (
                "portal",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="countries.portal"),
            ),
            ("language", models.CharField(max_length=12, verbose_name="language")),
            ("received_hour", models.DateTimeField(verbose_name="received (hour)")),
            (
                "facts",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("child_in_danger", "says a child is in danger now"),
                            ("child_known", "says the child or the suspect is known"),
                            ("login_needed", "a login is needed"),
                            ("payment_needed", "payment is needed"),
                            ("live_stream", "a live stream"),
                            ("unreadable", "an envelope could not be opened"),
                            ("many_addresses", "names more addresses than can be queued one by one"),
                        ],
                        max_length=16,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="facts selected by the reporter",
                ),
            ),
            ("unpublished", models.BooleanField(default=True, verbose_name="not yet published")),
            (
                "record_key",
                models.PositiveSmallIntegerField(
                    db_default=django.db.models.functions.math.Floor(
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.functions.math.Random(), "*", models.Value(256)
                        )
                    ),
                    editable=False,
                    null=True,
                    verbose_name="record key",
                ),
            ),
        ],
        options={
            "verbose_name": "report",
            "verbose_name_plural": "reports",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("unpublished", True)), fields=["received_hour"], name="report_unpublished"
                ),
                models.Index(fields=["portal", "-received_hour"], name="report_portal"),
                models.Index(fields=["received_hour"], name="report_received"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=reports.models.WholeHour("received_hour"), name="report_received_whole_hour"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Sighting",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="sightings", to="analysts.incident"
                ),
            ),
            (
                "report",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="sightings", to="analysts.report"
                ),
            ),
            ("referrer_fingerprint", models.BinaryField(blank=True, default=b"", max_length=32)),
            ("round", models.PositiveSmallIntegerField(default=1, verbose_name="answered from round")),
            (
                "merged_from",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.incident",
                ),
            ),
            (
                "key",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("sealed_address", models.BinaryField(blank=True, default=b"")),
            (
                "portal",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="countries.portal"),
            ),
            ("is_repeat", models.BooleanField(db_default=False, default=False, verbose_name="reported before")),
        ],
        options={
            "verbose_name": "sighting",
            "verbose_name_plural": "sightings",
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["incident", "portal"], name="sighting_portal"),
                models.Index(
                    condition=models.Q(("sealed_address", b""), _negated=True),
                    fields=["key", "id"],
                    name="sighting_readable",
                ),
                models.Index(
                    condition=models.Q(("referrer_fingerprint", b""), _negated=True),
                    fields=["referrer_fingerprint"],
                    name="sighting_referrer",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("incident", "report"), name="sighting_once"),
                models.CheckConstraint(condition=models.Q(("round__gte", 1)), name="sighting_round_from_one"),
                models.CheckConstraint(
                    condition=models.Q(("sealed_address", b""), ("key__isnull", False), _connector="OR"),
                    name="sighting_sealed_has_key",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Note",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notes",
                    to="analysts.incident",
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            ("claim", models.PositiveIntegerField(blank=True, null=True, verbose_name="claim number")),
            (
                "key",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("sealed", models.BinaryField(default=b"")),
        ],
        options={
            "verbose_name": "note",
            "verbose_name_plural": "notes",
            "ordering": ["at"],
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["incident", "at"], name="note_of_incident"),
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True), fields=["key", "id"], name="note_readable"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Draft",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="drafts",
                    to="analysts.incident",
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("act", models.CharField(max_length=48, verbose_name="act")),
            ("at", models.DateTimeField(verbose_name="at")),
            (
                "key",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("sealed", models.BinaryField(default=b"")),
        ],
        options={
            "verbose_name": "draft",
            "verbose_name_plural": "drafts",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True), fields=["key", "id"], name="draft_readable"
                ),
                models.Index(fields=["at"], name="draft_oldest"),
            ],
            "constraints": [models.UniqueConstraint(fields=("incident", "by", "act"), name="draft_once_an_act")],
        },
    ),
    migrations.CreateModel(
        name="Question",
        fields=[
            (
                "message",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to="reports.message",
                ),
            ),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="questions", to="analysts.incident"
                ),
            ),
            (
                "report",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="questions", to="analysts.report"
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("answered", models.BooleanField(default=False, verbose_name="answered")),
            ("read", models.BooleanField(default=False, verbose_name="read")),
        ],
        options={
            "verbose_name": "question",
            "verbose_name_plural": "questions",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("answered", True), ("read", False)),
                    fields=["message"],
                    name="question_unread_answer",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Skip",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.incident",
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
        ],
        options={
            "verbose_name": "skip",
            "verbose_name_plural": "skips",
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["incident", "by", "-at"], name="skip_of_incident"),
                models.Index(fields=["at"], name="skip_oldest"),
            ],
        },
    ),
    migrations.CreateModel(
        name="EntryCode",
        fields=[
            (
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("first_half", models.CharField(max_length=64, verbose_name="hash of the first half")),
            ("second_half", models.CharField(blank=True, max_length=64, verbose_name="hash of the second half")),
            ("until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
        ],
        options={
            "verbose_name": "entry code",
            "verbose_name_plural": "entry codes",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("second_half", ""), ("until", None)),
                        models.Q(models.Q(("second_half", ""), _negated=True), ("until__isnull", False)),
                        _connector="OR",
                    ),
                    name="entry_code_valid_when_whole",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Hold",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="analysts.incident"
                ),
            ),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("police", "requested by the police"),
                        ("court", "ordered by a court or prosecutor"),
                        ("complaint", "a complaint or claim is open"),
                        ("other", "other"),
                    ],
                    max_length=12,
                    verbose_name="reason",
                ),
            ),
            ("note", models.CharField(blank=True, max_length=120, verbose_name="note")),
            ("review_on", models.DateField(verbose_name="review due on")),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            (
                "released_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
        ],
        options={
            "verbose_name": "legal hold",
            "verbose_name_plural": "legal holds",
            "ordering": ["at"],
            "default_permissions": (),
            "indexes": [
                models.Index(condition=models.Q(("released_at", None)), fields=["review_on"], name="hold_review")
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("released_at", None)), fields=("incident",), name="hold_once_at_a_time"
                ),
                models.CheckConstraint(
                    condition=models.Q(("reason__in", ["police", "court", "complaint", "other"])),
                    name="hold_reason_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("released_at__isnull", True), ("released_by__isnull", True)),
                        models.Q(("released_at__isnull", False), ("released_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="hold_released_by_somebody",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Recipient",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("host", "hosting provider"),
                        ("owner", "site owner"),
                        ("registrar", "registrar"),
                        ("platform", "platform’s trust and safety team"),
                        ("police", "police"),
                        ("hotline", "hotline"),
                    ],
                    max_length=10,
                    verbose_name="kind",
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="name")),
            ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
            (
                "channel",
                models.CharField(
                    choices=[
                        ("email", "e-mail"),
                        ("link", "their own web form"),
                        ("by_hand", "manual: telephone, letter or their own system"),
                    ],
                    default="email",
                    max_length=8,
                    verbose_name="channel",
                ),
            ),
            ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
            ("form_address", models.CharField(blank=True, max_length=300, verbose_name="address of the web form")),
            (
                "defang",
                models.BooleanField(
                    default=False,
                    help_text="hxxps://host[.]tld/… instead of https://host.tld/…",
                    verbose_name="wants addresses defanged",
                ),
            ),
            (
                "languages",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=12), blank=True, default=list, verbose_name="languages"
                ),
            ),
            ("time_zone", models.CharField(default="UTC", max_length=40, verbose_name="time zone")),
            ("works_from", models.TimeField(blank=True, null=True, verbose_name="works from")),
            ("works_until", models.TimeField(blank=True, null=True, verbose_name="works until")),
            (
                "workdays",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.PositiveSmallIntegerField(), blank=True, default=list, verbose_name="workdays"
                ),
            ),
            (
                "blocked_days",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.DateField(),
                    blank=True,
                    default=list,
                    help_text="Days on which nothing is sent to them, such as public holidays.",
                    verbose_name="blocked days",
                ),
            ),
            (
                "source",
                models.CharField(
                    blank=True, help_text="Where these details were found.", max_length=300, verbose_name="source"
                ),
            ),
            ("verified_on", models.DateField(blank=True, null=True, verbose_name="verified on")),
            (
                "verified_by",
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
                "changed_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("changed_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="changed at")),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="not in use since")),
        ],
        options={
            "verbose_name": "recipient",
            "verbose_name_plural": "recipients",
            "ordering": ["kind", "name"],
            "indexes": [
                models.Index(fields=["country", "kind"], name="recipient_country"),
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.search.SearchVector("name", config="simple"), name="recipient_words"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    models.F("kind"),
                    django.db.models.functions.text.Lower("name"),
                    name="recipient_once",
                    violation_error_message="A recipient with this type and name already exists.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("channel__in", ["email", "link", "by_hand"]),
                        ("kind__in", ["host", "owner", "registrar", "platform", "police", "hotline"]),
                    ),
                    name="recipient_codes_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("verified_by__isnull", True), ("verified_on__isnull", True)),
                        models.Q(("verified_by__isnull", False), ("verified_on__isnull", False)),
                        _connector="OR",
                    ),
                    name="recipient_verified_by_somebody",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("verified_by__isnull", True),
                        ("changed_by__isnull", True),
                        models.Q(("verified_by", models.F("changed_by")), _negated=True),
                        _connector="OR",
                    ),
                    name="recipient_verified_by_another",
                    violation_error_message="The person who entered a recipient cannot verify it.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("verified_on__isnull", True),
                        models.Q(("channel", "email"), models.Q(("email", ""), _negated=True)),
                        models.Q(("channel", "link"), models.Q(("form_address", ""), _negated=True)),
                        ("channel", "by_hand"),
                        _connector="OR",
                    ),
                    name="recipient_verified_is_reachable",
                    violation_error_message="Enter contact details before verifying the recipient.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("works_from__isnull", True), ("works_until__isnull", True)),
                        models.Q(
                            ("works_from__isnull", False),
                            ("works_from__lt", models.F("works_until")),
                            ("works_until__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="recipient_hours_in_order",
                    violation_error_message="Working hours must end after they begin, on the same day.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("workdays__contained_by", [0, 1, 2, 3, 4, 5, 6])),
                    name="recipient_workdays_of_a_week",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="HostingTrace",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="traces",
                    to="analysts.incident",
                ),
            ),
            (
                "method",
                models.CharField(
                    choices=[
                        ("dns", "DNS look-up"),
                        ("whois_address", "IP address registry (WHOIS, RDAP)"),
                        ("whois_domain", "domain registry (WHOIS, RDAP)"),
                        ("route", "route (traceroute)"),
                        ("bgp", "routing tables (BGP)"),
                        ("headers", "server headers"),
                        ("certificate", "certificate"),
                        ("passive_dns", "passive DNS"),
                        ("file", "offline network file"),
                        ("provider", "information from the provider"),
                        ("other", "other (say which)"),
                    ],
                    max_length=16,
                    verbose_name="method",
                ),
            ),
            ("country", models.CharField(max_length=2, verbose_name="country")),
            (
                "provider",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.recipient",
                ),
            ),
            ("network", models.CharField(blank=True, max_length=120, verbose_name="network")),
            ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
            ("at", models.DateTimeField(verbose_name="at")),
            ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("source", models.UUIDField(blank=True, null=True, verbose_name="workstation result")),
        ],
        options={
            "verbose_name": "hosting trace",
            "verbose_name_plural": "hosting traces",
            "ordering": ["at", "recorded_at"],
            "default_permissions": (),
            "indexes": [models.Index(fields=["incident", "at"], name="trace_of_incident")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "method__in",
                            [
                                "dns",
                                "whois_address",
                                "whois_domain",
                                "route",
                                "bgp",
                                "headers",
                                "certificate",
                                "passive_dns",
                                "file",
                                "provider",
                                "other",
                            ],
                        )
                    ),
                    name="trace_method_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("method", "other"), _negated=True),
                        models.Q(("note", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="trace_other_says_which",
                    violation_error_message="Specify the other method.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("source__isnull", False)), fields=("source", "method"), name="trace_once"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="AvailabilityCheck",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="checks",
                    to="analysts.incident",
                ),
            ),
            (
                "outcome",
                models.CharField(
                    choices=[("online", "online"), ("gone", "removed"), ("unclear", "unclear")],
                    max_length=8,
                    verbose_name="outcome",
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
            ("stated_at", models.DateTimeField(blank=True, null=True, verbose_name="stated time")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("source", models.UUIDField(blank=True, null=True, verbose_name="workstation result")),
        ],
        options={
            "verbose_name": "availability check",
            "verbose_name_plural": "availability checks",
            "ordering": ["at", "recorded_at"],
            "default_permissions": (),
            "indexes": [models.Index(fields=["incident", "at"], name="check_of_incident")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("outcome__in", ["online", "gone", "unclear"])), name="check_outcome_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("stated_at", None),
                        models.Q(("source", None), ("stated_at__lt", models.F("recorded_at"))),
                        _connector="OR",
                    ),
                    name="check_stated_before_recorded",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("source__isnull", False)), fields=("source",), name="check_once"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Chase",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="chases",
                    to="analysts.incident",
                ),
            ),
            ("round", models.PositiveSmallIntegerField(verbose_name="round")),
            ("since", models.DateTimeField(verbose_name="since")),
            ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
            (
                "provider",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.recipient",
                ),
            ),
            ("network", models.CharField(blank=True, max_length=120, verbose_name="network")),
            ("traced_at", models.DateTimeField(blank=True, null=True, verbose_name="traced at")),
            ("trace", models.PositiveSmallIntegerField(default=0, verbose_name="trace number")),
            (
                "routed_trace",
                models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="trace number of the route"),
            ),
            ("noticed_at", models.DateTimeField(blank=True, null=True, verbose_name="first notice at")),
            ("interval", models.PositiveIntegerField(default=0, verbose_name="interval")),
            (
                "removed_in_a_row",
                models.PositiveSmallIntegerField(default=0, verbose_name="consecutive checks that found it removed"),
            ),
            ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="removed since")),
            ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="last checked at")),
            ("removal_reported_at", models.DateTimeField(blank=True, null=True, verbose_name="reported as removed at")),
            ("escalated_at", models.DateTimeField(blank=True, null=True, verbose_name="escalated at")),
            ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due at")),
            ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
            ("check_asked_at", models.DateTimeField(blank=True, null=True, verbose_name="check asked for at")),
        ],
        options={
            "verbose_name": "chase",
            "verbose_name_plural": "chases",
            "default_permissions": (),
            "indexes": [
                models.Index(condition=models.Q(("ended_at", None)), fields=["due_at", "id"], name="chase_due"),
                models.Index(
                    condition=models.Q(("ended_at", None), ("trace", 0)), fields=["since", "id"], name="chase_untraced"
                ),
                models.Index(
                    condition=models.Q(("ended_at", None), ("routed_trace", None), ("trace__gt", 0)),
                    fields=["traced_at", "id"],
                    name="chase_unrouted",
                ),
                models.Index(
                    condition=models.Q(
                        ("ended_at", None),
                        ("routed_trace__isnull", False),
                        models.Q(("routed_trace", models.F("trace")), _negated=True),
                    ),
                    fields=["traced_at", "id"],
                    name="chase_moved",
                ),
                models.Index(
                    django.db.models.functions.comparison.Coalesce("checked_at", "noticed_at", "since"),
                    models.F("id"),
                    condition=models.Q(("ended_at", None)),
                    name="chase_seen",
                ),
                models.Index(
                    condition=models.Q(("ended_at", None), ("removal_reported_at__isnull", False)),
                    fields=["removal_reported_at", "id"],
                    name="chase_reported_removed",
                ),
                models.Index(
                    django.db.models.functions.comparison.Coalesce("escalated_at", "noticed_at"),
                    models.F("id"),
                    condition=models.Q(("ended_at", None), ("noticed_at__isnull", False)),
                    name="chase_notified",
                ),
                models.Index(fields=["provider", "-noticed_at"], name="chase_of_provider"),
                models.Index(condition=models.Q(("ended_at__isnull", False)), fields=["ended_at"], name="chase_ended"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("incident", "round"), name="chase_once_a_round"),
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)), fields=("incident",), name="chase_one_at_a_time"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("trace", 0), ("traced_at__isnull", True)),
                        models.Q(("trace__gt", 0), ("traced_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="chase_traced_at_some_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("removed_at__isnull", True), ("removed_in_a_row", 0)),
                        models.Q(("removed_at__isnull", False), ("removed_in_a_row__gt", 0)),
                        _connector="OR",
                    ),
                    name="chase_removed_at_some_time",
                ),
            ],
        },
    ),
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
            ("is_assigned", models.BooleanField(default=False, verbose_name="assigned by hand")),
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
                models.Index(condition=models.Q(("owner__isnull", False)), fields=["owner"], name="next_step_of_owner"),
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
                ),
                models.CheckConstraint(
                    condition=models.Q(("is_assigned", False), ("owner__isnull", False), _connector="OR"),
                    name="next_step_assigned_has_owner",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="NoticeTemplate",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("host", "hosting provider"),
                        ("owner", "site owner"),
                        ("registrar", "registrar"),
                        ("platform", "platform’s trust and safety team"),
                        ("police", "police"),
                        ("hotline", "hotline"),
                    ],
                    max_length=10,
                    verbose_name="type of recipient",
                ),
            ),
            (
                "purpose",
                models.CharField(
                    choices=[
                        ("first", "first notice"),
                        ("again", "reminder"),
                        ("escalation", "escalation"),
                        ("clearance", "clearance request"),
                    ],
                    default="first",
                    max_length=10,
                    verbose_name="purpose",
                ),
            ),
            ("language", models.CharField(max_length=12, verbose_name="language")),
            ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
            ("subject", models.CharField(max_length=150, verbose_name="subject")),
            ("body", models.TextField(max_length=5000, verbose_name="text")),
            (
                "by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
        ],
        options={
            "verbose_name": "notice text",
            "verbose_name_plural": "notice texts",
            "ordering": ["kind", "purpose", "language", "-version"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("kind", "purpose", "language", "version"), name="notice_template_version"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="RouteRule",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            (
                "hosted",
                models.CharField(
                    choices=[
                        ("own", "the hotline’s own country"),
                        ("hotline", "another country with a hotline"),
                        ("other", "a country without a hotline"),
                        ("countries", "these countries"),
                        ("anywhere", "anywhere"),
                    ],
                    max_length=10,
                    verbose_name="hosted in",
                ),
            ),
            (
                "countries",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=2), blank=True, default=list, verbose_name="countries"
                ),
            ),
            (
                "steps",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("police_hold", "police clearance, before anything is sent"),
                            ("notice_host", "notice to the hosting provider"),
                            ("notice_host_later", "notice to the hosting provider after a set time"),
                            ("notice_owner", "notice to the site owner"),
                            ("notice_platform", "notice to the platform"),
                            ("hotline", "referral to the country’s hotline"),
                            ("police", "referral to the national police"),
                            ("url_list", "entry on the URL list"),
                        ],
                        max_length=20,
                    ),
                    verbose_name="steps",
                ),
            ),
            ("after_hours", models.PositiveSmallIntegerField(default=48, verbose_name="hours until the later notice")),
            ("reason", models.CharField(max_length=200, verbose_name="reason shown to analysts")),
            ("is_active", models.BooleanField(default=True, verbose_name="in use")),
        ],
        options={
            "verbose_name": "routing rule",
            "verbose_name_plural": "routing rules",
            "ordering": ["position", "pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("hosted__in", ["own", "hotline", "other", "countries", "anywhere"])),
                    name="route_rule_hosted_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "steps__contained_by",
                            [
                                "police_hold",
                                "notice_host",
                                "notice_host_later",
                                "notice_owner",
                                "notice_platform",
                                "hotline",
                                "police",
                                "url_list",
                            ],
                        ),
                        ("steps__len__gt", 0),
                    ),
                    name="route_rule_steps_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("countries__len__gt", 0), ("hosted", "countries")),
                        models.Q(models.Q(("hosted", "countries"), _negated=True), ("countries", [])),
                        _connector="OR",
                    ),
                    name="route_rule_names_countries",
                    violation_error_message="List countries if the rule applies to these countries, and only then.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RouteExample",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("country", models.CharField(max_length=2, unique=True, verbose_name="country")),
            (
                "steps",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("police_hold", "police clearance, before anything is sent"),
                            ("notice_host", "notice to the hosting provider"),
                            ("notice_host_later", "notice to the hosting provider after a set time"),
                            ("notice_owner", "notice to the site owner"),
                            ("notice_platform", "notice to the platform"),
                            ("hotline", "referral to the country’s hotline"),
                            ("police", "referral to the national police"),
                            ("url_list", "entry on the URL list"),
                        ],
                        max_length=20,
                    ),
                    verbose_name="expected steps",
                ),
            ),
        ],
        options={
            "verbose_name": "routing example",
            "verbose_name_plural": "routing examples",
            "ordering": ["country"],
        },
    ),
    migrations.CreateModel(
        name="Route",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="routes",
                    to="analysts.incident",
                ),
            ),
            (
                "assessment",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.assessment",
                ),
            ),
            ("trace", models.PositiveSmallIntegerField(verbose_name="trace number")),
            ("country", models.CharField(max_length=2, verbose_name="country")),
            (
                "proposed",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("police_hold", "police clearance, before anything is sent"),
                            ("notice_host", "notice to the hosting provider"),
                            ("notice_host_later", "notice to the hosting provider after a set time"),
                            ("notice_owner", "notice to the site owner"),
                            ("notice_platform", "notice to the platform"),
                            ("hotline", "referral to the country’s hotline"),
                            ("police", "referral to the national police"),
                            ("url_list", "entry on the URL list"),
                        ],
                        max_length=20,
                    ),
                    verbose_name="proposed steps",
                ),
            ),
            (
                "steps",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("police_hold", "police clearance, before anything is sent"),
                            ("notice_host", "notice to the hosting provider"),
                            ("notice_host_later", "notice to the hosting provider after a set time"),
                            ("notice_owner", "notice to the site owner"),
                            ("notice_platform", "notice to the platform"),
                            ("hotline", "referral to the country’s hotline"),
                            ("police", "referral to the national police"),
                            ("url_list", "entry on the URL list"),
                        ],
                        max_length=20,
                    ),
                    verbose_name="steps",
                ),
            ),
            ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason for other steps")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
        ],
        options={
            "verbose_name": "route",
            "verbose_name_plural": "routes",
            "ordering": ["at"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("incident", "assessment", "trace"), name="route_once_a_place"),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "proposed__contained_by",
                            [
                                "police_hold",
                                "notice_host",
                                "notice_host_later",
                                "notice_owner",
                                "notice_platform",
                                "hotline",
                                "police",
                                "url_list",
                            ],
                        ),
                        (
                            "steps__contained_by",
                            [
                                "police_hold",
                                "notice_host",
                                "notice_host_later",
                                "notice_owner",
                                "notice_platform",
                                "hotline",
                                "police",
                                "url_list",
                            ],
                        ),
                    ),
                    name="route_steps_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("steps", models.F("proposed")), models.Q(("reason", ""), _negated=True), _connector="OR"
                    ),
                    name="route_changed_with_a_reason",
                    violation_error_message="Give a reason for choosing steps other than those proposed.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Referral",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="analysts.incident"
                ),
            ),
            (
                "assessment",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="analysts.assessment"
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("takedown", "takedown requested"),
                        ("hotline", "referred to a hotline"),
                        ("police", "referred to the police"),
                        ("url_list", "added to the URL list"),
                    ],
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
            (
                "recipient",
                models.CharField(
                    help_text="Name of the host, hotline, police force or list. Do not enter a reported address.",
                    max_length=120,
                    verbose_name="recipient",
                ),
            ),
            (
                "to",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="referrals",
                    to="analysts.recipient",
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
            ("not_before", models.DateTimeField(blank=True, null=True, verbose_name="not before")),
            ("noticed_at", models.DateTimeField(blank=True, null=True, verbose_name="first notice at")),
            ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="removed at")),
            ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
        ],
        options={
            "verbose_name": "referral",
            "verbose_name_plural": "referrals",
            "ordering": ["at"],
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("noticed_at__isnull", False)),
                    fields=["to", "-noticed_at"],
                    name="referral_of_recipient",
                ),
                models.Index(
                    condition=models.Q(("ended_at", None), ("to__isnull", False)),
                    fields=["to", "at", "id"],
                    name="referral_open",
                ),
                models.Index(
                    condition=models.Q(("noticed_at__isnull", False)),
                    fields=["-noticed_at"],
                    include=("to", "removed_at", "ended_at"),
                    name="referral_noticed",
                ),
                models.Index(
                    condition=models.Q(("noticed_at__isnull", True), ("removed_at__isnull", False)),
                    fields=["to", "-removed_at"],
                    name="referral_removed_unnoticed",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["takedown", "hotline", "police", "url_list"])),
                    name="referral_kind_known",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)),
                    fields=("assessment", "kind", "recipient", "to"),
                    name="referral_once_a_verdict",
                    nulls_distinct=False,
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PoliceHold",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="police_holds",
                    to="analysts.incident",
                ),
            ),
            (
                "police",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.recipient",
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(verbose_name="requested at")),
            ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="request sent at")),
            (
                "answer",
                models.CharField(
                    blank=True,
                    choices=[("granted", "granted"), ("refused", "refused")],
                    max_length=8,
                    verbose_name="answer",
                ),
            ),
            ("answered_on", models.DateField(blank=True, null=True, verbose_name="answered on")),
            ("reference", models.CharField(blank=True, max_length=60, verbose_name="police reference")),
            (
                "recorded_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("recorded_at", models.DateTimeField(blank=True, null=True, verbose_name="recorded at")),
        ],
        options={
            "verbose_name": "police hold",
            "verbose_name_plural": "police holds",
            "ordering": ["at"],
            "default_permissions": (),
            "indexes": [models.Index(fields=["incident", "at"], name="police_hold_of_incident")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("answer", "")), fields=("incident",), name="police_hold_once_at_a_time"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("answer", ""),
                            ("answered_on__isnull", True),
                            ("recorded_at__isnull", True),
                            ("recorded_by__isnull", True),
                            ("reference", ""),
                        ),
                        models.Q(
                            ("answer__in", ["granted", "refused"]),
                            ("answered_on__isnull", False),
                            ("recorded_at__isnull", False),
                            ("recorded_by__isnull", False),
                            models.Q(("reference", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="police_hold_answered_in_full",
                    violation_error_message="An answer needs a date and a reference.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Notice",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("reference", models.CharField(max_length=20, unique=True, verbose_name="reference")),
            (
                "recipient",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notices",
                    to="analysts.recipient",
                ),
            ),
            (
                "purpose",
                models.CharField(
                    choices=[
                        ("first", "first notice"),
                        ("again", "reminder"),
                        ("escalation", "escalation"),
                        ("clearance", "clearance request"),
                    ],
                    default="first",
                    max_length=10,
                    verbose_name="purpose",
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("gathering", "scheduled"),
                        ("ready", "sending"),
                        ("sent", "sent"),
                        ("dead", "failed"),
                        ("dropped", "cancelled"),
                    ],
                    default="gathering",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            (
                "template",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.noticetemplate",
                ),
            ),
            ("message_id", models.CharField(max_length=120, unique=True, verbose_name="message id")),
            (
                "link",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="notice", to="reports.noticelink"
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("made_at", models.DateTimeField(verbose_name="made at")),
            ("scheduled_at", models.DateTimeField(verbose_name="scheduled for")),
            ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
            ("tried_at", models.DateTimeField(blank=True, null=True, verbose_name="tried at")),
            ("next_try_at", models.DateTimeField(blank=True, null=True, verbose_name="next try at")),
            ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
            (
                "sent_by",
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
                "dead_reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("refused", "the mail server rejects the recipient or the message"),
                        ("away", "the mail server was unavailable for too long"),
                        ("no_mail", "no mail server is configured"),
                        ("no_template", "no notice text for this type of recipient and language"),
                        ("no_placeholder", "a placeholder in the text has no value"),
                        ("not_verified", "the recipient is no longer verified"),
                        ("unreadable", "an address cannot be decrypted"),
                    ],
                    max_length=16,
                    verbose_name="reason for failure",
                ),
            ),
            (
                "dead_code",
                models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="mail server reply code"),
            ),
        ],
        options={
            "verbose_name": "notice",
            "verbose_name_plural": "notices",
            "ordering": ["made_at"],
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["recipient", "-sent_at"], name="notice_of_recipient"),
                models.Index(
                    condition=models.Q(("state__in", ["gathering", "ready"])),
                    fields=["scheduled_at", "id"],
                    name="notice_to_leave",
                ),
                models.Index(
                    condition=models.Q(("next_try_at__isnull", False), ("state", "ready")),
                    fields=["next_try_at", "id"],
                    name="notice_to_try",
                ),
                models.Index(
                    condition=models.Q(("next_try_at", None), ("state", "ready")),
                    fields=["scheduled_at", "id"],
                    name="notice_by_hand",
                ),
                models.Index(condition=models.Q(("state", "dead")), fields=["tried_at", "id"], name="notice_dead"),
                models.Index(condition=models.Q(("state", "sent")), fields=["-sent_at", "id"], name="notice_sent"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "gathering")),
                    fields=("recipient", "purpose"),
                    name="notice_gathers_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("purpose__in", ["first", "again", "escalation", "clearance"]),
                        ("state__in", ["gathering", "ready", "sent", "dead", "dropped"]),
                    ),
                    name="notice_codes_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("sent_at__isnull", False), ("state", "sent"), ("template__isnull", False)),
                        models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                        _connector="OR",
                    ),
                    name="notice_sent_at_some_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            (
                                "dead_reason__in",
                                [
                                    "refused",
                                    "away",
                                    "no_mail",
                                    "no_template",
                                    "no_placeholder",
                                    "not_verified",
                                    "unreadable",
                                ],
                            ),
                            ("state", "dead"),
                        ),
                        models.Q(
                            models.Q(("state", "dead"), _negated=True), ("dead_code__isnull", True), ("dead_reason", "")
                        ),
                        _connector="OR",
                    ),
                    name="notice_dead_for_a_reason",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="NoticeItem",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "notice",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="items", to="analysts.notice"
                ),
            ),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="notice_items", to="analysts.incident"
                ),
            ),
            (
                "referral",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="items",
                    to="analysts.referral",
                ),
            ),
            ("interval", models.PositiveIntegerField(default=0, verbose_name="interval")),
            ("trace", models.PositiveSmallIntegerField(verbose_name="trace number")),
            (
                "dropped",
                models.CharField(
                    blank=True,
                    choices=[
                        ("moved", "the content is now hosted elsewhere"),
                        ("gone", "the content has been removed"),
                        ("ended", "work on the incident has ended"),
                        ("held", "police clearance is missing"),
                        ("unconfirmed", "the redaction of its address is not confirmed"),
                        ("taken_back", "cancelled"),
                        ("appeal", "an appeal is being reviewed"),
                    ],
                    max_length=12,
                    verbose_name="reason for leaving it out",
                ),
            ),
            (
                "key",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("sealed", models.BinaryField(blank=True, default=b"")),
        ],
        options={
            "verbose_name": "address in a notice",
            "verbose_name_plural": "addresses in notices",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True),
                    fields=["key", "id"],
                    name="notice_item_readable",
                ),
                models.Index(
                    condition=models.Q(("dropped", "unconfirmed")), fields=["incident"], name="notice_item_unconfirmed"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("dropped", "")), fields=("referral", "interval"), name="notice_item_once_a_step"
                ),
                models.UniqueConstraint(fields=("notice", "incident"), name="notice_item_once_a_notice"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("dropped__in", ["", "moved", "gone", "ended", "held", "unconfirmed", "taken_back", "appeal"])
                    ),
                    name="notice_item_drop_known",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PortalHour",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "portal",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="countries.portal"),
            ),
            ("hour", models.DateTimeField(verbose_name="hour")),
            ("reports", models.PositiveIntegerField(default=0, verbose_name="reports")),
            ("mailed", models.BooleanField(default=False, verbose_name="mailed")),
        ],
        options={
            "verbose_name": "portal hour",
            "verbose_name_plural": "portal hours",
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("portal", "hour"), name="portal_hour_once"),
                models.CheckConstraint(condition=reports.models.WholeHour("hour"), name="portal_hour_whole"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Redaction",
        fields=[
            (
                "incident",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="redaction",
                    serialize=False,
                    to="analysts.incident",
                ),
            ),
            (
                "found",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("share", "id of the person who shared it"),
                            ("session", "session or sign-in"),
                            ("email", "e-mail address or user name"),
                            ("invitation", "invitation"),
                            ("long", "long and random: may be made for one person"),
                        ],
                        max_length=10,
                    ),
                    verbose_name="found",
                ),
            ),
            ("is_shortened", models.BooleanField(verbose_name="redacted")),
            (
                "key",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("sealed", models.BinaryField(default=b"")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
        ],
        options={
            "verbose_name": "redaction address",
            "verbose_name_plural": "redaction addresses",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True),
                    fields=["key", "incident"],
                    name="redaction_readable",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("found__contained_by", ["share", "session", "email", "invitation", "long"])),
                    name="redaction_found_known",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Reply",
        fields=[
            (
                "answer",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="reply",
                    serialize=False,
                    to="reports.noticeanswer",
                ),
            ),
            (
                "notice",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="replies", to="analysts.notice"
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("acknowledged", "We have received it and will look into it."),
                        ("removed", "We have removed it."),
                        ("decided", "We have decided what to do. (Please fill in the next part.)"),
                        ("not_ours", "It is not hosted with us."),
                        ("need_more", "We need more from you."),
                        ("contested", "We contest it."),
                    ],
                    max_length=12,
                    verbose_name="kind",
                ),
            ),
            ("received_hour", models.DateTimeField(verbose_name="received (hour)")),
            (
                "read_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
            (
                "action",
                models.CharField(
                    blank=True,
                    choices=[
                        ("removed", "We removed it."),
                        ("blocked", "We blocked it in some countries."),
                        ("limited", "We made it harder to find or to see."),
                        ("account", "We closed the account."),
                        ("no_action", "We did nothing about it."),
                    ],
                    max_length=12,
                    verbose_name="what was done",
                ),
            ),
            (
                "entered_by",
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
                "ground",
                models.CharField(
                    blank=True,
                    choices=[("law", "On the law"), ("terms", "On our own rules")],
                    max_length=8,
                    verbose_name="ground",
                ),
            ),
            ("is_automated", models.BooleanField(blank=True, null=True, verbose_name="decided by a machine alone")),
            ("redress_told", models.BooleanField(blank=True, null=True, verbose_name="user informed of redress")),
        ],
        options={
            "verbose_name": "reply",
            "verbose_name_plural": "replies",
            "ordering": ["received_hour"],
            "default_permissions": (),
            "indexes": [
                models.Index(condition=models.Q(("read_at", None)), fields=["received_hour"], name="reply_unread"),
                models.Index(fields=["received_hour"], name="reply_received"),
            ],
            "constraints": [
                models.CheckConstraint(condition=reports.models.WholeHour("received_hour"), name="reply_whole_hour"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("kind__in", ["acknowledged", "removed", "decided", "not_ours", "need_more", "contested"])
                    ),
                    name="reply_kind_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("kind__in", ["acknowledged", "removed", "decided", "not_ours", "need_more", "contested"]),
                            _negated=True,
                        ),
                        models.Q(("action__in", [""]), ("kind", "acknowledged")),
                        models.Q(("action__in", ["removed", "account"]), ("kind", "removed")),
                        models.Q(
                            ("action__in", ["removed", "blocked", "limited", "account", "no_action"]),
                            ("kind", "decided"),
                        ),
                        models.Q(("action__in", [""]), ("kind", "not_ours")),
                        models.Q(("action__in", [""]), ("kind", "need_more")),
                        models.Q(
                            ("action__in", ["removed", "blocked", "limited", "account", "no_action", ""]),
                            ("kind", "contested"),
                        ),
                        _connector="OR",
                    ),
                    name="reply_action_fits_kind",
                ),
                models.CheckConstraint(
                    condition=models.Q(("ground__in", ["", "law", "terms"])), name="reply_ground_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("action", ""), _negated=True),
                        models.Q(("ground", ""), ("is_automated", None), ("redress_told", None)),
                        _connector="OR",
                    ),
                    name="reply_details_of_an_action",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="UrlListEntry",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="url_list_entries",
                    to="analysts.incident",
                ),
            ),
            (
                "assessment",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.assessment",
                ),
            ),
            ("version", models.PositiveBigIntegerField(verbose_name="version")),
            ("added_on", models.DateField(verbose_name="added on")),
            ("removed_on", models.DateField(blank=True, null=True, verbose_name="removed on")),
            ("review_on", models.DateField(verbose_name="review due on")),
            (
                "key",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reports.sealingkey",
                ),
            ),
            ("sealed", models.BinaryField(default=b"")),
        ],
        options={
            "verbose_name": "URL list entry",
            "verbose_name_plural": "URL list entries",
            "default_permissions": (),
            "indexes": [
                models.Index(condition=models.Q(("removed_on", None)), fields=["version"], name="url_list_live"),
                models.Index(fields=["incident", "version"], name="url_list_of_incident"),
                models.Index(
                    condition=models.Q(("removed_on", None)), fields=["review_on", "id"], name="url_list_review"
                ),
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True), fields=["key", "id"], name="url_list_readable"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("removed_on", None)), fields=("incident",), name="url_list_once"
                ),
                models.UniqueConstraint(fields=("version",), name="url_list_version_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="UrlListState",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            ("version", models.PositiveBigIntegerField(default=0, verbose_name="version")),
        ],
        options={
            "verbose_name": "URL list state",
            "verbose_name_plural": "URL list states",
            "default_permissions": (),
            "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="url_list_state_one_row")],
        },
    ),
    migrations.CreateModel(
        name="MemberKey",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("member", models.CharField(max_length=120, verbose_name="member")),
            ("prefix", models.CharField(max_length=12, unique=True, verbose_name="begins with")),
            ("digest", models.BinaryField(max_length=32, verbose_name="hash of the key")),
            (
                "scope",
                models.CharField(
                    choices=[("addresses", "addresses"), ("hashes", "hashes only")],
                    default="hashes",
                    max_length=10,
                    verbose_name="scope",
                ),
            ),
            ("expires_on", models.DateField(verbose_name="valid until")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
            (
                "closed_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("used_on", models.DateField(blank=True, null=True, verbose_name="last used on")),
            ("hour", models.DateTimeField(blank=True, null=True, verbose_name="hour")),
            ("full_lists", models.PositiveIntegerField(default=0, verbose_name="full lists in the hour")),
            ("pages", models.PositiveIntegerField(default=0, verbose_name="pages of changes in the hour")),
        ],
        options={
            "verbose_name": "member key",
            "verbose_name_plural": "member keys",
            "ordering": ["member", models.OrderBy(models.F("closed_on"), nulls_first=True), "-at"],
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("scope__in", ["addresses", "hashes"])), name="member_key_scope_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("closed_by__isnull", True), ("closed_on__isnull", True)),
                        models.Q(("closed_by__isnull", False), ("closed_on__isnull", False)),
                        _connector="OR",
                    ),
                    name="member_key_closed_by_somebody",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Exposure",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "user",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("day", models.DateField(verbose_name="day")),
            ("seconds", models.PositiveIntegerField(default=0, verbose_name="seconds of exposure")),
            ("since_break", models.PositiveIntegerField(default=0, verbose_name="seconds since the last break")),
            ("open_since", models.DateTimeField(blank=True, null=True, verbose_name="revealed since")),
            ("reveals", models.PositiveIntegerField(default=0, verbose_name="reveals")),
            ("decisions", models.PositiveIntegerField(default=0, verbose_name="decisions")),
            ("skips", models.PositiveIntegerField(default=0, verbose_name="skips")),
            ("breaks", models.PositiveIntegerField(default=0, verbose_name="breaks")),
            ("break_until", models.DateTimeField(blank=True, null=True, verbose_name="on a break until")),
            ("continued", models.PositiveIntegerField(default=0, verbose_name="went on")),
            ("continued_until", models.DateTimeField(blank=True, null=True, verbose_name="going on until")),
            (
                "avoids",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[("severe", "category A"), ("young", "very young children"), ("violence", "violence")],
                        max_length=8,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="not today",
                ),
            ),
        ],
        options={
            "verbose_name": "exposure",
            "verbose_name_plural": "exposures",
            "default_permissions": (),
            "indexes": [models.Index(fields=["day"], name="exposure_of_day")],
            "constraints": [
                models.UniqueConstraint(fields=("user", "day"), name="exposure_once_a_day"),
                models.CheckConstraint(
                    condition=models.Q(("avoids__contained_by", ["severe", "young", "violence"])),
                    name="exposure_avoids_known",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="DisplayPreferences",
        fields=[
            (
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="display_preferences",
                    serialize=False,
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("greys", models.BooleanField(blank=True, null=True, verbose_name="greyscale")),
            (
                "type_size",
                models.CharField(
                    blank=True,
                    choices=[("normal", "normal"), ("large", "large"), ("larger", "very large")],
                    max_length=8,
                    verbose_name="text size",
                ),
            ),
            (
                "density",
                models.CharField(
                    blank=True,
                    choices=[("roomy", "roomy"), ("compact", "compact")],
                    max_length=8,
                    verbose_name="density",
                ),
            ),
            ("budget_minutes", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes per day")),
            (
                "break_after_minutes",
                models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes until a break"),
            ),
            ("cut_off", models.TimeField(blank=True, null=True, verbose_name="not after")),
            ("time_zone", models.CharField(blank=True, max_length=40, verbose_name="time zone")),
        ],
        options={
            "verbose_name": "own settings",
            "verbose_name_plural": "own settings",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("type_size__in", ["", "normal", "large", "larger"])),
                    name="display_type_size_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("density__in", ["", "roomy", "compact"])), name="display_density_known"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="MaskedTerm",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "text",
                models.CharField(
                    help_text="Case and accents are ignored. Words that begin with it are masked too.",
                    max_length=60,
                    unique=True,
                    verbose_name="word or beginning of words",
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    editable=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(editable=False, verbose_name="at")),
        ],
        options={
            "verbose_name": "masked word",
            "verbose_name_plural": "masked words",
            "ordering": ["text"],
        },
    ),
    migrations.CreateModel(
        name="JobFailure",
        fields=[
            ("job_id", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="job")),
            ("task", models.CharField(db_index=True, max_length=128, verbose_name="task")),
            ("error", models.CharField(max_length=120, verbose_name="error")),
            ("at", models.DateTimeField(verbose_name="at")),
        ],
        options={
            "verbose_name": "failure of a job",
            "verbose_name_plural": "failures of jobs",
            "default_permissions": (),
        },
    ),
    migrations.CreateModel(
        name="HostReading",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("disk", "disk"),
                        ("certificate", "certificate"),
                        ("backup", "backup"),
                        ("restore", "restore rehearsal"),
                        ("unit", "service"),
                        ("release", "release"),
                        ("mail", "mail server"),
                    ],
                    max_length=12,
                    verbose_name="kind",
                ),
            ),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("number", models.BigIntegerField(blank=True, null=True, verbose_name="number")),
            ("total", models.BigIntegerField(blank=True, null=True, verbose_name="total")),
            ("moment", models.DateTimeField(blank=True, null=True, verbose_name="moment")),
            (
                "read_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="read at"),
            ),
        ],
        options={
            "verbose_name": "host reading",
            "verbose_name_plural": "host readings",
            "default_permissions": (),
            "indexes": [models.Index(fields=["kind", "name", "-id"], name="host_reading_latest")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("kind__in", ["disk", "certificate", "backup", "restore", "unit", "release", "mail"])
                    ),
                    name="host_reading_kind_known",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SearchCount",
        fields=[
            (
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("hour", models.DateTimeField(verbose_name="hour")),
            ("searches", models.PositiveIntegerField(verbose_name="searches")),
            (
                "refused_hour",
                models.DateTimeField(blank=True, null=True, verbose_name="hour in which the limit was exceeded"),
            ),
        ],
        options={
            "verbose_name": "number of searches",
            "verbose_name_plural": "numbers of searches",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("refused_hour__isnull", False)), fields=["refused_hour"], name="search_refused"
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        reports.models.WholeHour("hour"),
                        models.Q(("refused_hour", None), reports.models.WholeHour("refused_hour"), _connector="OR"),
                    ),
                    name="search_count_whole_hours",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="EnteredAddress",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "origin",
                models.CharField(
                    choices=[
                        ("telephone", "by telephone"),
                        ("letter", "by e-mail or letter"),
                        ("hotline", "from another hotline"),
                        ("police", "from the police"),
                        ("partner", "from a helpline or another organisation"),
                        ("found", "found by an analyst"),
                    ],
                    max_length=10,
                    verbose_name="origin",
                ),
            ),
            ("entered_hour", models.DateTimeField(verbose_name="entered (hour)")),
            ("in_danger", models.BooleanField(default=False, verbose_name="says a child is in danger now")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="analysts.incident"
                ),
            ),
            (
                "merged_from",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.incident",
                ),
            ),
            (
                "portal",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="countries.portal",
                ),
            ),
        ],
        options={
            "verbose_name": "entered address",
            "verbose_name_plural": "entered addresses",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("origin__in", ["telephone", "letter", "hotline", "police", "partner", "found"])
                    ),
                    name="entered_origin_known",
                ),
                models.CheckConstraint(condition=reports.models.WholeHour("entered_hour"), name="entered_whole_hour"),
                models.UniqueConstraint(
                    fields=("incident", "portal", "origin", "by", "entered_hour", "in_danger"),
                    name="entered_once",
                    nulls_distinct=False,
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Appeal",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "appellant",
                models.CharField(
                    choices=[("provider", "provider"), ("owner", "site owner"), ("other", "another recipient")],
                    max_length=8,
                    verbose_name="appellant",
                ),
            ),
            ("received_hour", models.DateTimeField(verbose_name="received (hour)")),
            (
                "outcome",
                models.CharField(
                    blank=True,
                    choices=[("upheld", "verdict upheld"), ("overturned", "verdict overturned")],
                    max_length=10,
                    verbose_name="outcome",
                ),
            ),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("illegal", "the content is illegal as assessed"),
                        ("no_grounds", "the appeal gives no new grounds"),
                        ("not_illegal", "the content is not illegal"),
                        ("adult", "the person is proved to be an adult"),
                        ("wrong_place", "the content is not at this address"),
                    ],
                    max_length=12,
                    verbose_name="reason",
                ),
            ),
            ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="reviewed at")),
            (
                "entered_by",
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
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="analysts.incident"
                ),
            ),
            (
                "reply",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.reply",
                ),
            ),
            (
                "reviewed_by",
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
                    condition=models.Q(("appellant__in", ["provider", "owner", "other"])), name="appeal_appellant_known"
                ),
                models.CheckConstraint(condition=reports.models.WholeHour("received_hour"), name="appeal_whole_hour"),
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
                            ("outcome__in", ["upheld", "overturned"]),
                            ("reason__in", ["illegal", "no_grounds", "not_illegal", "adult", "wrong_place"]),
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
    migrations.CreateModel(
        name="IncidentFacet",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "portal",
                    "name",
                    "value",
                    "received",
                    "incident",
                    blank=True,
                    editable=False,
                    primary_key=True,
                    serialize=False,
                ),
            ),
            ("name", models.CharField(max_length=12, verbose_name="name")),
            ("value", models.CharField(max_length=40, verbose_name="value")),
            ("received", models.DateTimeField(verbose_name="received (hour)")),
            (
                "incident",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.incident",
                ),
            ),
            (
                "portal",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="countries.portal",
                ),
            ),
        ],
        options={
            "verbose_name": "filter value",
            "verbose_name_plural": "filter values",
            "default_permissions": (),
            "indexes": [models.Index(fields=["incident"], name="facet_of_incident")],
        },
    ),
    migrations.CreateModel(
        name="SavedView",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            ("query", models.CharField(max_length=1000, verbose_name="filters")),
            ("is_shared", models.BooleanField(default=False, verbose_name="shared with colleagues")),
            ("at", models.DateTimeField(verbose_name="at")),
            (
                "owner",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "saved view",
            "verbose_name_plural": "saved views",
            "default_permissions": (),
            "indexes": [
                models.Index(condition=models.Q(("is_shared", True)), fields=["name"], name="saved_view_shared")
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("owner", "name"),
                    name="saved_view_once",
                    violation_error_message="You already have a view of this name.",
                ),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("name", ""), _negated=True), models.Q(("query", ""), _negated=True)),
                    name="saved_view_named",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BatchItem",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("number", models.PositiveSmallIntegerField(verbose_name="number")),
            ("round", models.PositiveSmallIntegerField(verbose_name="round")),
            ("fence", models.PositiveIntegerField(verbose_name="claim number")),
            ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="result received at")),
            ("answer", models.BinaryField(blank=True, default=b"", max_length=32, verbose_name="digest of the result")),
            ("seconds", models.PositiveIntegerField(default=0, verbose_name="seconds of exposure")),
            ("refusal", models.CharField(blank=True, max_length=300, verbose_name="refused")),
            (
                "batch",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="items",
                    to="analysts.batch",
                ),
            ),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="batch_items", to="analysts.incident"
                ),
            ),
        ],
        options={
            "verbose_name": "incident of a batch",
            "verbose_name_plural": "incidents of batches",
            "ordering": ["number"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("batch", "incident"), name="batch_item_once_a_batch"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("answer", b""), ("answered_at", None)),
                        models.Q(("answered_at__isnull", False), models.Q(("answer", b""), _negated=True)),
                        _connector="OR",
                    ),
                    name="batch_item_answered_once",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="AddressAllowance",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("day", models.DateField(verbose_name="day")),
            ("number", models.PositiveSmallIntegerField(verbose_name="number of addresses")),
            ("at", models.DateTimeField(verbose_name="requested at")),
            (
                "state",
                models.CharField(
                    choices=[("requested", "requested"), ("granted", "approved"), ("declined", "declined")],
                    default="requested",
                    max_length=9,
                    verbose_name="state",
                ),
            ),
            ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "decided_by",
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
            "verbose_name": "request for more addresses",
            "verbose_name_plural": "requests for more addresses",
            "ordering": ["at"],
            "default_permissions": (),
            "indexes": [models.Index(fields=["day", "by"], name="address_allowance_of_day")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "requested")),
                    fields=("by", "day"),
                    name="address_allowance_one_open_a_day",
                ),
                models.CheckConstraint(
                    condition=models.Q(("number__gte", 1), ("number__lte", 1000)),
                    name="address_allowance_number_bounded",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at", None), ("decided_by", None), ("state", "requested")),
                        models.Q(
                            ("decided_at__isnull", False),
                            ("decided_by__isnull", False),
                            ("state__in", ["granted", "declined"]),
                        ),
                        _connector="OR",
                    ),
                    name="address_allowance_decided_with_name",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "granted"), _negated=True),
                        models.Q(("decided_by", models.F("by")), _negated=True),
                        _connector="OR",
                    ),
                    name="address_allowance_approved_by_another",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="DailyFigure",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField(verbose_name="day")),
            ("is_month", models.BooleanField(default=False, verbose_name="month")),
            (
                "subject",
                models.CharField(
                    choices=[
                        ("reports", "reports received"),
                        ("addresses", "web addresses reported"),
                        ("assessed", "incidents assessed"),
                        ("decided", "incidents decided for the first time"),
                        ("notified", "recipients notified"),
                        ("letters", "notices sent"),
                        ("replies", "replies received"),
                        ("answered", "actions of recipients"),
                        ("removed", "incidents removed"),
                    ],
                    max_length=10,
                    verbose_name="subject",
                ),
            ),
            (
                "dimension",
                models.CharField(
                    choices=[
                        ("all", "all"),
                        ("language", "language"),
                        ("newness", "reported before"),
                        ("verdict", "verdict"),
                        ("severity", "category"),
                        ("age", "age"),
                        ("sex", "sex"),
                        ("site_type", "site type"),
                        ("flag", "flag"),
                        ("reason", "reason"),
                        ("hours", "time taken"),
                        ("country", "hosting country"),
                        ("provider", "hosting provider"),
                        ("recipient", "type of recipient"),
                        ("wide_hours", "time taken, in wide intervals"),
                        ("prov_type", "provider and type of content"),
                        ("prov_kind", "provider and kind of reply"),
                        ("prov_hours", "provider and time taken"),
                        ("prov_act", "provider and action"),
                        ("lang_hours", "time taken by language"),
                        ("sev_hours", "time taken by category"),
                        ("land_hours", "time taken by hosting country"),
                    ],
                    max_length=10,
                    verbose_name="dimension",
                ),
            ),
            ("value", models.CharField(blank=True, max_length=80, verbose_name="value")),
            ("number", models.PositiveIntegerField(verbose_name="number")),
            ("key", models.PositiveBigIntegerField(verbose_name="sum of record keys")),
            (
                "portal",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="countries.portal",
                ),
            ),
        ],
        options={
            "verbose_name": "figure of a day",
            "verbose_name_plural": "figures by day",
            "default_permissions": (),
            "indexes": [models.Index(fields=["day"], name="daily_figure_day")],
            "constraints": [
                models.UniqueConstraint(
                    fields=("subject", "dimension", "portal", "is_month", "day", "value"),
                    include=("number", "key"),
                    name="daily_figure_once",
                    nulls_distinct=False,
                ),
                models.CheckConstraint(condition=models.Q(("number__gt", 0)), name="daily_figure_of_something"),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "dimension__in",
                            [
                                "all",
                                "language",
                                "newness",
                                "verdict",
                                "severity",
                                "age",
                                "sex",
                                "site_type",
                                "flag",
                                "reason",
                                "hours",
                                "country",
                                "provider",
                                "recipient",
                                "wide_hours",
                                "prov_type",
                                "prov_kind",
                                "prov_hours",
                                "prov_act",
                                "lang_hours",
                                "sev_hours",
                                "land_hours",
                            ],
                        ),
                        (
                            "subject__in",
                            [
                                "reports",
                                "addresses",
                                "assessed",
                                "decided",
                                "notified",
                                "letters",
                                "replies",
                                "answered",
                                "removed",
                            ],
                        ),
                    ),
                    name="daily_figure_known",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="FigureProgress",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            ("counted_until", models.DateTimeField(verbose_name="counted until")),
            ("counted_from", models.DateField(null=True, verbose_name="counted from")),
        ],
        options={
            "verbose_name": "progress of figures",
            "verbose_name_plural": "progress of figures",
            "default_permissions": (),
            "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="figure_progress_one_row")],
        },
    ),
    migrations.CreateModel(
        name="FigureTarget",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            ("assess_hours", models.PositiveIntegerField(verbose_name="hours from report to verdict")),
            ("removal_hours", models.PositiveIntegerField(verbose_name="hours from first notice to removal")),
        ],
        options={
            "verbose_name": "target",
            "verbose_name_plural": "targets",
            "default_permissions": (),
            "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="figure_target_one_row")],
        },
    ),
    migrations.CreateModel(
        name="WorkGauge",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("waiting", "waiting for a verdict"),
                        ("takedown", "takedown in progress"),
                        ("overdue", "overdue next steps"),
                    ],
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
            ("hours", models.PositiveIntegerField(verbose_name="age in hours")),
            ("number", models.PositiveIntegerField(verbose_name="number")),
            (
                "portal",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="countries.portal",
                ),
            ),
        ],
        options={
            "verbose_name": "gauge of open work",
            "verbose_name_plural": "gauges of open work",
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(
                    fields=("portal", "kind", "hours"), name="work_gauge_once", nulls_distinct=False
                ),
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["waiting", "takedown", "overdue"])), name="work_gauge_kind_known"
                ),
            ],
        },
    ),
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
                    condition=models.Q(("period__regex", "^20[0-9]{2}(Q[1-4])?$")), name="period_close_quarter_or_year"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("confirmed_at", None), ("confirmed_by", None)),
                        models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="period_close_confirmed_at_some_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("confirmed_by", None),
                        models.Q(("confirmed_by", models.F("closed_by")), _negated=True),
                        _connector="OR",
                    ),
                    name="period_close_confirmed_by_another",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="IndependenceStatement",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            ("text", models.TextField(max_length=5000, verbose_name="text")),
        ],
        options={
            "verbose_name": "statement of independence",
            "verbose_name_plural": "statements of independence",
            "default_permissions": (),
            "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="independence_one_row")],
        },
    ),
    migrations.CreateModel(
        name="ProviderSheet",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("statement", models.TextField(blank=True, max_length=5000, verbose_name="statement of the provider")),
            ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
            (
                "period",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="sheets",
                    to="analysts.periodclose",
                ),
            ),
            (
                "provider",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="sheets", to="analysts.recipient"
                ),
            ),
            (
                "released_by",
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
                "statement_by",
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
                "withdrawal",
                models.CharField(
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
            ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
            (
                "withdrawn_by",
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
            "verbose_name": "provider sheet",
            "verbose_name_plural": "provider sheets",
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("period", "provider"), name="provider_sheet_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("released_at", None), ("released_by", None)),
                        models.Q(("released_at__isnull", False), ("released_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="provider_sheet_released_at_some_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(("statement", ""), ("statement_by__isnull", False), _connector="OR"),
                    name="provider_sheet_statement_by_person",
                ),
                models.CheckConstraint(
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
            ],
        },
    ),
    migrations.CreateModel(
        name="QueueHead",
        fields=[
            ("priority", models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name="priority")),
            ("since", models.DateTimeField(verbose_name="waiting since (hour)")),
        ],
        options={
            "verbose_name": "queue head",
            "verbose_name_plural": "queue heads",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(condition=reports.models.WholeHour("since"), name="queue_head_whole_hour")
            ],
        },
    ),
    migrations.CreateModel(
        name="QueueReturn",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("priority", models.PositiveSmallIntegerField(verbose_name="priority")),
            ("since", models.DateTimeField(verbose_name="waiting since (hour)")),
        ],
        options={
            "verbose_name": "return to the queue",
            "verbose_name_plural": "returns to the queue",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(condition=reports.models.WholeHour("since"), name="queue_return_whole_hour")
            ],
        },
    ),
    migrations.CreateModel(
        name="Export",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "subject",
                models.CharField(
                    choices=[("incidents", "Incidents"), ("events", "Audit events")], max_length=9, verbose_name="table"
                ),
            ),
            (
                "format",
                models.CharField(choices=[("csv", "CSV"), ("xlsx", "XLSX")], max_length=4, verbose_name="format"),
            ),
            (
                "columns",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=20), blank=True, default=list, verbose_name="columns"
                ),
            ),
            ("query", models.CharField(blank=True, max_length=1000, verbose_name="filters")),
            ("has_addresses", models.BooleanField(default=False, verbose_name="with addresses")),
            ("addresses", models.PositiveIntegerField(default=0, verbose_name="addresses")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "waiting for the worker"),
                        ("running", "being written"),
                        ("ready", "ready"),
                        ("fetched", "downloaded, and erased here"),
                        ("cancelled", "cancelled"),
                        ("stopped", "not written"),
                        ("expired", "erased after 24 hours"),
                    ],
                    default="waiting",
                    max_length=9,
                    verbose_name="state",
                ),
            ),
            (
                "problem",
                models.CharField(
                    blank=True,
                    choices=[
                        ("too_long", "An XLSX sheet holds at most 1,048,575 rows. Order it as CSV."),
                        ("limit", "It has more addresses than you may put into files today. Narrow the filters."),
                        ("refused", "Your account may not export this any more."),
                        ("filters", "The filters are no longer valid. Set them again on the list."),
                        ("no_key", "There is no key to seal it to. Tell an administrator."),
                        ("failed", "It failed. Administrators see why on the operations page. Order it again."),
                    ],
                    max_length=8,
                    verbose_name="problem",
                ),
            ),
            ("at", models.DateTimeField(verbose_name="ordered at")),
            ("until", models.DateTimeField(verbose_name="kept until")),
            ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
            ("run", models.PositiveSmallIntegerField(default=0, verbose_name="run")),
            ("active_at", models.DateTimeField(blank=True, null=True, verbose_name="active at")),
            ("total", models.PositiveIntegerField(blank=True, null=True, verbose_name="rows to write")),
            ("written", models.PositiveIntegerField(default=0, verbose_name="rows written")),
            ("size", models.PositiveBigIntegerField(default=0, verbose_name="bytes")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "export",
            "verbose_name_plural": "exports",
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["by", "-at"], name="export_of_person"),
                models.Index(fields=["until"], name="export_until"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ("waiting", "running"))),
                    fields=("by",),
                    name="export_one_unfinished_a_person",
                ),
                models.CheckConstraint(
                    condition=models.Q(("subject__in", ["incidents", "events"])), name="export_subject_known"
                ),
                models.CheckConstraint(condition=models.Q(("format__in", ["csv", "xlsx"])), name="export_format_known"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("until__gt", models.F("at")),
                        (
                            "until__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("at"), "+", models.Value(datetime.timedelta(days=1))
                            ),
                        ),
                    ),
                    name="export_kept_a_day_at_most",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("ended_at", None), ("state__in", ("waiting", "running", "ready"))),
                        models.Q(
                            (
                                "state__in",
                                ["waiting", "running", "ready", "fetched", "cancelled", "stopped", "expired"],
                            ),
                            models.Q(("state__in", ("waiting", "running", "ready")), _negated=True),
                            ("ended_at__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="export_ended_with_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("problem__in", ["too_long", "limit", "refused", "filters", "no_key", "failed"]),
                            ("state", "stopped"),
                        ),
                        models.Q(models.Q(("state", "stopped"), _negated=True), ("problem", "")),
                        _connector="OR",
                    ),
                    name="export_stopped_with_problem",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("has_addresses", True), ("subject", "incidents")),
                        models.Q(("addresses", 0), ("has_addresses", False)),
                        _connector="OR",
                    ),
                    name="export_addresses_of_incidents",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ExportPart",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "export", "number", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("number", models.PositiveIntegerField(verbose_name="number")),
            ("key_id", models.CharField(max_length=40, verbose_name="key")),
            ("sealed", models.BinaryField()),
            (
                "export",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="parts",
                    to="analysts.export",
                ),
            ),
        ],
        options={
            "verbose_name": "part of an export",
            "verbose_name_plural": "parts of exports",
            "default_permissions": (),
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("analysts", "0002_initial"),
        ("analysts", "0004_host_readings"),
        ("analysts", "0005_search_counts"),
        ("analysts", "0006_search_alarm"),
        ("analysts", "0007_recipient_words"),
        ("analysts", "0008_entered_addresses"),
        ("analysts", "0009_appeals"),
        ("analysts", "0010_appeal_drop_reason"),
        ("analysts", "0011_incident_facets"),
        ("analysts", "0012_saved_views"),
        ("analysts", "0013_time_zone"),
        ("analysts", "0014_workstation_sealing_key"),
        ("analysts", "0015_batches"),
        ("analysts", "0016_incident_batch"),
        ("analysts", "0017_address_allowances"),
        ("analysts", "0018_record_keys"),
        ("analysts", "0019_figure_indexes"),
        ("analysts", "0020_daily_figures"),
        ("analysts", "0021_period_close"),
        ("analysts", "0022_next_step_assigned"),
        ("analysts", "0023_chase_check_asked_at"),
        ("analysts", "0024_takedowns_of_host"),
        ("analysts", "0025_reply_decisions"),
        ("analysts", "0026_provider_figures"),
        ("analysts", "0027_figures_taken_over"),
        ("analysts", "0028_queue_heads"),
        ("analysts", "0029_mail_readings"),
        ("analysts", "0030_exports"),
        ("analysts", "0031_sheet_withdrawals"),
        ("analysts", "0032_heads_before_seniors"),
        ("analysts", "0033_one_system_for_workstations"),
    ]

    dependencies = [("analysts", "0001_accounts"), ("countries", "0001_tables"), ("reports", "0001_tables")]

    operations = [
        migrations.AddField(
            model_name="User",
            name="portals",
            field=models.ManyToManyField(
                blank=True,
                help_text="Reports to other portals stay hidden.",
                related_name="+",
                to="countries.portal",
                verbose_name="portals",
            ),
        ),
        migrations.AddField(
            model_name="User",
            name="portal_groups",
            field=models.ManyToManyField(
                blank=True, related_name="members", to="countries.portalgroup", verbose_name="portal groups"
            ),
        ),
        CreateTables(TABLES),
    ]
