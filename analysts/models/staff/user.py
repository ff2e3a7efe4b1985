"""Staff accounts: one role each, and the portals they work for: directly, by group, all of them, or for some hours."""

from collections.abc import Collection
from datetime import timedelta
from functools import lru_cache
from typing import ClassVar

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject, Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from analysts.codes import Role
from analysts.models.staff.role_permissions import MODEL_PERMISSIONS
from countries.languages import USUAL_LANGUAGE, is_readable_as
from countries.models import Portal, PortalGroup, PortalText

# Roles that may open reports.
CONTENT_ROLES = frozenset({Role.ANALYST, Role.SENIOR})

# Recovery codes only replace a lost second factor, so they are not one.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Analysts who signed in longer ago read no reports.
READER_DAYS = 30

# The fields that a name on a desk is made of.
DESK_FIELDS = ("desk_name", "role")
DESK_ORDER = (*DESK_FIELDS, "pk")


@lru_cache(maxsize=2_000)
def _desk_code(pk: int, secret: str) -> str:
    digest = salted_hmac("analysts.User.desk", str(pk), secret=secret, algorithm="sha256").hexdigest()
    return f"{int(digest[:8], 16) % 10_000:04}"


def desk_fields_of(path: str) -> JSONObject:
    """The same fields of the account at `path`, as one value of a query: `str(User(**value))` is the name."""
    return JSONObject(pk=path, **{name: f"{path}__{name}" for name in DESK_FIELDS})


def desk_choices(users: "QuerySet[User]") -> list[tuple[str, str]]:
    """The accounts as choices of a form, in the order of the query. One query, for the fields of their names alone."""
    return [(str(user.pk), str(user)) for user in users.only(*DESK_FIELDS)]


# In place of a portal's id: addresses that staff entered for the hotline as a whole, which all analysts see.
HOTLINE = 0

# The portals that a user works for: the one definition that all access to reports follows. Four ways: directly, by
# group, all portals, or by a grant that has not expired. Written out, because every request of the staff asks it and
# the ORM took longer to write it than PostgreSQL to answer.
_PORTALS_OF = """
    SELECT portal_id FROM "analysts_user_portals" WHERE user_id = %s
    UNION
    SELECT held.portal_id FROM "analysts_user_portal_groups" AS joined
    JOIN "countries_portalgroup_portals" AS held ON held.portalgroup_id = joined.portalgroup_id
    WHERE joined.user_id = %s
    UNION
    SELECT id FROM "countries_portal" WHERE (SELECT all_portals FROM "analysts_user" WHERE id = %s)
    UNION
    SELECT portal_id FROM "analysts_portalgrant" WHERE user_id = %s AND until > statement_timestamp()
    UNION
    SELECT 0 FROM "analysts_user" WHERE id = %s AND role IN ('analyst', 'senior')
"""
_TIMES_ASKED = _PORTALS_OF.count("%s")


def portals_of(user_id: int) -> RawSQL:
    """The ids of the portals that a user works for now, as an array; for analysts with `HOTLINE`."""
    return RawSQL(f"ARRAY({_PORTALS_OF})", [user_id] * _TIMES_ASKED)  # noqa: S611 - a constant


