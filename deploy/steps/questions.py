"""The questions of an installation, and the answers allowed."""

import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass

HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
MAIL = re.compile(r"[^@\s,\"<>]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]+")
# Typed to a question that has a default and may be left empty.
NOTHING = "-"
SSH_KEY = re.compile(r"ssh-ed25519 [A-Za-z0-9+/=]{60,100}( [\w@.-]+)?")
HOST_KEY = re.compile(rf"({ADDRESS.pattern}) {SSH_KEY.pattern}")
AGE = re.compile(r"age1[0-9a-z]{20,100}")

type Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class InstallQuestion:
    """`wrong` completes "NAME must be ...". `only_with`: asked where that answer is not empty (or is the one given).

    `roles`: the machines that are asked, by ROLE; all where it is empty.
    """

    name: str
    text: str
    default: str = ""
    is_valid: Check = bool
    wrong: str = "not empty"
    only_with: tuple[str, str] | None = None
    secret: bool = False
    roles: tuple[str, ...] = ()


def _matches(pattern: re.Pattern[str], *, empty: bool = False) -> Check:
    return lambda value: (empty and not value) or pattern.fullmatch(value) is not None


def _is_list_of(pattern: re.Pattern[str]) -> Check:
    return lambda value: all(pattern.fullmatch(item.strip()) for item in value.split(",")) if value else True


def _is_time_zone(value: str) -> bool:
    try:
        return value != "UTC" and bool(zoneinfo.ZoneInfo(value))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_one_of(*allowed: str) -> Check:
    return lambda value: value in allowed


STAFF = ("one", "staff")
SERVING = ("one", "staff", "public")
QUESTIONS = (
    InstallQuestion(
        "ROLE",
        "This machine: `one` (everything), `staff` (database, keys, staff's surface), `public` (reporters' surface) or "
        "`standby` (for a copy of the database)",
        "one",
        _is_one_of("one", "staff", "public", "standby"),
        "one, staff, public or standby",
    ),
    InstallQuestion("HOTLINE_NAME", "The hotline's name, as every public page shows it", roles=SERVING),
    InstallQuestion(
        "PUBLIC_HOST",
        "Host name for reporters",
        "",
        _matches(HOST),
        "a host name such as report.example.org",
        roles=SERVING,
    ),
    InstallQuestion(
        "STAFF_HOST",
        "Host name for staff",
        "",
        _matches(HOST),
        "a host name such as staff.example.org",
        roles=STAFF,
    ),
    InstallQuestion(
        "OWN_ADDRESS",
        "Address of this machine in the network of the machines",
        "",
        _matches(ADDRESS),
        "an IP address",
        roles=("staff", "public"),
    ),
    InstallQuestion(
        "PUBLIC_ADDRESSES",
        "Addresses of the public machines in that network, separated by commas",
        "",
        lambda value: bool(value) and _is_list_of(ADDRESS)(value),
        "one or more IP addresses",
        roles=("staff",),
    ),
    InstallQuestion(
        "HOST_KEYS",
        "For each public machine its address and its host key, separated by commas; empty until they are installed",
        "",
        _is_list_of(HOST_KEY),
        "empty or lines such as 10.0.0.1 ssh-ed25519 AAAA...",
        roles=("staff",),
    ),
    InstallQuestion(
        "DATABASE_ADDRESSES",
        "Address of the staff's machine in that network, and after a comma that of the database's twin if there is one",
        "",
        lambda value: 1 <= len(value.split(",")) <= 2 and bool(value) and _is_list_of(ADDRESS)(value),
        "one or two IP addresses",
        roles=("public",),
    ),
    InstallQuestion(
        "MIRROR_KEY",
        "The line that deploy/install printed on the staff's machine: who brings the public halves of keys",
        "",
        _matches(SSH_KEY),
        "a line such as ssh-ed25519 AAAA...",
        roles=("public",),
    ),
    InstallQuestion(
        "MEMBERS_HOST",
        "Host name of the URL list for members; empty for none",
        "",
        _matches(HOST, empty=True),
        "empty or a host name such as list.example.org",
        roles=STAFF,
    ),
    InstallQuestion(
        "WORK_TIME_ZONE",
        "The analysts' time zone",
        "",
        _is_time_zone,
        "the name of a place such as Europe/London",
        roles=STAFF,
    ),
    InstallQuestion(
        "CUT_OFF",
        "Time of day after which no new work is started; empty for none",
        "16:00",
        _matches(HOUR, empty=True),
        "empty or a time such as 16:00",
        roles=STAFF,
    ),
    InstallQuestion(
        "HOTLINE_COUNTRY",
        "The hotline's own country",
        "GB",
        _matches(re.compile("[A-Z]{2}")),
        "two capital letters",
        roles=STAFF,
    ),
    InstallQuestion(
        "SOURCE_URL", "Where the source code is published; empty for nowhere", "", lambda value: True, roles=SERVING
    ),
    InstallQuestion(
        "MAIL_FROM", "Sender of mail; its mail must be read", "", _matches(MAIL), "an e-mail address", roles=STAFF
    ),
    InstallQuestion(
        "ALERT_EMAILS", "Who gets a mail when a child is in danger now", "", _is_list_of(MAIL), "addresses", roles=STAFF
    ),
    InstallQuestion(
        "OPERATIONS_EMAILS",
        "Who gets a mail when something is not in order; empty for the same",
        "",
        _is_list_of(MAIL),
        "e-mail addresses",
        roles=STAFF,
    ),
    InstallQuestion(
        "MAIL_HOST",
        "Name of the mail server; empty for no mail",
        "",
        _matches(HOST, empty=True),
        "empty or a host name such as mail.example.org",
        roles=STAFF,
    ),
    InstallQuestion(
        "MAIL_ADDRESS",
        "IP address of the mail server: the only one that the worker may reach",
        "",
        _matches(ADDRESS),
        "an IP address",
        ("MAIL_HOST", ""),
        roles=STAFF,
    ),
    InstallQuestion(
        "MAIL_PORT",
        "Port of the mail server",
        "465",
        _matches(re.compile(r"\d{1,5}")),
        "a number",
        ("MAIL_HOST", ""),
        roles=STAFF,
    ),
    InstallQuestion(
        "MAIL_USER",
        "User name at the mail server; empty for none",
        "",
        lambda value: True,
        "",
        ("MAIL_HOST", ""),
        roles=STAFF,
    ),
    InstallQuestion(
        "MAIL_PASSWORD", "Its password; empty for none", "", lambda value: True, "", ("MAIL_USER", ""), secret=True
    ),
    InstallQuestion(
        "CERTIFICATES",
        "Certificates: `own` (in /etc/portals/tls), `acme` (fetched with certbot) or `trial` (self-signed)",
        "own",
        _is_one_of("own", "acme", "trial"),
        "own, acme or trial",
        roles=SERVING,
    ),
    InstallQuestion(
        "ACME_MAIL",
        "E-mail address for the certificate authority",
        "",
        _matches(MAIL),
        "an e-mail address",
        ("CERTIFICATES", "acme"),
        roles=SERVING,
    ),
    InstallQuestion(
        "DATABASE_RECIPIENT",
        "Public key (age1...) for backups of the database; empty for later",
        "",
        _matches(AGE, empty=True),
        "empty or a key that begins with age1",
        roles=STAFF,
    ),
    InstallQuestion(
        "KEYRING_RECIPIENT",
        "Public key (age1...) for backups of the keys, of another person; empty for later",
        "",
        _matches(AGE, empty=True),
        "empty or a key that begins with age1",
        roles=STAFF,
    ),
)
