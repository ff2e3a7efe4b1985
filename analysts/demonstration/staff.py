"""The demonstration's staff accounts."""

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from countries.models import LanguageRole, Portal, PortalGroup, Region
from countries.words.sources import SOURCE, language_tags

# A portal group as an example: the analyst works for its portals through it, and for the others directly.
GROUP, GROUP_REGION = "African portals", Region.AFRICA

# Second accounts for actions that need two people.
SECONDS = {
    "analyst2": Role.ANALYST,
    # Confirms what the other one closes.
    "senior2": Role.SENIOR,
    "operator2": Role.OPERATOR,
    "administrator2": Role.ADMINISTRATOR,
    # Reviews what the other one translates.
    "translator2": Role.TRANSLATOR,
}


# As each person would have chosen it.
DESK_NAMES = {
    "analyst": "Ana",
    "analyst2": "Ben",
    "senior": "Sena",
    "senior2": "Sami",
    "operator": "Olga",
    "operator2": "Otis",
    "partner": "Petra",
    "auditor": "Axel",
    "welfare": "Willa",
    "administrator": "Adam",
    "administrator2": "Alma",
    "translator": "Tara",
    "translator2": "Theo",
    "recipient": "Rosa",
}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A staff account of the demonstration, with its password in clear to be shown once."""

    username: str
    role: Role
    password: str


def create_staff() -> list[DemoAccount]:
    """Create an account per role, and second ones of some (`SECONDS`); without passwords.

    All portals there are now have analysts; a portal that is opened later needs an administrator to assign one.
    """
    portals = list(Portal.objects.all())
    group = PortalGroup.objects.create(name=GROUP)
    group.portals.set([portal for portal in portals if portal.region == GROUP_REGION])
    accounts = []
    # Before the year that they act in, so that they can be second persons.
    known_since = timezone.now() - timedelta(days=800)
    for name, role in [*((role.value, role) for role in Role), *SECONDS.items()]:
        account = DemoAccount(name, role, secrets.token_urlsafe(12))
        user = User.objects.create_user(
            account.username,
            role=role,
            name=str(role.label),
            desk_name=DESK_NAMES[name],
            unchanged_since=known_since,
            is_vouched_for=True,
        )
        if name == Role.ANALYST:
            user.portal_groups.add(group)
            user.portals.set([portal for portal in portals if portal.region != GROUP_REGION])
        else:
            user.portals.set(_portals_of(role, portals))
        if role == Role.TRANSLATOR:
            LanguageRole.objects.bulk_create(
                LanguageRole(account=user, language=tag, is_reviewer=name in SECONDS)
                for tag in language_tags()
                if tag != SOURCE
            )
        accounts.append(account)
    return accounts


def _portals_of(role: Role, portals: list[Portal]) -> list[Portal]:
    """The portals of a role's account. A recipient's sees what was referred to it, a translator's none."""
    match role:
        case Role.PARTNER:
            return [portal for portal in portals if portal.slug == "bz"]
        case Role.RECIPIENT | Role.TRANSLATOR:
            return []
        case _:
            return portals


@contextmanager
def set_passwords_after(accounts: Sequence[DemoAccount]) -> Iterator[None]:
    """Set the passwords after the block; they are hashed, which is slow on purpose, in a thread meanwhile."""
    thread = ThreadPoolExecutor(max_workers=1)
    try:
        hashed = [thread.submit(make_password, account.password) for account in accounts]
        yield
        for account, password in zip(accounts, hashed, strict=True):
            User.objects.filter(username=account.username).update(password=password.result())
    finally:
        # If interrupted, do not wait for the remaining hashes.
        thread.shutdown(cancel_futures=True)