def read_portals_of(user_id: int) -> list[int]:
    """The ids of the portals that a user works for now, for analysts with `HOTLINE`. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_PORTALS_OF, [user_id] * _TIMES_ASKED)
        return [portal_id for (portal_id,) in cursor.fetchall()]


def _reached_by(users: QuerySet["User"]) -> Q:
    """The condition that at least one of the users works for a portal permanently."""
    direct = User.portals.through.objects.filter(user__in=users).values("portal")
    groups = User.portal_groups.through.objects.filter(user__in=users).values("portalgroup")
    by_group = PortalGroup.portals.through.objects.filter(portalgroup__in=groups).values("portal")
    return Q(pk__in=direct) | Q(pk__in=by_group) | Q(Exists(users.filter(all_portals=True)))


def _works_for_portal_of_text() -> Q:
    """The condition, inside a query over portal texts, that the user works permanently for the text's portal."""
    portal = OuterRef("portal")
    return Q(all_portals=True) | Q(portals=portal) | Q(portal_groups__portals=portal)


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, *, role: Role, password: str | None = None, **fields: object) -> "User":
        """Create an account. Without a password, sign-in to it is not possible."""
        user = self.model(username=self.model.normalize_username(username), role=role, **fields)
        user.set_password(password)
        user.save()
        return user

    def analysts(self) -> QuerySet["User"]:
        """Active analysts and senior analysts."""
        return self.filter(is_active=True, role__in=CONTENT_ROLES)

    def readers(self) -> QuerySet["User"]:
        """Analysts who read reports: they signed in within READER_DAYS and, where it is required, have a second factor.

        An account that was never opened covers no portal. In a demonstration, whose accounts wait for visitors, all do.
        """
        if settings.DEMO:
            return self.analysts()
        readers = self.analysts().filter(last_login__gte=timezone.now() - timedelta(days=READER_DAYS))
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
        return readers.filter(Exists(factors)) if settings.REQUIRE_MFA else readers

    def analysts_of(self, portals: Collection[int] | QuerySet[Portal, object]) -> QuerySet["User"]:
        """Active analysts, readers or not, who work permanently for any of the portals; `portals`: ids, or a query."""
        works_for = Q(all_portals=True) | Q(portals__in=portals) | Q(portal_groups__portals__in=portals)
        return self.analysts().filter(works_for).distinct()

    def with_mail(self, *roles: Role) -> "models.QuerySet[User]":
        """The active accounts in these roles that have an e-mail address."""
        return self.filter(role__in=roles, is_active=True).exclude(email="").order_by("pk")

    def mail_addresses(self, *roles: Role) -> list[str]:
        """The addresses of `with_mail`, each once."""
        return list(dict.fromkeys(self.with_mail(*roles).values_list("email", flat=True)))

    def to_vouch_for(self) -> "models.QuerySet[User]":
        """The active accounts that decide anything and that no two administrators made or vouched for."""
        return self.filter(is_active=True).exclude(role=Role.PARTNER).exclude(is_vouched_for=True)

    def uncovered_among(self, portals: Collection[int]) -> set[int]:
        """The portal ids among these that no reader works for: all doors that show coverage ask here. One query."""
        uncovered = Portal.objects.filter(pk__in=portals).exclude(_reached_by(self.readers()))
        return set(uncovered.order_by().values_list("pk", flat=True))

    def unread_among(self, portals: Collection[int]) -> dict[int, list[str]]:
        """Maps portal ids to the languages of their texts in which no reader who works for them works.

        All doors that show them ask here. One query.
        """
        readers = self.readers().filter(_works_for_portal_of_text())
        unread: dict[int, list[str]] = {}
        texts = PortalText.objects.filter(portal__in=portals).order_by("position", "pk")
        languages = ArraySubquery(readers.order_by().values("language").distinct())
        for portal_id, tag, spoken in texts.values_list("portal", "language", languages):
            if not any(is_readable_as(language or USUAL_LANGUAGE, tag) for language in spoken):
                unread.setdefault(portal_id, []).append(tag)
        return unread


