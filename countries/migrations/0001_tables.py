import datetime
import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import countries.models.addresses
import countries.models.portal
from countries.table_creation import CreateTables

TABLES = [
    migrations.CreateModel(
        name="DecidedSetting",
        fields=[
            ("name", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="name")),
            ("value", models.CharField(blank=True, max_length=40, verbose_name="value")),
            ("effective_at", models.DateTimeField(verbose_name="effective at")),
            ("previous", models.CharField(blank=True, max_length=40, verbose_name="value before")),
            ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
            ("returns_to", models.CharField(blank=True, db_default="", max_length=40, verbose_name="value afterwards")),
        ],
        options={
            "verbose_name": "decided setting",
            "verbose_name_plural": "decided settings",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("name__regex", "^[A-Z][A-Z_]{2,39}$")),
                    name="decided_setting_has_a_setting_name",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="HelpService",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
            (
                "key",
                models.SlugField(
                    help_text="A short name that never changes.", max_length=40, unique=True, verbose_name="key"
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("pictures", "pictures of oneself"),
                        ("child_helplines", "child helplines by country"),
                        ("listening", "emotional support by country"),
                        ("thoughts", "worry about one's own thoughts"),
                    ],
                    max_length=16,
                    verbose_name="kind",
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="name")),
            ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
            (
                "website",
                models.URLField(
                    blank=True,
                    validators=[django.core.validators.URLValidator(schemes=["https", "http"])],
                    verbose_name="web site",
                ),
            ),
            (
                "countries",
                models.CharField(
                    blank=True,
                    help_text="ISO 3166-1 alpha-2, such as “GB IE”; empty if the service helps people in any country.",
                    max_length=200,
                    validators=[
                        django.core.validators.RegexValidator(
                            "^[A-Z]{2}( [A-Z]{2})*$", "Codes of ISO 3166-1 with a space between them."
                        )
                    ],
                    verbose_name="countries",
                ),
            ),
            (
                "min_age",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="In years.",
                    null=True,
                    validators=[django.core.validators.MaxValueValidator(120)],
                    verbose_name="youngest age",
                ),
            ),
            (
                "max_age",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="In years.",
                    null=True,
                    validators=[django.core.validators.MaxValueValidator(120)],
                    verbose_name="oldest age",
                ),
            ),
            (
                "languages",
                models.CharField(
                    blank=True,
                    help_text="CLDR tags, such as “en es”; empty if the service answers in many languages.",
                    max_length=200,
                    validators=[
                        django.core.validators.RegexValidator(
                            "^[a-z]{2,3}(-[a-z0-9]{2,8})*( [a-z]{2,3}(-[a-z0-9]{2,8})*)*$",
                            "Language tags with a space between them.",
                        )
                    ],
                    verbose_name="languages",
                ),
            ),
            (
                "source",
                models.CharField(
                    blank=True, help_text="Where these details were found.", max_length=300, verbose_name="source"
                ),
            ),
            ("verified_on", models.DateField(blank=True, null=True, verbose_name="verified on")),
            ("verified_by", models.CharField(blank=True, max_length=100, verbose_name="verified by")),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "help service",
            "verbose_name_plural": "help services",
            "ordering": ["position", "name"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["pictures", "child_helplines", "listening", "thoughts"])),
                    name="help_service_kind_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("phone__length__gt", 0), ("website__length__gt", 0), _connector="OR"),
                    name="help_service_reachable",
                    violation_error_message="Enter a telephone number or a web site.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("min_age", None), ("max_age", None), ("min_age__lte", models.F("max_age")), _connector="OR"
                    ),
                    name="help_service_ages_in_order",
                    violation_error_message="The youngest age is above the oldest one.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("verified_by", ""), ("verified_on", None)),
                        models.Q(
                            ("source__length__gt", 0), ("verified_by__length__gt", 0), ("verified_on__isnull", False)
                        ),
                        _connector="OR",
                    ),
                    name="help_service_verified_with_name_and_source",
                    violation_error_message="A verified service needs the verifier, the day and a source.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Language",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "tag",
                models.CharField(
                    help_text="As in addresses: “kri”, “ne”.",
                    max_length=12,
                    unique=True,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="tag",
                ),
            ),
            (
                "name",
                models.CharField(help_text="In the language and its own script.", max_length=60, verbose_name="name"),
            ),
            ("english_name", models.CharField(max_length=60, verbose_name="name in English")),
            (
                "direction",
                models.CharField(
                    choices=[("ltr", "left to right"), ("rtl", "right to left")],
                    default="ltr",
                    max_length=3,
                    verbose_name="direction",
                ),
            ),
            ("plural_rule", models.CharField(max_length=500, verbose_name="plural rule")),
            ("digits", models.CharField(default="latn", max_length=8, verbose_name="digits")),
            (
                "font_note",
                models.CharField(
                    blank=True,
                    help_text="On which telephones its script was read without a missing letter, and by whom.",
                    max_length=300,
                    verbose_name="note on fonts",
                ),
            ),
            (
                "personal_words",
                models.TextField(
                    blank=True,
                    help_text="One phrase a line, such as “your name”: a translation has them only where its English text does.",
                    max_length=2000,
                    verbose_name="words that ask who a person is",
                ),
            ),
            (
                "shows_words",
                models.BooleanField(
                    default=False,
                    help_text="Texts that are not translated yet are shown in English. Otherwise all of them are.",
                    verbose_name="pages show the interface texts in it",
                ),
            ),
            ("is_open", models.BooleanField(default=False, help_text="Portals can use it.", verbose_name="open")),
        ],
        options={
            "verbose_name": "language",
            "verbose_name_plural": "languages",
            "ordering": ["tag"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("tag__regex", "^[a-z]{2,3}(-[a-z0-9]{2,8})*$")), name="language_tag_plain"
                ),
                models.CheckConstraint(
                    condition=models.Q(("direction__in", ["ltr", "rtl"])), name="language_direction_known"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "digits__in",
                            [
                                "latn",
                                "adlm",
                                "arab",
                                "arabext",
                                "beng",
                                "cakm",
                                "deva",
                                "mtei",
                                "mymr",
                                "nkoo",
                                "olck",
                                "tibt",
                            ],
                        )
                    ),
                    name="language_digits_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("plural_rule__regex", "^nplurals=[1-6]; plural=[n0-9()?:%=!<>&| ]+;$")),
                    name="language_plural_rule_plain",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("name", ""), _negated=True), models.Q(("english_name", ""), _negated=True)
                    ),
                    name="language_has_names",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Picture",
        fields=[
            ("digest", models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="digest")),
            ("content", models.BinaryField(verbose_name="content")),
            (
                "media_type",
                models.CharField(
                    choices=[("image/png", "PNG"), ("image/webp", "WebP"), ("image/svg+xml", "SVG")],
                    max_length=16,
                    verbose_name="media type",
                ),
            ),
            ("width", models.PositiveSmallIntegerField(verbose_name="width")),
            ("height", models.PositiveSmallIntegerField(verbose_name="height")),
        ],
        options={
            "verbose_name": "picture",
            "verbose_name_plural": "pictures",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("media_type__in", ["image/png", "image/webp", "image/svg+xml"])),
                    name="picture_type_known",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Portal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "slug",
                models.SlugField(
                    help_text="The first part of the path, usually the two-letter country code: “bz”.",
                    max_length=40,
                    unique=True,
                    validators=[countries.models.addresses.refuse_reserved_slug],
                    verbose_name="address",
                ),
            ),
            (
                "name",
                models.CharField(
                    help_text="In English, for lists: “Belize”.", max_length=100, verbose_name="name for staff"
                ),
            ),
            (
                "country",
                models.CharField(
                    blank=True,
                    help_text="ISO 3166-1 alpha-2; empty for a region or a portal of several countries.",
                    max_length=2,
                    validators=[
                        django.core.validators.RegexValidator("^[A-Z]{2}$", "Two capital letters, ISO 3166-1.")
                    ],
                    verbose_name="country code",
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("draft", "draft"),
                        ("restricted", "restricted: asks for an access phrase"),
                        ("scheduled", "scheduled"),
                        ("live", "live"),
                        ("suspended", "suspended"),
                        ("closed", "closed"),
                    ],
                    default="draft",
                    max_length=12,
                    verbose_name="state",
                ),
            ),
            (
                "access_phrase",
                models.CharField(
                    blank=True,
                    help_text="Asked for while the portal is restricted.",
                    max_length=100,
                    verbose_name="access phrase",
                ),
            ),
            ("default_language", models.CharField(default="en", max_length=12, verbose_name="default language")),
            (
                "legal_age",
                models.PositiveSmallIntegerField(
                    default=18,
                    help_text="Until which birthday the country's law calls a person a child in this matter.",
                    validators=[
                        django.core.validators.MinValueValidator(12),
                        django.core.validators.MaxValueValidator(21),
                    ],
                    verbose_name="legal age",
                ),
            ),
            (
                "legal_source",
                models.CharField(
                    blank=True,
                    help_text="Where the legal age and the law are written down: the act and its section.",
                    max_length=300,
                    verbose_name="source of legal age and law",
                ),
            ),
            (
                "region",
                models.CharField(
                    choices=[
                        ("africa", "Africa"),
                        ("americas", "Americas"),
                        ("asia", "Asia"),
                        ("europe", "Europe"),
                        ("oceania", "Oceania"),
                        ("world", "Several countries"),
                    ],
                    default="world",
                    help_text="Under which the network lists it.",
                    max_length=8,
                    verbose_name="region",
                ),
            ),
            (
                "brand_colour",
                models.CharField(
                    default="#1d3b5c",
                    help_text="Background of the header; white text must be readable on it.",
                    max_length=7,
                    validators=[django.core.validators.RegexValidator("^#[0-9a-f]{6}$", "A colour such as #1d3b5c.")],
                    verbose_name="brand colour",
                ),
            ),
            (
                "button_colour",
                models.CharField(
                    blank=True,
                    help_text="Background of the buttons; empty for the brand colour. White text must be readable on it.",
                    max_length=7,
                    validators=[django.core.validators.RegexValidator("^#[0-9a-f]{6}$", "A colour such as #1d3b5c.")],
                    verbose_name="button colour",
                ),
            ),
            (
                "accent_colour",
                models.CharField(
                    blank=True,
                    help_text="Of the pattern and the line below the header; empty for a lighter brand colour.",
                    max_length=7,
                    validators=[django.core.validators.RegexValidator("^#[0-9a-f]{6}$", "A colour such as #1d3b5c.")],
                    verbose_name="accent colour",
                ),
            ),
            (
                "pattern",
                models.CharField(
                    choices=[
                        ("none", "none"),
                        ("chevrons", "chevrons"),
                        ("diamonds", "diamonds"),
                        ("dots", "dots"),
                        ("lattice", "lattice"),
                        ("scales", "scales"),
                        ("steps", "steps"),
                        ("stripes", "stripes"),
                        ("waves", "waves"),
                    ],
                    default="none",
                    help_text="Drawn from the two colours, below the header.",
                    max_length=8,
                    verbose_name="pattern",
                ),
            ),
            (
                "header_layout",
                models.CharField(
                    choices=[
                        ("plain", "plain: one band of the brand colour"),
                        ("split", "split: the title on the page's own background, above a band"),
                        ("tall", "tall: a band with much of the pattern"),
                    ],
                    default="plain",
                    max_length=5,
                    verbose_name="layout of the header",
                ),
            ),
            (
                "logo",
                models.ForeignKey(
                    blank=True,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="countries.picture",
                    verbose_name="logo",
                ),
            ),
            (
                "crest",
                models.ForeignKey(
                    blank=True,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="countries.picture",
                    verbose_name="crest",
                ),
            ),
            (
                "leave_to",
                models.URLField(
                    blank=True,
                    help_text="A harmless page that many people of the country open, such as a weather report.",
                    validators=[django.core.validators.URLValidator(schemes=["https", "http"])],
                    verbose_name="where “Leave this page” leads",
                ),
            ),
            (
                "emergency_suspended",
                models.BooleanField(default=False, editable=False, verbose_name="suspended in an emergency"),
            ),
            ("opens_on", models.DateField(blank=True, editable=False, null=True, verbose_name="opens on")),
            (
                "opening_missed_on",
                models.DateField(blank=True, editable=False, null=True, verbose_name="opening missed on"),
            ),
            (
                "test_code",
                models.CharField(
                    default=countries.models.portal.test_code,
                    editable=False,
                    max_length=12,
                    verbose_name="code of the test report",
                ),
            ),
            (
                "tested_on",
                models.DateField(blank=True, editable=False, null=True, verbose_name="test report received on"),
            ),
            ("launched_on", models.DateField(blank=True, null=True, verbose_name="launched on")),
            ("launch_source", models.CharField(blank=True, max_length=200, verbose_name="source of the launch date")),
            (
                "words_release_from",
                models.DateField(
                    blank=True,
                    help_text="Empty: no word of a reporter leaves the analysts’ rooms. With a day ahead, the privacy page and the form say at once that two people may release single sentences of reports from that day on to the police or to child protection. Earlier reports stay as they were promised.",
                    null=True,
                    verbose_name="sentences of reports may be released from",
                ),
            ),
        ],
        options={
            "verbose_name": "portal",
            "verbose_name_plural": "portals",
            "ordering": ["name"],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("slug__regex", "^[a-z0-9-]+$")), name="portal_slug_plain"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("state__in", ["draft", "restricted", "scheduled", "live", "suspended", "closed"])
                    ),
                    name="portal_state_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("emergency_suspended", False), ("state", "suspended"), _connector="OR"),
                    name="portal_emergency_is_suspended",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "pattern__in",
                            ["none", "chevrons", "diamonds", "dots", "lattice", "scales", "steps", "stripes", "waves"],
                        )
                    ),
                    name="portal_pattern_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("header_layout__in", ["plain", "split", "tall"])),
                    name="portal_header_layout_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "restricted"), _negated=True),
                        ("access_phrase__length__gt", 0),
                        _connector="OR",
                    ),
                    name="portal_restricted_has_phrase",
                    violation_error_message="A restricted portal needs an access phrase.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PortalGroup",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
            (
                "portals",
                models.ManyToManyField(blank=True, related_name="+", to="countries.portal", verbose_name="portals"),
            ),
        ],
        options={
            "verbose_name": "portal group",
            "verbose_name_plural": "portal groups",
            "ordering": ["name"],
            "default_permissions": (),
        },
    ),
    migrations.CreateModel(
        name="Source",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
            (
                "kind",
                models.CharField(
                    choices=[("hotline", "hotline"), ("platform", "platform"), ("police", "police")],
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
            (
                "portal",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="countries.portal",
                    verbose_name="portal",
                ),
            ),
            (
                "quota",
                models.PositiveIntegerField(
                    default=1000,
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(100000),
                    ],
                    verbose_name="addresses a day",
                ),
            ),
            ("decided", models.PositiveIntegerField(default=0, verbose_name="decided")),
            ("actionable", models.PositiveIntegerField(default=0, verbose_name="actionable")),
            ("is_late", models.BooleanField(default=False, verbose_name="comes later")),
        ],
        options={
            "verbose_name": "source",
            "verbose_name_plural": "sources",
            "ordering": ["name"],
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["hotline", "platform", "police"])), name="source_kind_known"
                ),
                models.CheckConstraint(condition=models.Q(("quota__range", (1, 100000))), name="source_quota_bounded"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ApprovalRequest",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=20, verbose_name="kind")),
            (
                "portal",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="approval_requests",
                    to="countries.portal",
                    verbose_name="portal",
                ),
            ),
            (
                "account",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="account",
                ),
            ),
            (
                "group",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="approval_requests",
                    to="countries.portalgroup",
                    verbose_name="portal group",
                ),
            ),
            (
                "service",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="approval_requests",
                    to="countries.helpservice",
                    verbose_name="help service",
                ),
            ),
            (
                "language",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="approval_requests",
                    to="countries.language",
                    verbose_name="language",
                ),
            ),
            (
                "setting",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="approval_requests",
                    to="countries.decidedsetting",
                    verbose_name="decided setting",
                ),
            ),
            (
                "source",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="approval_requests",
                    to="countries.source",
                    verbose_name="source",
                ),
            ),
            (
                "log_id",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="approval_requests",
                    to="audit.logid",
                    verbose_name="id in the audit log",
                ),
            ),
            ("payload", models.JSONField(blank=True, default=dict, verbose_name="payload")),
            ("digest", models.CharField(blank=True, max_length=64, verbose_name="digest of what it is about")),
            ("reason", models.TextField(blank=True, verbose_name="reason")),
            (
                "requested_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="requested by",
                ),
            ),
            ("requested_at", models.DateTimeField(verbose_name="requested at")),
            (
                "expires_at",
                models.DateTimeField(
                    db_default=django.db.models.expressions.CombinedExpression(
                        django.db.models.functions.datetime.Now(), "+", models.Value(datetime.timedelta(days=14))
                    ),
                    verbose_name="expires at",
                ),
            ),
            ("announced_at", models.DateTimeField(blank=True, null=True, verbose_name="announced at")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("requested", "requested"),
                        ("approved", "approved"),
                        ("declined", "declined"),
                        ("expired", "expired"),
                    ],
                    default="requested",
                    max_length=9,
                    verbose_name="state",
                ),
            ),
            (
                "decided_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="decided by",
                ),
            ),
            ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
        ],
        options={
            "verbose_name": "approval request",
            "verbose_name_plural": "approval requests",
            "ordering": ["requested_at", "pk"],
            "default_permissions": (),
            "indexes": [models.Index(fields=["portal", "-requested_at"], name="approval_request_of_portal")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("account", None),
                            ("group", None),
                            ("language", None),
                            ("log_id", None),
                            ("portal__isnull", False),
                            ("service", None),
                            ("setting", None),
                            ("source", None),
                        ),
                        models.Q(
                            ("account__isnull", False),
                            ("group", None),
                            ("language", None),
                            ("log_id", None),
                            ("portal", None),
                            ("service", None),
                            ("setting", None),
                            ("source", None),
                        ),
                        models.Q(
                            ("account", None),
                            ("group__isnull", False),
                            ("language", None),
                            ("log_id", None),
                            ("portal", None),
                            ("service", None),
                            ("setting", None),
                            ("source", None),
                        ),
                        models.Q(
                            ("account", None),
                            ("group", None),
                            ("language", None),
                            ("log_id", None),
                            ("portal", None),
                            ("service__isnull", False),
                            ("setting", None),
                            ("source", None),
                        ),
                        models.Q(
                            ("account", None),
                            ("group", None),
                            ("language__isnull", False),
                            ("log_id", None),
                            ("portal", None),
                            ("service", None),
                            ("setting", None),
                            ("source", None),
                        ),
                        models.Q(
                            ("account", None),
                            ("group", None),
                            ("language", None),
                            ("log_id", None),
                            ("portal", None),
                            ("service", None),
                            ("setting__isnull", False),
                            ("source", None),
                        ),
                        models.Q(
                            ("account", None),
                            ("group", None),
                            ("language", None),
                            ("log_id", None),
                            ("portal", None),
                            ("service", None),
                            ("setting", None),
                            ("source__isnull", False),
                        ),
                        models.Q(
                            ("account", None),
                            ("group", None),
                            ("language", None),
                            ("log_id__isnull", False),
                            ("portal", None),
                            ("service", None),
                            ("setting", None),
                            ("source", None),
                        ),
                        _connector="OR",
                    ),
                    name="approval_request_about_one",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "requested")),
                    fields=("portal",),
                    name="approval_request_one_waiting_for_portal",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "requested")),
                    fields=("account",),
                    name="approval_request_one_waiting_for_account",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "requested")),
                    fields=("group",),
                    name="approval_request_one_waiting_for_group",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "requested")),
                    fields=("service",),
                    name="approval_request_one_waiting_for_service",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "requested")),
                    fields=("language",),
                    name="approval_request_one_waiting_for_language",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "requested")),
                    fields=("setting",),
                    name="approval_request_one_waiting_for_setting",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "requested")),
                    fields=("source",),
                    name="approval_request_one_waiting_for_source",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "requested")),
                    fields=("log_id",),
                    name="approval_request_one_waiting_for_log_id",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at", None), ("decided_by", None), ("state", "requested")),
                        models.Q(
                            ("decided_at__isnull", False),
                            ("decided_by__isnull", False),
                            ("state__in", ["approved", "declined"]),
                        ),
                        models.Q(("decided_at__isnull", False), ("decided_by", None), ("state", "expired")),
                        _connector="OR",
                    ),
                    name="approval_request_decided_with_name_and_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "approved"), _negated=True),
                        ("decided_at__lt", models.F("expires_at")),
                        _connector="OR",
                    ),
                    name="approval_request_approved_in_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "approved"), _negated=True),
                        models.Q(
                            models.Q(("decided_by", models.F("requested_by")), _negated=True),
                            models.Q(
                                ("account", None),
                                models.Q(("decided_by", models.F("account")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        _connector="OR",
                    ),
                    name="approval_request_approved_by_another",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ApprovedText",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "language",
                models.CharField(
                    max_length=12,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language",
                ),
            ),
            ("digest", models.CharField(max_length=64, verbose_name="digest of the source text")),
            ("context", models.TextField(blank=True, verbose_name="context")),
            ("singular", models.TextField(verbose_name="source text")),
            ("plural", models.TextField(blank=True, verbose_name="plural of the source text")),
            ("forms", models.JSONField(verbose_name="translation")),
        ],
        options={
            "verbose_name": "approved text",
            "verbose_name_plural": "approved texts",
            "ordering": ["language", "digest"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("language", "digest"), name="approved_text_once_a_language"),
                models.CheckConstraint(
                    condition=models.Q(("forms", []), _negated=True), name="approved_text_has_forms"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Banner",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
            (
                "ready_text",
                models.CharField(
                    blank=True,
                    choices=[
                        ("maintenance", "maintenance today, reports are taken"),
                        ("slow", "many reports, answers take longer"),
                        ("receipts_late", "receipts show news later than usual"),
                    ],
                    max_length=16,
                    verbose_name="ready text",
                ),
            ),
            ("words", models.JSONField(blank=True, default=dict, verbose_name="words by language")),
            ("shown_until", models.DateTimeField(blank=True, null=True, verbose_name="shown until")),
        ],
        options={
            "verbose_name": "banner",
            "verbose_name_plural": "banners",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(condition=models.Q(("id", 1)), name="banner_one"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("ready_text__in", ["maintenance", "slow", "receipts_late"]), ("words", {})),
                        models.Q(("ready_text", ""), models.Q(("words", {}), _negated=True)),
                        _connector="OR",
                    ),
                    name="banner_ready_or_own_words",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Contact",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
            (
                "portal",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="contacts",
                    to="countries.portal",
                    verbose_name="portal",
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
            (
                "name_language",
                models.CharField(
                    blank=True,
                    help_text="Empty for the portal's default language.",
                    max_length=12,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language of the name",
                ),
            ),
            ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
            (
                "website",
                models.URLField(
                    blank=True,
                    validators=[django.core.validators.URLValidator(schemes=["https", "http"])],
                    verbose_name="web site",
                ),
            ),
            (
                "source",
                models.CharField(
                    blank=True, help_text="Where these details were found.", max_length=300, verbose_name="source"
                ),
            ),
            ("verified_on", models.DateField(blank=True, null=True, verbose_name="verified on")),
            ("verified_by", models.CharField(blank=True, max_length=100, verbose_name="verified by")),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "contact",
            "verbose_name_plural": "contacts",
            "ordering": ["portal", "position", "kind"],
            "constraints": [
                models.UniqueConstraint(fields=("portal", "kind", "name"), name="contact_once"),
                models.CheckConstraint(
                    condition=models.Q(("verified_on__isnull", True), ("verified_by__length__gt", 0), _connector="OR"),
                    name="contact_verified_by_somebody",
                    violation_error_message="Say who verified the contact.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ContactCheck",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "contact",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="checks",
                    to="countries.contact",
                    verbose_name="contact",
                ),
            ),
            ("on", models.DateField(verbose_name="checked on")),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="checked by",
                ),
            ),
            (
                "how",
                models.CharField(
                    choices=[
                        ("telephoned", "telephoned"),
                        ("website", "web site read"),
                        ("confirmed", "confirmed by the service itself"),
                        ("other", "in another way"),
                    ],
                    max_length=10,
                    verbose_name="how",
                ),
            ),
            ("words", models.CharField(blank=True, max_length=200, verbose_name="in which other way")),
            ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
            ("website", models.CharField(blank=True, max_length=200, verbose_name="web site")),
        ],
        options={
            "verbose_name": "check of a contact",
            "verbose_name_plural": "checks of contacts",
            "ordering": ["contact", "-on", "-pk"],
            "default_permissions": (),
            "indexes": [
                models.Index(
                    models.F("contact"),
                    models.OrderBy(models.F("on"), descending=True),
                    models.OrderBy(models.F("id"), descending=True),
                    name="contact_check_latest",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("how__in", ["telephoned", "website", "confirmed", "other"])),
                    name="contact_check_method_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("how", "other"), ("words__length__gt", 0)),
                        models.Q(models.Q(("how", "other"), _negated=True), ("words", "")),
                        _connector="OR",
                    ),
                    name="contact_check_other_in_words",
                    violation_error_message="Say in which other way the contact was checked.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ContactReminder",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
            ("month", models.DateField(verbose_name="first day of the month")),
        ],
        options={
            "verbose_name": "reminder to check contacts",
            "verbose_name_plural": "reminders to check contacts",
            "default_permissions": (),
            "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="contact_reminder_one")],
        },
    ),
    migrations.CreateModel(
        name="ContactText",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "language",
                models.CharField(
                    max_length=12,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language",
                ),
            ),
            ("name", models.CharField(max_length=150, verbose_name="name")),
            ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
            (
                "contact",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="texts",
                    to="countries.contact",
                    verbose_name="contact",
                ),
            ),
        ],
        options={
            "verbose_name": "name of a contact",
            "verbose_name_plural": "names of contacts",
            "ordering": ["contact", "language"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("contact", "language"), name="contact_text_once_a_language")
            ],
        },
    ),
    migrations.CreateModel(
        name="EmergencySuspension",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "portal",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="emergency_suspensions",
                    to="countries.portal",
                    verbose_name="portal",
                ),
            ),
            ("reason", models.TextField(verbose_name="reason")),
            (
                "suspended_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="suspended by",
                ),
            ),
            ("suspended_at", models.DateTimeField(verbose_name="suspended at")),
            ("alarmed_at", models.DateTimeField(blank=True, null=True, verbose_name="alarmed at")),
            (
                "outcome",
                models.CharField(
                    blank=True,
                    choices=[("confirmed", "confirmed"), ("lifted", "lifted")],
                    max_length=9,
                    verbose_name="outcome",
                ),
            ),
            (
                "decided_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="decided by",
                ),
            ),
            ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
        ],
        options={
            "verbose_name": "emergency suspension",
            "verbose_name_plural": "emergency suspensions",
            "ordering": ["suspended_at", "pk"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("outcome", "")), fields=("portal",), name="emergency_suspension_one_waiting"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at", None), ("decided_by", None), ("outcome", "")),
                        models.Q(
                            ("decided_at__isnull", False),
                            ("decided_by__isnull", False),
                            ("outcome__in", ["confirmed", "lifted"]),
                        ),
                        _connector="OR",
                    ),
                    name="emergency_suspension_decided_with_name_and_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(("decided_by", models.F("suspended_by")), _negated=True),
                    name="emergency_suspension_decided_by_another",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="GlossaryTerm",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "language",
                models.CharField(
                    max_length=12,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language",
                ),
            ),
            ("term", models.CharField(max_length=100, verbose_name="English term")),
            ("translation", models.CharField(max_length=200, verbose_name="translation")),
            ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
        ],
        options={
            "verbose_name": "glossary term",
            "verbose_name_plural": "glossary terms",
            "ordering": ["language", "term"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(
                    fields=("language", "term"),
                    name="glossary_term_once_a_language",
                    violation_error_message="The glossary has this term already.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="InstallationMode",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("read_only", "read-only"), ("banner", "banner"), ("sending", "sending stopped")],
                    max_length=9,
                    verbose_name="kind",
                ),
            ),
            ("reason", models.TextField(verbose_name="reason")),
            (
                "ready_text",
                models.CharField(
                    blank=True,
                    choices=[
                        ("maintenance", "maintenance today, reports are taken"),
                        ("slow", "many reports, answers take longer"),
                        ("receipts_late", "receipts show news later than usual"),
                    ],
                    max_length=16,
                    verbose_name="ready text",
                ),
            ),
            ("words", models.JSONField(blank=True, default=dict, verbose_name="words by language")),
            (
                "started_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="started by",
                ),
            ),
            ("started_at", models.DateTimeField(verbose_name="started at")),
            (
                "approved_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="approved by",
                ),
            ),
            ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved at")),
            ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
            (
                "ended_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="ended by",
                ),
            ),
            ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
        ],
        options={
            "verbose_name": "mode of the installation",
            "verbose_name_plural": "modes of the installation",
            "ordering": ["-pk"],
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["read_only", "banner", "sending"])), name="mode_kind_known"
                ),
                models.UniqueConstraint(
                    condition=models.Q(("ended_at", None)), fields=("kind",), name="mode_once_at_a_time"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(models.Q(("kind", "banner"), _negated=True), ("ready_text", ""), ("words", {})),
                        models.Q(
                            ("kind", "banner"),
                            ("ready_text__in", ["maintenance", "slow", "receipts_late"]),
                            ("words", {}),
                        ),
                        models.Q(("kind", "banner"), ("ready_text", ""), models.Q(("words", {}), _negated=True)),
                        _connector="OR",
                    ),
                    name="mode_banner_ready_or_own_words",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("approved_at", None), ("approved_by", None)),
                        models.Q(
                            ("approved_at__isnull", False),
                            ("approved_by__isnull", False),
                            models.Q(("words", {}), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="mode_approved_with_name_and_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(("approved_by", models.F("started_by")), _negated=True),
                    name="mode_approved_by_another",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("ended_at", None), ("ended_by", None)),
                        models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                        models.Q(("ended_at", models.F("ends_at")), ("ended_by", None)),
                        _connector="OR",
                    ),
                    name="mode_ended_by_a_person_or_its_time",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="InterfaceTranslation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "language",
                models.CharField(
                    max_length=12,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language",
                ),
            ),
            ("digest", models.CharField(max_length=64, verbose_name="digest of the source text")),
            ("context", models.TextField(blank=True, verbose_name="context")),
            ("singular", models.TextField(verbose_name="source text")),
            ("plural", models.TextField(blank=True, verbose_name="plural of the source text")),
            ("forms", models.JSONField(verbose_name="translation")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("draft", "draft"),
                        ("proposed", "proposed"),
                        ("approved", "approved"),
                        ("declined", "declined"),
                        ("superseded", "superseded"),
                    ],
                    default="draft",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            ("is_machine_made", models.BooleanField(default=False, verbose_name="machine-made")),
            (
                "translated_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="translated by",
                ),
            ),
            ("translated_at", models.DateTimeField(verbose_name="translated at")),
            (
                "reviewed_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="reviewed by",
                ),
            ),
            ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="reviewed at")),
            (
                "change_reason",
                models.CharField(
                    blank=True, db_default="", default="", max_length=500, verbose_name="reason for the change"
                ),
            ),
            ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
        ],
        options={
            "verbose_name": "translation of an interface text",
            "verbose_name_plural": "translations of interface texts",
            "ordering": ["-translated_at", "-pk"],
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["language", "digest", "-translated_at"], name="interface_translation_history")
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "approved")),
                    fields=("language", "digest"),
                    name="interface_translation_one_approved",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "proposed")),
                    fields=("language", "digest"),
                    name="interface_translation_one_proposed",
                ),
                models.CheckConstraint(
                    condition=models.Q(("state__in", ["draft", "proposed", "approved", "declined", "superseded"])),
                    name="interface_translation_state_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("forms", []), _negated=True), name="interface_translation_has_forms"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("translated_by__isnull", False),
                        models.Q(("is_machine_made", True), ("state__in", ["approved", "superseded"])),
                        _connector="OR",
                    ),
                    name="interface_translation_by_person_or_shipped",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("reviewed_at", None), ("reviewed_by", None)),
                        models.Q(("reviewed_at__isnull", False), ("reviewed_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="interface_translation_reviewed_with_name_and_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("context", "words of crisis"), _negated=True),
                        models.Q(("state__in", ["proposed", "approved"]), _negated=True),
                        models.Q(("change_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="interface_translation_crisis_with_reason",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "approved"), _negated=True),
                        models.Q(
                            ("reviewed_by__isnull", False),
                            models.Q(
                                ("translated_by", None),
                                models.Q(("reviewed_by", models.F("translated_by")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        _connector="OR",
                    ),
                    name="interface_translation_approved_by_another",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="LanguageReview",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "language",
                models.CharField(
                    max_length=12,
                    unique=True,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language",
                ),
            ),
            ("digest", models.CharField(max_length=64, verbose_name="digest of the words")),
            (
                "reviewed_by",
                models.CharField(
                    help_text="A named speaker of the language.", max_length=100, verbose_name="reviewed by"
                ),
            ),
            ("reviewed_on", models.DateField(verbose_name="reviewed on")),
            (
                "recorded_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("recorded_at", models.DateTimeField(blank=True, null=True, verbose_name="recorded at")),
            (
                "confirmed_by",
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
            "verbose_name": "review of a language",
            "verbose_name_plural": "reviews of languages",
            "ordering": ["language"],
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("confirmed_by", None),
                        models.Q(
                            ("recorded_by__isnull", False),
                            models.Q(("confirmed_by", models.F("recorded_by")), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="language_review_confirmed_by_another",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="LanguageRole",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "account",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="language_roles",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="account",
                ),
            ),
            (
                "language",
                models.CharField(
                    max_length=12,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language",
                ),
            ),
            ("is_reviewer", models.BooleanField(default=False, verbose_name="reviewer")),
        ],
        options={
            "verbose_name": "language of a translator",
            "verbose_name_plural": "languages of translators",
            "ordering": ["account", "language"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("account", "language"), name="language_role_once_a_language")
            ],
        },
    ),
    migrations.CreateModel(
        name="Partner",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
            (
                "portal",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="partners",
                    to="countries.portal",
                    verbose_name="portal",
                ),
            ),
            ("name", models.CharField(max_length=150, verbose_name="name")),
            (
                "name_language",
                models.CharField(
                    blank=True,
                    help_text="Empty for the portal's default language.",
                    max_length=12,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language of the name",
                ),
            ),
            (
                "role",
                models.CharField(
                    choices=[("partner", "partner"), ("funder", "funder")],
                    default="partner",
                    max_length=8,
                    verbose_name="role",
                ),
            ),
            (
                "website",
                models.URLField(
                    blank=True,
                    validators=[django.core.validators.URLValidator(schemes=["https", "http"])],
                    verbose_name="web site",
                ),
            ),
            ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
            (
                "logo",
                models.ForeignKey(
                    blank=True,
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="countries.picture",
                    verbose_name="logo",
                ),
            ),
            (
                "confirmed",
                models.BooleanField(
                    default=False, help_text="Shown to the public once confirmed.", verbose_name="confirmed"
                ),
            ),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "partner",
            "verbose_name_plural": "partners",
            "ordering": ["portal", "position", "name"],
            "constraints": [models.UniqueConstraint(fields=("portal", "name", "role"), name="partner_once")],
        },
    ),
    migrations.CreateModel(
        name="PartnerText",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "language",
                models.CharField(
                    max_length=12,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language",
                ),
            ),
            ("name", models.CharField(max_length=150, verbose_name="name")),
            ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
            (
                "partner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="texts",
                    to="countries.partner",
                    verbose_name="partner",
                ),
            ),
        ],
        options={
            "verbose_name": "name of a partner",
            "verbose_name_plural": "names of partners",
            "ordering": ["partner", "language"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("partner", "language"), name="partner_text_once_a_language")
            ],
        },
    ),
    migrations.CreateModel(
        name="PortalText",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "portal",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="texts",
                    to="countries.portal",
                    verbose_name="portal",
                ),
            ),
            (
                "language",
                models.CharField(
                    max_length=12,
                    validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                    verbose_name="language",
                ),
            ),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ("title", models.CharField(max_length=120, verbose_name="title")),
            (
                "welcome",
                models.TextField(
                    help_text="One or two plain sentences at the top of the portal.", verbose_name="welcome"
                ),
            ),
            ("about", models.TextField(help_text="Who runs the portal and with whom.", verbose_name="about")),
            (
                "law",
                models.TextField(
                    blank=True, help_text="What the country's law says, in plain words.", verbose_name="law"
                ),
            ),
            (
                "suspended_message",
                models.TextField(
                    blank=True, help_text="Why, and where else to report.", verbose_name="message while suspended"
                ),
            ),
            (
                "closed_message",
                models.TextField(
                    blank=True,
                    help_text="That it is closed for good, and where else to report.",
                    verbose_name="message while closed",
                ),
            ),
        ],
        options={
            "verbose_name": "portal text",
            "verbose_name_plural": "portal texts",
            "ordering": ["portal", "position", "language"],
            "constraints": [models.UniqueConstraint(fields=("portal", "language"), name="portal_text_once_a_language")],
        },
    ),
    migrations.CreateModel(
        name="PublishedStatistics",
        fields=[
            ("period", models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name="period")),
            ("last_day", models.DateField(verbose_name="last day")),
            ("published_on", models.DateField(verbose_name="published on")),
            ("figures", models.JSONField(verbose_name="figures")),
            ("digest", models.CharField(max_length=64, verbose_name="digest")),
        ],
        options={
            "verbose_name": "published statistics",
            "verbose_name_plural": "published statistics",
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("period__regex", "^20[0-9]{2}(Q[1-4])?$")), name="statistics_quarter_or_year"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "published_on__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("last_day"), "+", models.Value(datetime.timedelta(days=30))
                            ),
                        )
                    ),
                    name="statistics_not_before_30_days",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SettingChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "setting",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="changes",
                    to="countries.decidedsetting",
                    verbose_name="decided setting",
                ),
            ),
            ("value", models.CharField(blank=True, max_length=40, verbose_name="value")),
            ("previous", models.CharField(blank=True, max_length=40, verbose_name="value before")),
            ("reason", models.TextField(verbose_name="reason")),
            (
                "changed_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="changed by",
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
                    verbose_name="approved by",
                ),
            ),
            ("changed_at", models.DateTimeField(verbose_name="changed at")),
            ("effective_at", models.DateTimeField(verbose_name="effective at")),
        ],
        options={
            "verbose_name": "change of a setting",
            "verbose_name_plural": "changes of settings",
            "ordering": ["-pk"],
            "default_permissions": (),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("approved_by", models.F("changed_by")), _negated=True),
                    name="setting_change_approved_by_another",
                ),
                models.CheckConstraint(
                    condition=models.Q(("effective_at__gte", models.F("changed_at"))),
                    name="setting_change_not_backdated",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SourceKey",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "source",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="countries.source"
                ),
            ),
            ("prefix", models.CharField(max_length=12, unique=True, verbose_name="begins with")),
            ("digest", models.BinaryField(max_length=32, unique=True, verbose_name="hash of the key")),
            ("expires_on", models.DateField(verbose_name="valid until")),
            ("opened_on", models.DateField(verbose_name="approved on")),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
            ("used_on", models.DateField(blank=True, null=True, verbose_name="last used on")),
        ],
        options={
            "verbose_name": "key of a source",
            "verbose_name_plural": "keys of sources",
            "ordering": ["source", "prefix"],
            "default_permissions": (),
        },
    ),
    migrations.CreateModel(
        name="TextReview",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "text",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="reviews",
                    to="countries.portaltext",
                    verbose_name="portal text",
                ),
            ),
            (
                "part",
                models.CharField(
                    choices=[
                        ("title", "title"),
                        ("welcome", "welcome"),
                        ("about", "about"),
                        ("law", "law"),
                        ("suspended_message", "message while suspended"),
                        ("closed_message", "message while closed"),
                    ],
                    max_length=20,
                    verbose_name="text",
                ),
            ),
            ("digest", models.CharField(max_length=64, verbose_name="digest of the text")),
            (
                "reviewed_by",
                models.CharField(
                    help_text="A named speaker of the language.", max_length=100, verbose_name="reviewed by"
                ),
            ),
            ("reviewed_on", models.DateField(verbose_name="reviewed on")),
            (
                "recorded_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="recorded by",
                ),
            ),
        ],
        options={
            "verbose_name": "review of a text",
            "verbose_name_plural": "reviews of texts",
            "ordering": ["text", "part"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("text", "part"), name="text_review_once_a_part"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("part__in", ["title", "welcome", "about", "law", "suspended_message", "closed_message"])
                    ),
                    name="text_review_part_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="text_review_digest_sha256"
                ),
                models.CheckConstraint(
                    condition=models.Q(("reviewed_by__length__gt", 0)), name="text_review_with_name"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Withdrawal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "portal",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="withdrawals",
                    to="countries.portal",
                    verbose_name="portal",
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("contact", "contact"),
                        ("text", "text"),
                        ("picture", "picture"),
                        ("partner", "partner"),
                        ("service", "help service"),
                    ],
                    max_length=7,
                    verbose_name="kind",
                ),
            ),
            ("key", models.CharField(max_length=64, verbose_name="key")),
            ("digest", models.CharField(max_length=64, verbose_name="digest")),
            ("name", models.CharField(max_length=300, verbose_name="name")),
            ("stand_in", models.BigIntegerField(blank=True, null=True, verbose_name="stand-in")),
            ("is_at_once", models.BooleanField(verbose_name="withdrawn at once")),
            ("reason", models.TextField(verbose_name="reason")),
            (
                "withdrawn_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="withdrawn by",
                ),
            ),
            ("withdrawn_at", models.DateTimeField(verbose_name="withdrawn at")),
            ("alarmed_at", models.DateTimeField(blank=True, null=True, verbose_name="alarmed at")),
            (
                "outcome",
                models.CharField(
                    blank=True,
                    choices=[("confirmed", "confirmed"), ("lifted", "lifted"), ("replaced", "replaced")],
                    max_length=9,
                    verbose_name="outcome",
                ),
            ),
            (
                "decided_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="decided by",
                ),
            ),
            ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
        ],
        options={
            "verbose_name": "withdrawal",
            "verbose_name_plural": "withdrawals",
            "ordering": ["withdrawn_at", "pk"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("outcome", "")), fields=("kind", "key"), name="withdrawal_one_waiting"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at", None), ("decided_by", None), ("outcome", "")),
                        models.Q(("decided_at__isnull", False), ("decided_by", None), ("outcome", "replaced")),
                        models.Q(
                            ("decided_at__isnull", False),
                            ("decided_by__isnull", False),
                            ("outcome__in", ["confirmed", "lifted"]),
                        ),
                        _connector="OR",
                    ),
                    name="withdrawal_decided_with_name_and_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(("decided_by", models.F("withdrawn_by")), _negated=True),
                    name="withdrawal_decided_by_another",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="WithdrawnItem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("contact", "contact"),
                        ("text", "text"),
                        ("picture", "picture"),
                        ("partner", "partner"),
                        ("service", "help service"),
                    ],
                    max_length=7,
                    verbose_name="kind",
                ),
            ),
            ("key", models.CharField(max_length=64, verbose_name="key")),
            ("digest", models.CharField(max_length=64, verbose_name="digest")),
            ("stand_in", models.BigIntegerField(blank=True, null=True, verbose_name="stand-in")),
        ],
        options={
            "verbose_name": "withdrawn item",
            "verbose_name_plural": "withdrawn items",
            "ordering": ["kind", "key"],
            "default_permissions": (),
            "constraints": [
                models.UniqueConstraint(fields=("kind", "key"), name="withdrawn_item_once"),
                models.CheckConstraint(
                    condition=models.Q(("kind__in", ["contact", "text", "picture", "partner", "service"])),
                    name="withdrawn_item_kind_known",
                ),
                models.CheckConstraint(
                    condition=models.Q(("stand_in", None), ("kind", "contact"), _connector="OR"),
                    name="withdrawn_item_stand_in_of_contact",
                ),
            ],
        },
    ),
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("countries", "0001_initial"),
        ("countries", "0003_decided_settings"),
        ("countries", "0004_published_statistics"),
    ]

    dependencies = [
        ("analysts", "0001_accounts"),
        ("audit", "0001_tables"),
    ]

    operations = [CreateTables(TABLES)]
