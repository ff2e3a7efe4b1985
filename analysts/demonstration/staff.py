"""The demonstration's staff."""

import secrets
from dataclasses import dataclass

from analysts.codes import Role
from analysts.models import User
from countries.models import Portal

# Some things take two of them.
SECONDS = {"analyst2": Role.ANALYST, "operator2": Role.OPERATOR, "administrator2": Role.ADMINISTRATOR}


@dataclass(frozen=True, slots=True)
class Account:
    """A member of the demonstration's staff, with the password that is shown once."""

    username: str
    role: Role
    password: str


def create_staff() -> list[Account]:
    """One account a role, named after it, and a second analyst, operator and administrator."""
    portals = list(Portal.objects.all())
    accounts = []
    for name, role in [*((role.value, role) for role in Role), *SECONDS.items()]:
        account = Account(name, role, secrets.token_urlsafe(12))
        user = User.objects.create_user(account.username, role=role, password=account.password, name=str(role.label))
        user.portals.set([portal for portal in portals if portal.slug == "bz"] if role == Role.PARTNER else portals)
        accounts.append(account)
    return accounts