class User(AbstractBaseUser):
    """A member of staff. Permissions follow from `role` alone: there are no superusers, groups or individual grants."""

    username = models.CharField(_("user name"), max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    name = models.CharField(_("name"), max_length=100, blank=True)
    # The name that colleagues see; the person chooses it. "": the role and a short code.
    desk_name = models.CharField(_("desk name"), max_length=40, blank=True, default="", db_default="")
    email = models.EmailField(_("e-mail address"), blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role)
    portals = models.ManyToManyField(
        Portal,
        verbose_name=_("portals"),
        blank=True,
        related_name="+",
        help_text=_("Reports to other portals stay hidden."),
    )
    all_portals = models.BooleanField(_("all portals"), default=False, help_text=_("Including those created later."))
    portal_groups = models.ManyToManyField(
        PortalGroup, verbose_name=_("portal groups"), blank=True, related_name="members"
    )
    language = models.CharField(_("language"), max_length=12, blank=True)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Switch off instead of deleting."))

    unconfirmed = models.BooleanField(
        _("waiting for another administrator"),
        default=False,
        help_text=_("The account’s role needs approval by a second administrator."),
    )
    # A second person approves only what was asked for later: one administrator could have made or renamed the account
    # in between. A trigger sets it when the user name, name or role changes, or the account is activated again.
    unchanged_since = models.DateTimeField(_("unchanged since"), default=timezone.now, editable=False)
    # Whether two administrators made the account or vouched for it. False: it is no second person. None: made by the
    # command, or before the product asked; it is a second person until a vouching leaves it out
    # (`analysts.accounts.vouching`).
    is_vouched_for = models.BooleanField(_("made or vouched for by two administrators"), null=True, editable=False)

    # Part of the session hash: incrementing it ends all sessions.
    session_round = models.PositiveIntegerField(_("how often all sessions were ended"), default=0)

    # The latest request, at most SEEN_EVERY earlier than that; None before the first.
    seen_at = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)

    # The portal ids, if loaded with the user (`analysts.accounts.sign_in.adapters.Backend`).
    known_portal_ids: list[int] | None = None
    # Whether there is a passkey or an authenticator app, if loaded with the user.
    known_second_factor: bool | None = None

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["role"]

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
            # Of former colleagues too: pages go on showing who did something.
            models.UniqueConstraint(
                Lower("desk_name"),
                condition=~Q(desk_name=""),
                name="user_desk_name_once",
                violation_error_message=_("A colleague has or had this name."),
            ),
            models.CheckConstraint(
                condition=models.Q(unconfirmed=False) | models.Q(is_active=False), name="user_active_once_confirmed"
            ),
        ]

    def __str__(self) -> str:
        """The name that colleagues see. Only administrators' pages of accounts show `username` and `name`."""
        return self.desk_name or f"{Role(self.role).label} {self.desk_code}"

    @property
    def desk_code(self) -> str:
        """Four digits, which no chosen name has."""
        return _desk_code(self.pk, settings.SECRET_KEY)

    @property
    def portal_ids(self) -> list[int]:
        """Ids of the user's portals: for `request.user` those at the start of the request, otherwise current ones."""
        if self.known_portal_ids is None:
            return read_portals_of(self.pk)
        return self.known_portal_ids

    @property
    def portal_array(self) -> Value:
        """`portal_ids` as one value, for `overlap`: of a list, Django resolves and compiles each id on its own."""
        return Value(self.portal_ids, output_field=ArrayField(models.BigIntegerField()))

    def visible_portals(self) -> QuerySet[Portal]:
        """The portals that the user works for, in the order of their names."""
        return Portal.objects.filter(pk__in=self.portal_ids)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """The hash that a session must match. A new password, role or `session_round` ends the user's sessions."""
        state = f"{self.role}|{self.password}|{self.session_round}"
        return salted_hmac("analysts.User.session", state, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_staff(self) -> bool:
        """Every active account is staff: reporters have no accounts."""
        return self.is_active

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether the role has a permission on ordinary admin pages, such as `countries.change_portal`."""
        return self.is_active and perm in MODEL_PERMISSIONS[Role(self.role)]

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and any(perm.startswith(f"{app_label}.") for perm in MODEL_PERMISSIONS[Role(self.role)])


# How often `User.seen_at` is updated at most: who is away is decided by the hour.
SEEN_EVERY = timedelta(minutes=5)


class PortalGrant(models.Model):
    """Access of one user to one portal's reports until a time. Kept after that: it says who could see what, and when.

    Given automatically to senior analysts (`analysts.incidents.danger_grants`), and recorded as an audit event.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("portal grant")
        verbose_name_plural = _("portal grants")
        default_permissions = ()
        indexes = [models.Index(fields=["user", "portal", "-until"], name="portal_grant_in_force")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=models.F("at")), name="portal_grant_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.portal_id} {self.until:%Y-%m-%dT%H:%MZ}"


class CoverageGap(models.Model):
    """A portal that the public can report to and no analyst works for, or a language of it that none of its analysts
    works in, since it was noticed. Deleted when it ends."""

    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+", db_index=False)
    # "": the portal as a whole.
    language = models.CharField(_("language"), max_length=12, blank=True, db_default="")
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("coverage gap")
        verbose_name_plural = _("coverage gaps")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["portal", "language"], name="coverage_gap_once")]

    def __str__(self) -> str:
        return f"{self.portal_id} {self.language}".rstrip()
