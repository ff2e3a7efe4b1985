"""The questions of an installation, and the answers allowed."""

import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass

HOST = r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
MAIL = r"[^@\s,\"<>]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+"
ADDRESS = r"(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]+)"
SSH_KEY = r"ssh-ed25519 [A-Za-z0-9+/=]{60,100}( [\w@.-]+)?"
# Typed to a question that has a default and may be left empty.
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class InstallAnswer:
    """The form of an answer; `requirement` completes "NAME must be ..."."""

    is_valid: Callable[[str], bool]
    requirement: str

    def or_empty(self) -> "InstallAnswer":
        return InstallAnswer(lambda value: not value or self.is_valid(value), f"empty or {self.requirement}")


def _matches(pattern: str, requirement: str) -> InstallAnswer:
    return InstallAnswer(lambda value: re.fullmatch(pattern, value) is not None, requirement)


def _is_list_of(pattern: str, requirement: str, most: int = 1000) -> InstallAnswer:
    """Separated by commas, and not empty."""

    def is_valid(value: str) -> bool:
        items = value.split(",")
        return len(items) <= most and all(re.fullmatch(pattern, item.strip()) for item in items)

    return InstallAnswer(is_valid, requirement)


def _is_host_like(example: str) -> InstallAnswer:
    return _matches(HOST, f"a host name such as {example}")


def _is_one_of(*allowed: str) -> InstallAnswer:
    return InstallAnswer(lambda value: value in allowed, f"{', '.join(allowed[:-1])} or {allowed[-1]}")


def _is_time_zone(value: str) -> bool:
    try:
        return value != "UTC" and bool(zoneinfo.ZoneInfo(value))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdigit() and 0 < int(value) < 65_536


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


NOT_EMPTY = InstallAnswer(bool, "not empty")
ANYTHING = InstallAnswer(lambda value: True, "")
MAILS = _is_list_of(MAIL, "e-mail addresses").or_empty()
AGE_KEY = _matches(r"age1[0-9a-z]{20,100}", "a key that begins with age1").or_empty()


@dataclass(frozen=True, slots=True)
class InstallQuestion:
    """`only_with`: asked where that answer is not empty (or is the one given).

    `roles`: the machines that are asked, by ROLE; all where it is empty.
    """

    name: str
    text: str
    form: InstallAnswer
    default: str = ""
    only_with: tuple[str, str] | None = None
    secret: bool = False
    roles: tuple[str, ...] = ()


