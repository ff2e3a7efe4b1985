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
        name="AddressAllowance",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
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
            ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
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
                        ("reading", "unusually many addresses revealed"),
                        ("account", "new account of staff"),
                        ("setting", "setting back at its earlier value"),
                        ("refusals", "notices refused as not illegal"),
                        ("returned", "child in danger, back in the queue"),
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
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "kind__in",
                            [
                                "danger",
                                "volume",
                                "anchor",
                                "coverage",
                                "suspend",
                                "contacts",
                                "approval",
                                "search",
                                "reading",
                                "account",
                                "setting",
                                "refusals",
                                "returned",
                            ],
                        )
                    ),
                    name="alarm_kind_known",
                ),
                models.CheckConstraint(condition=reports.models.WholeHour("raised_at"), name="alarm_raised_whole_hour"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Workstation",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
            ("public_key", models.BinaryField(max_length=32, unique=True, verbose_name="public key")),
            (
                "sealing_key",
                models.BinaryField(
                    blank=True, db_default=b"", default=b"", max_length=1216, verbose_name="sealing key"
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
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="not in use since")),
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
                "by",
                models.ForeignKey(
                    db_index=False,
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
                        ("account", "account on an app"),
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
            ("sealed_mask", models.BinaryField(blank=True, db_default=b"", default=b"")),
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
                        ("I", "Inchoate: text or links that assist an offence"),
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
            ("is_on_free_host", models.BooleanField(db_default=False, default=False, verbose_name="on a free host")),
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
            ("is_compared", models.BooleanField(blank=True, null=True, verbose_name="compared")),
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
                models.Index(condition=models.Q(("batch__isnull", False)), fields=["batch"], name="incident_batch"),
                models.Index(fields=["site_fingerprint", "-last_sighted"], name="incident_site"),
                models.Index(
                    condition=models.Q(("sealed_address", b""), _negated=True),
                    fields=["key", "id"],
                    name="incident_readable",
                ),
                models.Index(
                    condition=models.Q(("sealed_mask", b""), models.Q(("sealed_address", b""), _negated=True)),
                    fields=["key"],
                    name="incident_unmasked",
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
                models.Index(
                    models.Case(
                        models.When(is_on_free_host=True, then=models.F("host_fingerprint")),
                        default=models.F("site_fingerprint"),
                    ),
                    models.OrderBy(models.F("last_sighted"), descending=True),
                    condition=models.Q(
                        models.Q(("notices", []), _negated=True), models.Q(("site_fingerprint", b""), _negated=True)
                    ),
                    name="incident_warned_of",
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
                models.Index(
                    condition=models.Q(("merged_into__isnull", False)), fields=["closed_on"], name="incident_merged_on"
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
                    condition=models.Q(("batch", None), ("state", "claimed"), _connector="OR"),
                    name="incident_batch_while_claimed",
                ),
                models.CheckConstraint(
                    condition=models.Q(("batch", None), ("child_in_danger", False), _connector="OR"),
                    name="incident_batch_without_danger",
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
                    condition=models.Q(("is_compared", None), ("closing", "merged"), _connector="OR"),
                    name="incident_compared_is_merged",
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
                        ("sealed_mask", b""), models.Q(("sealed_address", b""), _negated=True), _connector="OR"
                    ),
                    name="incident_mask_has_address",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        reports.models.WholeHour("first_sighted"),
                        reports.models.WholeHour("last_sighted"),
                        reports.models.WholeHour("waiting_since"),
                    ),
                    name="incident_whole_hours",
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
                        ("protection", "child protection body or helpline"),
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
                        ("correction", "correction"),
                        ("back", "answer to a question"),
                        ("outcome", "outcome of an appeal"),
                        ("alert", "alert before a verdict"),
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
        name="Recipient",
        fields=[
            (
                "verified_digest",
                models.CharField(
                    blank=True,
                    db_default="",
                    default="",
                    editable=False,
                    max_length=64,
                    verbose_name="verified as written",
                ),
            ),
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
                        ("protection", "child protection body or helpline"),
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
                        ("xarf", "e-mail with machine-readable reports (XARF)"),
                        ("link", "their own web form"),
                        ("by_hand", "manual: telephone, letter or their own system"),
                    ],
                    default="email",
                    max_length=8,
                    verbose_name="channel",
                ),
            ),
            ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
            ("phone", models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="telephone")),
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
            (
                "proposed_email",
                models.EmailField(
                    blank=True,
                    db_default="",
                    default="",
                    editable=False,
                    max_length=254,
                    verbose_name="proposed e-mail",
                ),
            ),
            (
                "proposed_source",
                models.CharField(
                    blank=True, db_default="", default="", editable=False, max_length=300, verbose_name="source"
                ),
            ),
            (
                "proposed_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("proposed_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="proposed at")),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="not in use since")),
            (
                "refusals_alarmed_on",
                models.DateField(blank=True, editable=False, null=True, verbose_name="alarm about its refusals on"),
            ),
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
                models.Index(
                    condition=models.Q(("refusals_alarmed_on__isnull", False)),
                    fields=["refusals_alarmed_on"],
                    name="recipient_alarmed",
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
                        ("channel__in", ["email", "xarf", "link", "by_hand"]),
                        ("kind__in", ["host", "owner", "registrar", "platform", "police", "hotline", "protection"]),
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
                        models.Q(("channel__in", ["email", "xarf"]), models.Q(("email", ""), _negated=True)),
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
                    condition=models.Q(
                        models.Q(("channel", "xarf"), _negated=True),
                        ("kind__in", ["host", "platform"]),
                        _connector="OR",
                    ),
                    name="recipient_xarf_of_provider",
                    violation_error_message="Only hosting providers and platforms take machine-readable reports.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("proposed_at", None),
                            ("proposed_by", None),
                            ("proposed_email", ""),
                            ("proposed_source", ""),
                        ),
                        models.Q(
                            models.Q(("proposed_email", ""), _negated=True),
                            ("proposed_at__isnull", False),
                            ("proposed_by__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="recipient_proposed_by_somebody",
                ),
                models.CheckConstraint(
                    condition=models.Q(("workdays__contained_by", [0, 1, 2, 3, 4, 5, 6])),
                    name="recipient_workdays_of_a_week",
                ),
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
                        ("granted", "Clearance granted: you may have it removed."),
                        ("refused", "Clearance refused: do not have it removed."),
                        ("case_opened", "We have opened a case."),
                        ("not_for_us", "It is not for us."),
                        ("removed", "We have removed it."),
                        ("decided", "We have decided what to do. (Please fill in the next part.)"),
                        ("not_ours", "It is not hosted with us."),
                        ("need_more", "We need more from you."),
                        ("contested", "We contest it."),
                        ("call_me", "Please call us."),
                    ],
                    max_length=12,
                    verbose_name="kind",
                ),
            ),
            (
                "numbers",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.PositiveSmallIntegerField(), db_default=[], default=list, verbose_name="numbers"
                ),
            ),
            ("received_at", models.DateTimeField(db_column="received_hour", verbose_name="received at")),
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
            (
                "case_number",
                models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="case number"),
            ),
            (
                "confirmation",
                models.CharField(
                    blank=True,
                    choices=[
                        ("inbox", "sent from their own account"),
                        ("call", "confirmed when called back"),
                        ("denied", "not from them, they say when called back"),
                    ],
                    db_default="",
                    default="",
                    max_length=8,
                    verbose_name="confirmation",
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
            ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed at")),
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
        ],
        options={
            "verbose_name": "reply",
            "verbose_name_plural": "replies",
            "ordering": ["received_at"],
            "default_permissions": (),
            "indexes": [
                models.Index(condition=models.Q(("read_at", None)), fields=["received_at"], name="reply_unread"),
                models.Index(fields=["received_at"], name="reply_received"),
                models.Index(
                    condition=models.Q(("case_number", ""), _negated=True),
                    fields=["case_number"],
                    name="reply_case_number",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "kind__in",
                            [
                                "acknowledged",
                                "granted",
                                "refused",
                                "case_opened",
                                "not_for_us",
                                "removed",
                                "decided",
                                "not_ours",
                                "need_more",
                                "contested",
                                "call_me",
                            ],
                        )
                    ),
                    name="reply_kind_known",
                ),
                models.CheckConstraint(condition=reports.models.WholeMinute("received_at"), name="reply_whole_minute"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            (
                                "kind__in",
                                [
                                    "acknowledged",
                                    "granted",
                                    "refused",
                                    "case_opened",
                                    "not_for_us",
                                    "removed",
                                    "decided",
                                    "not_ours",
                                    "need_more",
                                    "contested",
                                    "call_me",
                                ],
                            ),
                            _negated=True,
                        ),
                        models.Q(("action__in", [""]), ("kind", "acknowledged")),
                        models.Q(("action__in", [""]), ("kind", "granted")),
                        models.Q(("action__in", [""]), ("kind", "refused")),
                        models.Q(("action__in", [""]), ("kind", "case_opened")),
                        models.Q(("action__in", [""]), ("kind", "not_for_us")),
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
                        models.Q(("action__in", [""]), ("kind", "call_me")),
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
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("confirmation", ""), ("confirmed_at", None), ("confirmed_by", None)),
                        models.Q(
                            ("confirmation__in", ["inbox", "call", "denied"]),
                            ("confirmed_at__isnull", False),
                            ("confirmed_by__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="reply_confirmed_by_person",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SenderIdentity",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=120, verbose_name="name of the legal entity")),
            ("version", models.PositiveSmallIntegerField(default=1, editable=False, verbose_name="version")),
            ("country", models.CharField(max_length=2, verbose_name="country")),
            (
                "portals",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.BigIntegerField(), blank=True, default=list, verbose_name="portals"
                ),
            ),
            ("coordinator", models.CharField(blank=True, max_length=120, verbose_name="Digital Services Coordinator")),
            ("list_id", models.CharField(blank=True, max_length=60, verbose_name="number in the Commission’s list")),
            ("area", models.CharField(blank=True, max_length=300, verbose_name="area of expertise as awarded")),
            ("awarded_on", models.DateField(blank=True, null=True, verbose_name="awarded on")),
            ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
            ("valid_until", models.DateField(blank=True, null=True, verbose_name="valid until")),
            ("suspended_from", models.DateField(blank=True, null=True, verbose_name="suspended from")),
            ("suspended_until", models.DateField(blank=True, null=True, verbose_name="suspended until")),
            (
                "by",
                models.ForeignKey(
                    db_index=False,
                    editable=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="by",
                ),
            ),
            ("at", models.DateTimeField(editable=False, verbose_name="at")),
        ],
        options={
            "verbose_name": "sender",
            "verbose_name_plural": "senders",
            "ordering": ["name", "-version"],
            "constraints": [
                models.UniqueConstraint(fields=("name", "version"), name="sender_version"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("area", ""),
                            ("awarded_on", None),
                            ("coordinator", ""),
                            ("list_id", ""),
                            ("valid_from", None),
                        ),
                        models.Q(
                            ("awarded_on__isnull", False),
                            (
                                "country__in",
                                (
                                    "AT",
                                    "BE",
                                    "BG",
                                    "CY",
                                    "CZ",
                                    "DE",
                                    "DK",
                                    "EE",
                                    "ES",
                                    "FI",
                                    "FR",
                                    "GR",
                                    "HR",
                                    "HU",
                                    "IE",
                                    "IT",
                                    "LT",
                                    "LU",
                                    "LV",
                                    "MT",
                                    "NL",
                                    "PL",
                                    "PT",
                                    "RO",
                                    "SE",
                                    "SI",
                                    "SK",
                                ),
                            ),
                            ("valid_from__isnull", False),
                            models.Q(("coordinator", ""), _negated=True),
                            models.Q(("list_id", ""), _negated=True),
                            models.Q(("area", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="sender_award_in_full",
                    violation_error_message="A trusted flagger is established in the EU, and has a coordinator, a number, an area of expertise, and the days of its award and from which it is valid.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"),
                        models.Q(
                            ("suspended_until", None),
                            ("suspended_until__gte", models.F("suspended_from")),
                            _connector="OR",
                        ),
                    ),
                    name="sender_days_in_order",
                    violation_error_message="A period must end on or after the day on which it begins.",
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
                        ("correction", "correction"),
                        ("back", "answer to a question"),
                        ("outcome", "outcome of an appeal"),
                        ("alert", "alert before a verdict"),
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
            (
                "sender",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.senderidentity",
                ),
            ),
            (
                "answers",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="answered_by",
                    to="analysts.reply",
                ),
            ),
            (
                "appeal",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.appeal",
                ),
            ),
            ("topic", models.CharField(blank=True, db_default="", default="", max_length=12, verbose_name="topic")),
            (
                "letter_values",
                models.JSONField(blank=True, db_default={}, default=dict, verbose_name="values of the letter"),
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
            ("link_read_at", models.DateTimeField(blank=True, null=True, verbose_name="reply link shown at")),
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
                models.Index(condition=models.Q(("answers__isnull", False)), fields=["answers"], name="notice_answers"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "gathering")),
                    fields=("recipient", "purpose"),
                    name="notice_gathers_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "purpose__in",
                            ["first", "again", "escalation", "clearance", "correction", "back", "outcome", "alert"],
                        ),
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
                            ("answers__isnull", False),
                            ("appeal", None),
                            ("purpose__in", ["back", "outcome"]),
                            models.Q(("topic", ""), _negated=True),
                        ),
                        models.Q(
                            ("answers", None),
                            ("appeal__isnull", False),
                            ("purpose__in", ["back", "outcome"]),
                            models.Q(("topic", ""), _negated=True),
                        ),
                        models.Q(
                            models.Q(("purpose__in", ["back", "outcome"]), _negated=True),
                            ("answers", None),
                            ("appeal", None),
                            ("topic", ""),
                        ),
                        _connector="OR",
                    ),
                    name="notice_answers_a_reply",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            (
                                "dead_reason__in",
                                ["refused", "away", "no_mail", "no_template", "no_placeholder", "unreadable"],
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
        name="Appeal",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="analysts.incident"
                ),
            ),
            (
                "appellant",
                models.CharField(
                    choices=[
                        ("provider", "provider"),
                        ("owner", "site owner"),
                        ("holder", "account holder, wrongly named"),
                        ("other", "another recipient"),
                    ],
                    max_length=8,
                    verbose_name="appellant",
                ),
            ),
            ("received_at", models.DateTimeField(db_column="received_hour", verbose_name="received at")),
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
                "letter",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.notice",
                ),
            ),
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
                        ("wrong_holder", "the account is not that person’s"),
                    ],
                    max_length=12,
                    verbose_name="reason",
                ),
            ),
            (
                "revealed_to",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.PositiveBigIntegerField(),
                    blank=True,
                    db_default=[],
                    default=list,
                    verbose_name="revealed to",
                ),
            ),
            (
                "unseen_reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("same", "I decided an appeal about the same content"),
                        ("form", "the appeal is not about this incident"),
                        ("erased", "address and grounds are erased or cannot be decrypted"),
                        ("welfare", "I must not look at it; both assessments are clear"),
                    ],
                    db_default="",
                    default="",
                    max_length=10,
                    verbose_name="reason for deciding unseen",
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
            ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="reviewed at")),
        ],
        options={
            "verbose_name": "appeal",
            "verbose_name_plural": "appeals",
            "default_permissions": (),
            "indexes": [
                models.Index(condition=models.Q(("outcome", "")), fields=["received_at", "id"], name="appeal_waiting"),
                models.Index(
                    condition=models.Q(("outcome", ""), _negated=True),
                    fields=["reviewed_at", "outcome"],
                    name="appeal_reviewed",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("appellant__in", ["provider", "owner", "holder", "other"])),
                    name="appeal_appellant_known",
                ),
                models.CheckConstraint(condition=reports.models.WholeMinute("received_at"), name="appeal_whole_minute"),
                models.CheckConstraint(
                    condition=models.Q(("unseen_reason__in", ["", "same", "form", "erased", "welfare"])),
                    name="appeal_unseen_reason_known",
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
                        ("letter", None), models.Q(("appellant", "holder"), ("reply", None)), _connector="OR"
                    ),
                    name="appeal_letter_of_holder",
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
                            (
                                "reason__in",
                                ["illegal", "no_grounds", "not_illegal", "adult", "wrong_place", "wrong_holder"],
                            ),
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
                "basis",
                models.CharField(
                    blank=True,
                    choices=[
                        ("seen", "seen on the isolated workstation"),
                        ("words", "the words of the reports"),
                        ("duplicate", "a known duplicate"),
                    ],
                    db_default="",
                    default="",
                    max_length=9,
                    verbose_name="rests on",
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
                        ("I", "Inchoate: text or links that assist an offence"),
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
                            ("known_person", "child or suspect known"),
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
                            ("age_band", ""),
                            ("reason", ""),
                            ("severity__in", ["I"]),
                            ("sex", ""),
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
                    violation_error_message="An illegal verdict needs a severity, with age and sex if a child is shown; any other verdict needs a reason.",
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
                                "known_person",
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
                models.CheckConstraint(
                    condition=models.Q(
                        ("basis", ""),
                        models.Q(("basis__in", ["seen", "words", "duplicate"]), ("verdict", "illegal")),
                        _connector="OR",
                    ),
                    name="assessment_basis_of_illegal",
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
        name="BatchItem",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
            ("number", models.PositiveSmallIntegerField(verbose_name="number")),
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
            ("round", models.PositiveSmallIntegerField(verbose_name="round")),
            ("fence", models.PositiveIntegerField(verbose_name="claim number")),
            ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="result received at")),
            ("answer", models.BinaryField(blank=True, default=b"", max_length=32, verbose_name="digest of the result")),
            ("seconds", models.PositiveIntegerField(default=0, verbose_name="seconds of exposure")),
            ("refusal", models.CharField(blank=True, max_length=300, verbose_name="refused")),
        ],
        options={
            "verbose_name": "incident of a batch",
            "verbose_name_plural": "incidents of batches",
            "ordering": ["number"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("batch", "incident"), name="batch_item_once_a_batch"),
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["first", "second", "traces", "checks"])),
                    name="batch_item_kind_known",
                ),
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
            ("unseen_since", models.DateTimeField(blank=True, null=True, verbose_name="waits for a look since")),
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
            ("check_asked_at", models.DateTimeField(blank=True, null=True, verbose_name="check asked for at")),
            ("escalated_at", models.DateTimeField(blank=True, null=True, verbose_name="escalated at")),
            ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due at")),
            ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
        ],
        options={
            "verbose_name": "chase",
            "verbose_name_plural": "chases",
            "default_permissions": (),
            "indexes": [
                models.Index(condition=models.Q(("ended_at", None)), fields=["due_at", "id"], name="chase_due"),
                models.Index(
                    condition=models.Q(("ended_at", None), ("unseen_since__isnull", False)),
                    fields=["unseen_since", "id"],
                    name="chase_unseen",
                ),
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
                    condition=models.Q(
                        ("ended_at", None),
                        ("noticed_at__isnull", False),
                        ("removed_in_a_row", 0),
                        models.Q(
                            ("routed_trace__isnull", False),
                            models.Q(("routed_trace", models.F("trace")), _negated=True),
                            _negated=True,
                        ),
                    ),
                    name="chase_escalates",
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
        name="ChildAlert",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="alerts",
                    to="analysts.incident",
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("emergency", "emergency number"),
                        ("police", "police"),
                        ("child_helpline", "child helpline"),
                        ("cybercrime", "scams and cybercrime"),
                        ("regulator", "regulator: adult or harmful content, hate"),
                        ("other", "other service"),
                    ],
                    max_length=16,
                    verbose_name="kind",
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="name")),
            ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
            (
                "to",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.recipient",
                ),
            ),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("now", "the report describes danger now"),
                        ("soon", "the report describes danger in the next days"),
                        ("access", "a person with access to the child is said to abuse it"),
                        ("life", "a life may be in danger"),
                    ],
                    max_length=8,
                    verbose_name="reason",
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
            (
                "seen_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="seen at")),
            (
                "corrected_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("corrected_at", models.DateTimeField(blank=True, null=True, verbose_name="corrected at")),
            (
                "withdrawn_reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("recipient", "it went, or was to go, to the wrong recipient"),
                        ("facts", "what it says is wrong"),
                        ("mistake", "it was made by mistake"),
                    ],
                    db_default="",
                    default="",
                    max_length=9,
                    verbose_name="reason for withdrawing it",
                ),
            ),
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
            ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
        ],
        options={
            "verbose_name": "alert",
            "verbose_name_plural": "alerts",
            "ordering": ["at"],
            "default_permissions": (),
            "indexes": [
                models.Index(condition=models.Q(("seen_at", None)), fields=["at", "id"], name="child_alert_unseen"),
                models.Index(
                    condition=models.Q(("corrected_at", None), ("to", None)),
                    fields=["at", "id"],
                    name="child_alert_uncorrected",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=("incident", "kind", "name", "to"), name="child_alert_once", nulls_distinct=False
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("kind__in", ["emergency", "police", "child_helpline", "cybercrime", "regulator", "other"]),
                        ("reason__in", ["now", "soon", "access", "life"]),
                    ),
                    name="child_alert_codes_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("seen_at", None), ("seen_by", None)),
                        models.Q(("seen_at__isnull", False), ("seen_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="child_alert_seen_by_person",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("corrected_at", None), ("corrected_by", None)),
                        models.Q(
                            ("corrected_at__gte", models.F("at")),
                            ("corrected_at__isnull", False),
                            ("corrected_by__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="child_alert_corrected_by_person",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("withdrawn_at", None), ("withdrawn_by", None), ("withdrawn_reason", "")),
                        models.Q(
                            ("withdrawn_at__gte", models.F("at")),
                            ("withdrawn_at__isnull", False),
                            ("withdrawn_by__isnull", False),
                            ("withdrawn_reason__in", ["recipient", "facts", "mistake"]),
                        ),
                        _connector="OR",
                    ),
                    name="child_alert_withdrawn_by_person",
                ),
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
        name="CoverageGap",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "portal",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="countries.portal"
                ),
            ),
            ("language", models.CharField(blank=True, db_default="", max_length=12, verbose_name="language")),
            ("since", models.DateTimeField(verbose_name="since")),
        ],
        options={
            "verbose_name": "coverage gap",
            "verbose_name_plural": "coverage gaps",
            "default_permissions": (),
            "constraints": [models.UniqueConstraint(fields=("portal", "language"), name="coverage_gap_once")],
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
                        ("sources", "reports from partners’ systems"),
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
                        ("source", "type of partner"),
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
            ("number", models.PositiveIntegerField(verbose_name="number")),
            ("key", models.PositiveBigIntegerField(verbose_name="sum of record keys")),
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
                                "source",
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
                                "sources",
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
                models.CheckConstraint(condition=models.Q(("number__gt", 0)), name="daily_figure_of_something"),
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
            ("time_zone", models.CharField(blank=True, max_length=40, verbose_name="time zone")),
            ("budget_minutes", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes per day")),
            (
                "break_after_minutes",
                models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes until a break"),
            ),
            ("cut_off", models.TimeField(blank=True, null=True, verbose_name="not after")),
            ("counselled_on", models.DateField(blank=True, null=True, verbose_name="last counselling on")),
            ("weekly_note", models.BooleanField(db_default=True, default=True, verbose_name="weekly note")),
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
        name="EnteredAddress",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="analysts.incident"
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
                        ("imported", "open in the former system"),
                    ],
                    max_length=10,
                    verbose_name="origin",
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
            ("entered_hour", models.DateTimeField(verbose_name="entered (hour)")),
            ("in_danger", models.BooleanField(default=False, verbose_name="says a child is in danger now")),
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
        ],
        options={
            "verbose_name": "entered address",
            "verbose_name_plural": "entered addresses",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("origin__in", ["telephone", "letter", "hotline", "police", "partner", "found", "imported"])
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
        name="Export",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
                "subject",
                models.CharField(
                    choices=[("incidents", "Incidents"), ("events", "Audit events"), ("inbox", "Inbox")],
                    max_length=9,
                    verbose_name="table",
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
            (
                "portals",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.BigIntegerField(), blank=True, default=list, verbose_name="portals"
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
                    condition=models.Q(("subject__in", ["incidents", "events", "inbox"])), name="export_subject_known"
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
            ("number", models.PositiveIntegerField(verbose_name="number")),
            ("key_id", models.CharField(max_length=40, verbose_name="key")),
            ("sealed", models.BinaryField()),
            (
                "pk",
                models.CompositePrimaryKey(
                    "export", "number", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
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
            "abstract": False,
            "default_permissions": (),
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
            ("addresses_read", models.PositiveIntegerField(db_default=0, default=0, verbose_name="addresses read")),
            ("addresses_copied", models.PositiveIntegerField(db_default=0, default=0, verbose_name="addresses copied")),
            ("characters_read", models.PositiveIntegerField(db_default=0, default=0, verbose_name="characters read")),
            ("alarmed_at", models.DateTimeField(blank=True, null=True, verbose_name="alarm raised at")),
            ("decisions", models.PositiveIntegerField(default=0, verbose_name="decisions")),
            ("skips", models.PositiveIntegerField(default=0, verbose_name="skips")),
            ("breaks", models.PositiveIntegerField(default=0, verbose_name="breaks")),
            ("break_until", models.DateTimeField(blank=True, null=True, verbose_name="on a break until")),
            ("continued", models.PositiveIntegerField(default=0, verbose_name="went on")),
            ("continued_until", models.DateTimeField(blank=True, null=True, verbose_name="going on until")),
            (
                "passed_limit",
                models.BooleanField(
                    db_default=False, default=False, verbose_name="continued past the organisation's limit"
                ),
            ),
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
        name="FigureProgress",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            ("counted_until", models.DateTimeField(verbose_name="counted until")),
            ("counted_from", models.DateField(null=True, verbose_name="counted from")),
            ("first_count_at", models.DateTimeField(null=True, verbose_name="first count began at")),
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
        name="HistoryImport",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("source", models.SlugField(db_index=False, max_length=40, verbose_name="former system")),
            (
                "format",
                models.CharField(
                    choices=[
                        ("csv", "Spreadsheet as CSV"),
                        ("xlsx", "Spreadsheet as XLSX"),
                        ("scart", "Database export of SCARt"),
                    ],
                    max_length=5,
                    verbose_name="format",
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
            ("digest", models.CharField(max_length=64, verbose_name="SHA-256 of the file")),
            ("rows", models.PositiveIntegerField(verbose_name="rows")),
            ("ignored_columns", models.PositiveIntegerField(default=0, verbose_name="columns that were not read")),
            ("parts_done", models.PositiveIntegerField(default=0, verbose_name="parts done")),
            ("codes", models.JSONField(blank=True, default=dict, verbose_name="codes")),
            ("mapping", models.JSONField(blank=True, default=dict, verbose_name="mapping")),
            ("counts", models.JSONField(blank=True, default=dict, verbose_name="rows by outcome")),
            ("refusals", models.JSONField(blank=True, default=dict, verbose_name="rows that cannot be taken")),
            ("kept", models.JSONField(blank=True, default=list, verbose_name="rows kept")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("mapping", "codes are to be mapped"),
                        ("counting", "being counted"),
                        ("counted", "counted; nothing is imported yet"),
                        ("requested", "waits for a second person"),
                        ("running", "being imported"),
                        ("done", "imported"),
                        ("undoing", "being undone"),
                        ("undone", "undone"),
                        ("discarded", "discarded"),
                    ],
                    default="mapping",
                    max_length=9,
                    verbose_name="state",
                ),
            ),
            (
                "prepared_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("prepared_at", models.DateTimeField(verbose_name="prepared at")),
            (
                "requested_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("requested_at", models.DateTimeField(blank=True, null=True, verbose_name="requested at")),
            (
                "approved_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved at")),
            ("imported_at", models.DateTimeField(blank=True, null=True, verbose_name="imported at")),
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
        ],
        options={
            "verbose_name": "history import",
            "verbose_name_plural": "history imports",
            "ordering": ["-pk"],
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "state__in",
                            [
                                "mapping",
                                "counting",
                                "counted",
                                "requested",
                                "running",
                                "done",
                                "undoing",
                                "undone",
                                "discarded",
                            ],
                        )
                    ),
                    name="history_import_state_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("format__in", ["csv", "xlsx", "scart"])), name="history_import_format_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("requested_at", None), ("requested_by", None)),
                        models.Q(("requested_at__isnull", False), ("requested_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="history_import_requested_with_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            models.Q(("state__in", ("running", "done", "undoing", "undone")), _negated=True),
                            ("approved_at", None),
                            ("approved_by", None),
                        ),
                        models.Q(
                            ("approved_at__isnull", False),
                            ("approved_by__isnull", False),
                            ("requested_by__isnull", False),
                            ("state__in", ("running", "done", "undoing", "undone")),
                        ),
                        _connector="OR",
                    ),
                    name="history_import_approved_with_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("approved_by", None),
                        models.Q(("approved_by", models.F("requested_by")), _negated=True),
                        _connector="OR",
                    ),
                    name="history_import_approved_by_another",
                ),
                models.CheckConstraint(
                    condition=models.Q(("undone_by", None), ("state__in", ["undoing", "undone"]), _connector="XOR"),
                    name="history_import_undone_by_somebody",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "running")), fields=("state",), name="history_import_one_running"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="HistoryPart",
        fields=[
            ("number", models.PositiveIntegerField(verbose_name="number")),
            ("key_id", models.CharField(max_length=40, verbose_name="key")),
            ("sealed", models.BinaryField()),
            (
                "pk",
                models.CompositePrimaryKey(
                    "source_import", "number", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            (
                "source_import",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="parts",
                    to="analysts.historyimport",
                ),
            ),
        ],
        options={
            "verbose_name": "part of a history import",
            "verbose_name_plural": "parts of history imports",
            "abstract": False,
            "default_permissions": (),
        },
    ),
    migrations.CreateModel(
        name="HistoryRow",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "source_import",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="history_rows",
                    to="analysts.historyimport",
                ),
            ),
            ("source", models.SlugField(db_index=False, max_length=40, verbose_name="former system")),
            ("reference", models.CharField(max_length=64, verbose_name="reference")),
            ("fingerprint", models.BinaryField(blank=True, default=b"", max_length=32)),
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
                "severity",
                models.CharField(
                    blank=True,
                    choices=[
                        ("A", "A: penetrative, animal or sadism"),
                        ("B", "B: non-penetrative"),
                        ("C", "C: other indecent"),
                        ("P", "Prohibited: non-photographic"),
                        ("I", "Inchoate: text or links that assist an offence"),
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
                    blank=True,
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
                    max_length=16,
                    verbose_name="site type",
                ),
            ),
            ("decided_on", models.DateField(verbose_name="last date in the former system")),
            ("old_state", models.CharField(blank=True, max_length=80, verbose_name="state in the former system")),
            ("host", models.CharField(blank=True, max_length=100, verbose_name="host")),
            ("notified_on", models.DateField(blank=True, null=True, verbose_name="last notice")),
            (
                "incident",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="history_row",
                    to="analysts.incident",
                ),
            ),
        ],
        options={
            "verbose_name": "imported case",
            "verbose_name_plural": "imported cases",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("fingerprint", b""), _negated=True),
                    fields=["fingerprint"],
                    name="history_row_address",
                ),
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True),
                    fields=["key", "id"],
                    name="history_row_readable",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("source", "reference"), name="history_row_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("sealed", b""), models.Q(("incident", None), ("key__isnull", False)), _connector="OR"
                    ),
                    name="history_row_sealed_has_key",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("fingerprint", b""), ("incident", None), ("sealed", b"")),
                        models.Q(("fingerprint", b""), _negated=True),
                        _connector="OR",
                    ),
                    name="history_row_address_has_fingerprint",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("verdict", "illegal"),
                        models.Q(("age_band", ""), ("severity", ""), ("sex", "")),
                        _connector="OR",
                    ),
                    name="history_row_classified_is_illegal",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("age_band__in", ["", "0-2", "3-6", "7-10", "11-13", "14-15", "16-17"]),
                        ("severity__in", ["", "A", "B", "C", "P", "I"]),
                        ("sex__in", ["", "girls", "boys", "both", "not_identifiable"]),
                        (
                            "site_type__in",
                            [
                                "",
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
                        ("verdict__in", ["", "illegal", "not_illegal", "not_assessed", "outside_remit"]),
                    ),
                    name="history_row_codes_known",
                ),
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
            ("sealed", models.BinaryField(blank=True, db_default=b"", default=b"")),
        ],
        options={
            "verbose_name": "hosting trace",
            "verbose_name_plural": "hosting traces",
            "ordering": ["at", "recorded_at"],
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["incident", "at"], name="trace_of_incident"),
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True), fields=["key", "id"], name="trace_readable"
                ),
            ],
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
                models.CheckConstraint(
                    condition=models.Q(("sealed", b""), ("key__isnull", False), _connector="OR"),
                    name="trace_sealed_has_key",
                ),
            ],
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
                        ("keyring", "keyring"),
                        ("surface", "surface"),
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
                        (
                            "kind__in",
                            [
                                "disk",
                                "certificate",
                                "backup",
                                "restore",
                                "unit",
                                "release",
                                "mail",
                                "keyring",
                                "surface",
                            ],
                        )
                    ),
                    name="host_reading_kind_known",
                )
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
        ],
        options={
            "verbose_name": "filter value",
            "verbose_name_plural": "filter values",
            "default_permissions": (),
            "indexes": [models.Index(fields=["incident"], name="facet_of_incident")],
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
        name="LegalText",
        fields=[
            (
                "verified_digest",
                models.CharField(
                    blank=True,
                    db_default="",
                    default="",
                    editable=False,
                    max_length=64,
                    verbose_name="verified as written",
                ),
            ),
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[("ground", "legal ground of the content"), ("duty", "duty of the recipient")],
                    max_length=6,
                    verbose_name="kind",
                ),
            ),
            ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
            (
                "countries",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=2), blank=True, default=list, verbose_name="countries"
                ),
            ),
            (
                "severities",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("A", "A: penetrative, animal or sadism"),
                            ("B", "B: non-penetrative"),
                            ("C", "C: other indecent"),
                            ("P", "Prohibited: non-photographic"),
                            ("I", "Inchoate: text or links that assist an offence"),
                        ],
                        max_length=1,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="severity",
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
                            ("known_person", "child or suspect known"),
                        ],
                        max_length=16,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="flags",
                ),
            ),
            (
                "recipients",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("host", "hosting provider"),
                            ("owner", "site owner"),
                            ("registrar", "registrar"),
                            ("platform", "platform’s trust and safety team"),
                            ("police", "police"),
                            ("hotline", "hotline"),
                            ("protection", "child protection body or helpline"),
                        ],
                        max_length=10,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="types of recipient",
                ),
            ),
            (
                "texts",
                models.TextField(
                    help_text="One language a line, such as “en: text”.", max_length=10000, verbose_name="texts"
                ),
            ),
            ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
            (
                "checked_by",
                models.CharField(
                    blank=True,
                    help_text="The function of the person, such as “our lawyer”.",
                    max_length=120,
                    verbose_name="checked by",
                ),
            ),
            ("checked_on", models.DateField(blank=True, null=True, verbose_name="checked on")),
            ("is_active", models.BooleanField(default=True, verbose_name="in use")),
        ],
        options={
            "verbose_name": "legal text",
            "verbose_name_plural": "legal texts",
            "ordering": ["kind", "name"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "flags__contained_by",
                            [
                                "self_generated",
                                "sextortion",
                                "ai_generated",
                                "several_children",
                                "drawn",
                                "child_modelling",
                                "known_person",
                            ],
                        ),
                        ("kind__in", ["ground", "duty"]),
                        (
                            "recipients__contained_by",
                            ["host", "owner", "registrar", "platform", "police", "hotline", "protection"],
                        ),
                        ("severities__contained_by", ["A", "B", "C", "P", "I"]),
                    ),
                    name="legal_text_codes_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("checked_by", ""), ("checked_on", None)),
                        models.Q(("checked_on__isnull", False), models.Q(("checked_by", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="legal_text_checked_by_somebody",
                    violation_error_message="Say who checked it, and on which day.",
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
                        ("look", "look at the content"),
                        ("moved", "approve the new route"),
                        ("route", "confirm the route"),
                        ("trace", "trace the hosting"),
                        ("redaction", "redact before sending"),
                        ("reply", "read a reply"),
                        ("check_removal", "check the removal"),
                        ("call_back", "call the police back"),
                        ("other_police", "choose another police force"),
                        ("retrace", "trace the hosting again"),
                        ("inform", "answer a recipient’s question"),
                        ("left_online", "escalate after a reply"),
                        ("answer", "read the reporter’s answer"),
                        ("by_hand", "send a notice by hand"),
                        ("failed", "decide about a failed notice"),
                        ("appeal", "review an appeal"),
                        ("refused", "decide after the police refusal"),
                        ("no_recipient", "add a recipient"),
                        ("complain", "complain about the decision"),
                        ("decide", "decide what happens next"),
                        ("request", "clearance request to be sent"),
                        ("notice", "notice to be sent"),
                        ("verify", "have the recipient verified"),
                        ("police", "answer of the police"),
                        ("recipient", "reply of the recipient"),
                        ("receipt", "confirmation of receipt"),
                        ("decision", "decision of the recipient"),
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
            ("is_assigned", models.BooleanField(default=False, verbose_name="assigned by hand")),
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
                                "call_back",
                                "other_police",
                                "retrace",
                                "inform",
                                "left_online",
                                "answer",
                                "refused",
                                "no_recipient",
                                "complain",
                                "decide",
                                "request",
                                "notice",
                                "police",
                                "recipient",
                                "receipt",
                                "decision",
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
                                "look",
                                "moved",
                                "route",
                                "trace",
                                "redaction",
                                "reply",
                                "check_removal",
                                "call_back",
                                "other_police",
                                "retrace",
                                "inform",
                                "left_online",
                                "answer",
                                "by_hand",
                                "failed",
                                "appeal",
                                "refused",
                                "no_recipient",
                                "complain",
                                "decide",
                                "request",
                                "notice",
                                "verify",
                                "police",
                                "recipient",
                                "receipt",
                                "decision",
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
            ("denied_at", models.DateTimeField(blank=True, null=True, verbose_name="denied at")),
            ("retraced_at", models.DateTimeField(blank=True, null=True, verbose_name="traced again at")),
            ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
            (
                "withdrawn_reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("recipient", "it went, or was to go, to the wrong recipient"),
                        ("facts", "what it says is wrong"),
                        ("mistake", "it was made by mistake"),
                    ],
                    db_default="",
                    default="",
                    max_length=9,
                    verbose_name="reason for withdrawing it",
                ),
            ),
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
                models.CheckConstraint(
                    condition=models.Q(("retraced_at", None), ("denied_at__isnull", False), _connector="OR"),
                    name="referral_retraced_once_denied",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("withdrawn_by", None), ("withdrawn_reason", "")),
                        models.Q(
                            ("ended_at__isnull", False),
                            ("withdrawn_by__isnull", False),
                            ("withdrawn_reason__in", ["recipient", "facts", "mistake"]),
                        ),
                        _connector="OR",
                    ),
                    name="referral_withdrawn_by_person",
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
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="items",
                    to="analysts.referral",
                ),
            ),
            (
                "alert",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="items",
                    to="analysts.childalert",
                ),
            ),
            ("interval", models.PositiveIntegerField(blank=True, default=0, null=True, verbose_name="interval")),
            ("number", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="number")),
            (
                "corrects",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="corrections",
                    to="analysts.noticeitem",
                ),
            ),
            (
                "category",
                models.CharField(
                    blank=True,
                    choices=[
                        ("A", "A: penetrative, animal or sadism"),
                        ("B", "B: non-penetrative"),
                        ("C", "C: other indecent"),
                        ("P", "Prohibited: non-photographic"),
                        ("I", "Inchoate: text or links that assist an offence"),
                    ],
                    db_default="",
                    default="",
                    max_length=1,
                    verbose_name="category stated",
                ),
            ),
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
                        ("unseen", "the content has not been looked at"),
                        ("taken_back", "cancelled"),
                        ("appeal", "an appeal is being reviewed"),
                        ("denied", "the recipient says that it is not with them"),
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
                models.Index(condition=models.Q(("dropped", "")), fields=["referral"], name="notice_item_of_referral"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("corrects", None), ("dropped", "")),
                    fields=("referral", "interval"),
                    name="notice_item_once_a_step",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("corrects__isnull", False), ("dropped", "")),
                    fields=("corrects",),
                    name="notice_item_corrected_once",
                ),
                models.UniqueConstraint(fields=("notice", "incident"), name="notice_item_once_a_notice"),
                models.UniqueConstraint(
                    condition=models.Q(("number__isnull", False)),
                    fields=("notice", "number"),
                    name="notice_item_number_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "dropped__in",
                            [
                                "",
                                "moved",
                                "gone",
                                "ended",
                                "held",
                                "unconfirmed",
                                "unseen",
                                "taken_back",
                                "appeal",
                                "denied",
                            ],
                        )
                    ),
                    name="notice_item_drop_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("alert", None), ("referral__isnull", False)),
                        models.Q(("alert__isnull", False), ("referral", None)),
                        _connector="OR",
                    ),
                    name="notice_item_referral_or_alert",
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
            (
                "closed_by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("closed_at", models.DateTimeField(verbose_name="closed at")),
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
            ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed at")),
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
                    choices=[("granted", "granted"), ("refused", "refused"), ("not_ours", "not theirs to decide")],
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
            ("is_called_back", models.BooleanField(blank=True, null=True, verbose_name="confirmed by a call back")),
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
                            ("answer__in", ["granted", "refused", "not_ours"]),
                            ("answered_on__isnull", False),
                            ("recorded_at__isnull", False),
                            ("recorded_by__isnull", False),
                            models.Q(
                                models.Q(("reference", ""), _negated=True), ("answer", "not_ours"), _connector="OR"
                            ),
                        ),
                        _connector="OR",
                    ),
                    name="police_hold_answered_in_full",
                    violation_error_message="An answer needs a date and a reference.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("answer", "granted"), ("is_called_back", False), _negated=True),
                    name="police_hold_granted_is_confirmed",
                ),
            ],
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
        name="ProviderSheet",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
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
            ("statement", models.TextField(blank=True, max_length=5000, verbose_name="statement of the provider")),
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
            ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
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
            ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
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
                models.CheckConstraint(
                    condition=models.Q(("statement", ""), ("statement_by__isnull", False), _connector="OR"),
                    name="provider_sheet_statement_by_person",
                ),
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
            (
                "source",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="countries.source",
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
                models.Index(
                    condition=models.Q(("source__isnull", False)),
                    fields=["source", "received_hour"],
                    name="report_of_source",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=reports.models.WholeHour("received_hour"), name="report_received_whole_hour"
                )
            ],
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
        name="RecipientAccess",
        fields=[
            (
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    primary_key=True,
                    related_name="recipient_access",
                    serialize=False,
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "recipient",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="analysts.recipient"
                ),
            ),
            ("confirmed_on", models.DateField(verbose_name="confirmed on")),
            (
                "confirmed_by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("suspended_at", models.DateTimeField(blank=True, null=True, verbose_name="suspended at")),
            (
                "suspended_by",
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
            "verbose_name": "access to an inbox",
            "verbose_name_plural": "accesses to inboxes",
            "ordering": ["confirmed_on", "pk"],
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("suspended_at", None), ("suspended_by", None)),
                        models.Q(("suspended_at__isnull", False), ("suspended_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="recipient_access_suspended_by_somebody",
                )
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
        name="SavedView",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "owner",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            ("query", models.CharField(max_length=1000, verbose_name="filters")),
            ("is_shared", models.BooleanField(default=False, verbose_name="shared with colleagues")),
            ("at", models.DateTimeField(verbose_name="at")),
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
            ("is_repeat", models.BooleanField(db_default=False, default=False, verbose_name="reported before")),
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
            ("shares_verdict", models.BooleanField(db_default=True, default=True, verbose_name="shares the verdict")),
            ("asked_again", models.BooleanField(db_default=False, default=False, verbose_name="asked to look again")),
            (
                "has_incident_spelling",
                models.BooleanField(db_default=False, default=False, verbose_name="spelt as the incident"),
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
                models.CheckConstraint(
                    condition=models.Q(("has_incident_spelling", False), ("sealed_address", b""), _connector="OR"),
                    name="sighting_spelling_once",
                ),
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
        name="SupportContact",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("peer", "colleague to talk to"), ("lead", "lead"), ("counsellor", "counsellor")],
                    max_length=10,
                    verbose_name="role",
                ),
            ),
            ("name", models.CharField(max_length=100, verbose_name="name")),
            (
                "reach",
                models.CharField(
                    help_text="Telephone, chat or room.", max_length=200, verbose_name="how to reach them"
                ),
            ),
            (
                "weekday",
                models.PositiveSmallIntegerField(
                    blank=True,
                    choices=[
                        (0, "Monday"),
                        (1, "Tuesday"),
                        (2, "Wednesday"),
                        (3, "Thursday"),
                        (4, "Friday"),
                        (5, "Saturday"),
                        (6, "Sunday"),
                    ],
                    null=True,
                    verbose_name="day",
                ),
            ),
        ],
        options={
            "verbose_name": "contact to talk to",
            "verbose_name_plural": "contacts to talk to",
            "ordering": ["weekday", "name", "pk"],
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("kind__in", ["peer", "lead", "counsellor"]),
                        models.Q(("weekday", None), ("weekday__in", [0, 1, 2, 3, 4, 5, 6]), _connector="OR"),
                    ),
                    name="support_contact_codes_known",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SystemicCase",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="systemic_cases", to="analysts.incident"
                ),
            ),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("law", "the law of the country does not cover it"),
                        ("remit", "it is outside our remit, but harmful"),
                        ("no_recipient", "there was no recipient to notify"),
                        ("no_removal", "those notified do not act"),
                        ("access", "the content could not be reached (login, closed group)"),
                        ("report", "the report said too little"),
                        ("time", "it was assessed or passed on too late"),
                        ("tools", "our rules or this product did not allow it"),
                    ],
                    max_length=12,
                    verbose_name="reason",
                ),
            ),
            ("note", models.CharField(blank=True, max_length=200, verbose_name="sentence")),
            (
                "sent_by",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("sent_at", models.DateTimeField(verbose_name="sent at")),
            (
                "answer",
                models.CharField(
                    blank=True,
                    choices=[
                        ("changed", "we change how we work"),
                        ("raised", "raised with the police, a partner or a provider"),
                        ("possible", "action is possible: take the case up again"),
                        ("nothing", "nothing can be done at present"),
                    ],
                    max_length=12,
                    verbose_name="answer",
                ),
            ),
            ("answer_note", models.CharField(blank=True, max_length=200, verbose_name="sentence of the answer")),
            (
                "answered_by",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered at")),
        ],
        options={
            "verbose_name": "systemic case",
            "verbose_name_plural": "systemic cases",
            "default_permissions": (),
            "indexes": [
                models.Index(
                    condition=models.Q(("answer", "")), fields=["sent_at", "id"], name="systemic_case_waiting"
                ),
                models.Index(fields=["sent_by", "-sent_at"], name="systemic_case_of_person"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "reason__in",
                            ["law", "remit", "no_recipient", "no_removal", "access", "report", "time", "tools"],
                        )
                    ),
                    name="systemic_case_reason_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("answer", ""), ("answer_note", ""), ("answered_at", None), ("answered_by", None)),
                        models.Q(
                            ("answer__in", ["changed", "raised", "possible", "nothing"]),
                            ("answered_at__isnull", False),
                            ("answered_by__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="systemic_case_answered_in_full",
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
        name="WordsRelease",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "incident",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="words_releases",
                    to="analysts.incident",
                ),
            ),
            (
                "report",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="words_releases", to="analysts.report"
                ),
            ),
            (
                "to",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="analysts.recipient",
                ),
            ),
            (
                "ground",
                models.CharField(
                    choices=[
                        ("portal", "the portal’s privacy page and form say so"),
                        ("threat", "danger to life: a person is threatened with death or serious harm"),
                        ("self_harm", "danger to life: a person may take their own life"),
                        ("medical", "danger to life: a child needs medical help at once"),
                        ("missing", "danger to life: a missing child is in the hands of an offender"),
                    ],
                    max_length=12,
                    verbose_name="ground",
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
            ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
            ("is_released", models.BooleanField(default=False, verbose_name="released")),
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
            "verbose_name": "release of words",
            "verbose_name_plural": "releases of words",
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["incident", "at"], name="words_release_of_incident"),
                models.Index(
                    condition=models.Q(("sealed", b""), _negated=True),
                    fields=["key", "id"],
                    name="words_release_readable",
                ),
                models.Index(
                    condition=models.Q(("is_released", True)), fields=["to", "decided_at"], name="words_released_to"
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ground__in", ["portal", "threat", "self_harm", "medical", "missing"])),
                    name="words_release_ground_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at", None), ("decided_by", None), ("is_released", False)),
                        models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="words_release_decided_by_person",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("is_released", False), models.Q(("decided_by", models.F("by")), _negated=True), _connector="OR"
                    ),
                    name="words_release_by_two_people",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="WorkerHeartbeat",
        fields=[
            (
                "id",
                models.PositiveSmallIntegerField(
                    choices=[(1, "worker"), (2, "intake")], default=1, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("at", models.DateTimeField(verbose_name="at")),
        ],
        options={
            "verbose_name": "heartbeat of a worker",
            "verbose_name_plural": "heartbeats of the workers",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(condition=models.Q(("id__in", [1, 2])), name="worker_heartbeat_kind_known")
            ],
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
                        ("notified", "first notice sent, not yet removed"),
                        ("overdue", "overdue next steps"),
                    ],
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
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
            ("hours", models.PositiveIntegerField(verbose_name="age in hours")),
            ("number", models.PositiveIntegerField(verbose_name="number")),
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
                    condition=models.Q(("kind__in", ["waiting", "takedown", "notified", "overdue"])),
                    name="work_gauge_kind_known",
                ),
            ],
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

    dependencies = [
        ("analysts", "0001_accounts"),
        ("countries", "0001_tables"),
        ("reports", "0001_tables"),
    ]

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
