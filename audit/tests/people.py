"""The people of these tests, without the user model of an app above."""

from dataclasses import dataclass, field


@dataclass
class Person:
    """Somebody signed in, as far as `record` and the admin site look."""

    username: str
    role: str
    permissions: set[str] = field(default_factory=set)
    pk: int = 1
    is_active: bool = True
    is_staff: bool = True
    is_authenticated: bool = True
    is_anonymous: bool = False

    def get_username(self) -> str:
        return self.username

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return perm in self.permissions

    def has_module_perms(self, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in self.permissions)

    def has_usable_password(self) -> bool:
        return True
