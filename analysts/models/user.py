"""Staff accounts: one role each, and the portals they work for."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from analysts.codes import Role
from analysts.models.role_permissions import MODEL_PERMISSIONS
from countries.models import Portal


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, *, role: Role, password: str | None = None, **fields: object) -> "User":
        """Create an account. Without a password, sign-in to it is not possible."""
        user = self.model(username=self.model.normalize_username(username), role=role, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of staff. Permissions follow from `role` alone: there are no superusers, groups or individual grants."""

    username = models.CharField(_("user name"), max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    name = models.CharField(_("name"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    role = models.CharField(_("role"), max_length=16, choices=Role)
    portals = models.ManyToManyField(
        Portal,
        verbose_name=_("portals"),
        blank=True,
        related_name="+",
        help_text=_("Reports to other portals stay hidden."),
    )
    language = models.CharField(_("language"), max_length=12, blank=True)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Switch off instead of deleting."))

    unconfirmed = models.BooleanField(
        _("waiting for another administrator"),
        default=False,
        help_text=_("The account’s role needs approval by a second administrator."),
    )
    # Part of the session hash: incrementing it ends all sessions.
    session_round = models.PositiveIntegerField(_("how often all sessions were ended"), default=0)

    # The portal ids, if loaded together with the user (`analysts.accounts.sign_in.Backend`).
    known_portal_ids: list[int] | None = None

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
            models.CheckConstraint(
                condition=models.Q(unconfirmed=False) | models.Q(is_active=False), name="user_active_once_confirmed"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def portal_ids(self) -> list[int]:
        """Ids of the user's portals: for `request.user` those at the start of the request, otherwise current ones."""
        if self.known_portal_ids is None:
            return list(self.portals.values_list("pk", flat=True))
        return self.known_portal_ids

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """The hash that a session must match. A new password, role or `session_round` ends the user's sessions."""
        held = f"{self.role}|{self.password}|{self.session_round}"
        return salted_hmac("analysts.User.session", held, secret=secret, algorithm="sha256").hexdigest()

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