STAFF = ("one", "staff")
SERVING = ("one", "staff", "public")
WITH_MAIL = ("MAIL_HOST", "")
QUESTIONS = (
    InstallQuestion(
        "ROLE",
        "This machine: `one` (everything), `staff` (database, keys, staff's surface), `public` (reporters' surface) or "
        "`standby` (for a copy of the database)",
        _is_one_of("one", "staff", "public", "standby"),
        "one",
    ),
    InstallQuestion("HOTLINE_NAME", "The hotline's name, as every public page shows it", NOT_EMPTY, roles=SERVING),
    InstallQuestion("PUBLIC_HOST", "Host name for reporters", _is_host_like("report.example.org"), roles=SERVING),
    InstallQuestion("STAFF_HOST", "Host name for staff", _is_host_like("staff.example.org"), roles=STAFF),
    InstallQuestion(
        "OWN_ADDRESS",
        "Address of this machine in the network of the machines",
        InstallAnswer(_is_address, "an IP address"),
        roles=("staff", "public"),
    ),
    InstallQuestion(
        "PUBLIC_ADDRESSES",
        "Addresses of the public machines in that network, separated by commas",
        _is_list_of(ADDRESS, "one or more IP addresses"),
        roles=("staff",),
    ),
    InstallQuestion(
        "HOST_KEYS",
        "For each public machine its address and its host key, separated by commas; empty until they are installed",
        _is_list_of(rf"{ADDRESS} {SSH_KEY}", "lines such as 10.0.0.1 ssh-ed25519 AAAA...").or_empty(),
        roles=("staff",),
    ),
    InstallQuestion(
        "DATABASE_ADDRESSES",
        "Addresses of the machines with the database in that network, separated by commas: the staff's machine first",
        _is_list_of(ADDRESS, "one to three IP addresses", most=3),
        roles=("public",),
    ),
    InstallQuestion(
        "MIRROR_KEY",
        "The line that deploy/install printed on the staff's machine: who brings the public halves of keys",
        _matches(SSH_KEY, "a line such as ssh-ed25519 AAAA..."),
        roles=("public",),
    ),
    InstallQuestion(
        "MEMBERS_HOST",
        "Host name of the URL list for members; empty for none",
        _is_host_like("list.example.org").or_empty(),
        roles=STAFF,
    ),
    InstallQuestion(
        "WORK_TIME_ZONE",
        "The analysts' time zone",
        InstallAnswer(_is_time_zone, "the name of a place such as Europe/London"),
        roles=STAFF,
    ),
    InstallQuestion(
        "CUT_OFF",
        "Time of day after which no new work is started; empty for none",
        _matches(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 16:00").or_empty(),
        "16:00",
        roles=STAFF,
    ),
    InstallQuestion(
        "HOTLINE_COUNTRY", "The hotline's own country", _matches("[A-Z]{2}", "two capital letters"), "GB", roles=STAFF
    ),
    InstallQuestion("SOURCE_URL", "Where the source code is published; empty for nowhere", ANYTHING, roles=SERVING),
    InstallQuestion(
        "MAIL_FROM", "Sender of mail; its mail must be read", _matches(MAIL, "an e-mail address"), roles=STAFF
    ),
    InstallQuestion("ALERT_EMAILS", "Who gets a mail when a child is in danger now", MAILS, roles=STAFF),
    InstallQuestion(
        "OPERATIONS_EMAILS", "Who gets a mail when something is not in order; empty for the same", MAILS, roles=STAFF
    ),
    InstallQuestion(
        "MAIL_HOST",
        "Name of the mail server; empty for no mail",
        _is_host_like("mail.example.org").or_empty(),
        roles=STAFF,
    ),
    InstallQuestion(
        "MAIL_ADDRESS",
        "IP address of the mail server: the only one that the worker may reach",
        InstallAnswer(_is_address, "an IP address"),
        only_with=WITH_MAIL,
        roles=STAFF,
    ),
    InstallQuestion(
        "MAIL_PORT",
        "Port of the mail server",
        InstallAnswer(_is_port, "a number up to 65535"),
        "465",
        only_with=WITH_MAIL,
        roles=STAFF,
    ),
    InstallQuestion(
        "MAIL_USER", "User name at the mail server; empty for none", ANYTHING, only_with=WITH_MAIL, roles=STAFF
    ),
    InstallQuestion(
        "MAIL_PASSWORD", "Its password; empty for none", ANYTHING, only_with=("MAIL_USER", ""), secret=True
    ),
    InstallQuestion(
        "CERTIFICATES",
        "Certificates: `own` (in /etc/portals/tls), `acme` (fetched with certbot) or `trial` (self-signed)",
        _is_one_of("own", "acme", "trial"),
        "own",
        roles=SERVING,
    ),
    InstallQuestion(
        "ACME_MAIL",
        "E-mail address for the certificate authority",
        _matches(MAIL, "an e-mail address"),
        only_with=("CERTIFICATES", "acme"),
        roles=SERVING,
    ),
    InstallQuestion(
        "DATABASE_RECIPIENT", "Public key (age1...) for backups of the database; empty for later", AGE_KEY, roles=STAFF
    ),
    InstallQuestion(
        "KEYRING_RECIPIENT",
        "Public key (age1...) for backups of the keys, of another person; empty for later",
        AGE_KEY,
        roles=STAFF,
    ),
)
