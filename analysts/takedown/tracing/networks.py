"""The operator's own files of networks: which country and network an address of a network belongs to, by a file alone.

Files in the MaxMind DB format, whoever makes them, are read where they lie: what has `country.iso_code`, what has
`autonomous_system_number` and `autonomous_system_organization`, or both. Nobody is asked, name servers least of all,
and what was typed is kept nowhere: no exception of this module quotes it.
"""

import ipaddress
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.models import HostingTrace
from countries.languages import NO_COUNTRIES

LONGEST_NETWORK = HostingTrace._meta.get_field("network").max_length or 0
# What the reader raises where bytes are not what they should be: its checks are for files that their maker made.
DAMAGE = (
    maxminddb.InvalidDatabaseError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


class Unusable(Exception):
    """A file cannot be used. `reason` is for whoever would have used it: it names the file, not what was asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoNetworkAddress(Exception):
    """What was typed is no address of a network, such as the name of a host."""


@dataclass(frozen=True, slots=True)
class NetworkInfo:
    """What the files say of one address; each "" where they say nothing. `as_of`: of the oldest file that said it."""

    country: str
    network: str
    provider: str
    as_of: date


def look_up(typed: str, *, now: datetime) -> NetworkInfo | None:
    """What the files say of the network address; None where no file knows it.

    Raises:
        NoNetworkAddress: it is a name, a whole web address, or nothing of the kind.
        Unusable: a file is missing, damaged or old.
    """
    address = network_address(typed)
    country, number, organization, dates = "", "", "", []
    for path in _file_paths():
        record, built = _find_record(path, address), check_file(path, now=now)
        told = _country_code(record), _clean_text(record.get("autonomous_system_number")), _organisation_name(record)
        if any(told):
            dates.append(built)
        # The first file that says something is believed.
        country, number, organization = country or told[0], number or told[1], organization or told[2]
    if not dates:
        return None
    network = f"AS{number} {organization}".strip() if number else organization
    return NetworkInfo(country, network[:LONGEST_NETWORK], organization[:LONGEST_NETWORK], min(dates))


def network_address(typed: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Raises NoNetworkAddress, without what was typed."""
    try:
        address = ipaddress.ip_address(typed.strip().removeprefix("[").removesuffix("]"))
    except ValueError:
        raise NoNetworkAddress from None
    if address.version == 4:
        return address
    if address.scope_id:
        # Of somebody's own network.
        raise NoNetworkAddress
    return address.ipv4_mapped or address


def is_set() -> bool:
    return bool(settings.NETWORKS_FILE)


def why_not(*, now: datetime) -> str:
    """Why nothing can be looked up; "" where it can."""
    paths = _file_paths()
    if not paths:
        return _("This installation has no file of networks.")
    try:
        for path in paths:
            check_file(path, now=now)
    except Unusable as unusable:
        return unusable.reason
    return ""


def check_file(path: Path, *, now: datetime) -> date:
    """The day on which the file was made.

    Raises:
        Unusable: missing, not readable here, damaged, or older than NETWORKS_DAYS.
    """
    try:
        found = path.stat()
    except OSError:
        raise Unusable(_("The file of networks %(name)s is missing.") % {"name": path.name}) from None
    built = _build_date(path, found.st_mtime_ns, found.st_size)
    if now.date() - built > timedelta(days=settings.NETWORKS_DAYS):
        told = {"name": path.name, "date": date_format(built, "j M Y")}
        raise Unusable(_("The file of networks %(name)s is of %(date)s: too old to be believed.") % told)
    return built


@lru_cache(maxsize=8)
def _build_date(path: Path, mtime: int, size: int) -> date:
    """Read anew when the file changes: every page of an incident asks."""
    with _open_reader(path) as reader:
        return datetime.fromtimestamp(reader.metadata().build_epoch, UTC).date()


def _find_record(path: Path, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> dict[str, Any]:
    with _open_reader(path) as reader:
        if address.version == 6 and reader.metadata().ip_version == 4:
            return {}
        record = reader.get(address)
        return record if isinstance(record, dict) else {}


@contextmanager
def _open_reader(path: Path) -> Iterator[maxminddb.Reader]:
    """The file, read with system calls as far as is needed: a file that is replaced while mapped kills the process."""
    try:
        with maxminddb.open_database(path, maxminddb.MODE_FILE) as reader:
            yield reader
    except DAMAGE:
        # The cause may quote the address that was looked up.
        told = {"name": path.name}
        raise Unusable(_("The file of networks %(name)s is damaged, or cannot be read here.") % told) from None


def _country_code(record: dict[str, Any]) -> str:
    country = record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else None
    known = isinstance(code, str) and len(code) == 2 and code.isascii() and code.isupper() and code not in NO_COUNTRIES
    return str(code) if known else ""


def _organisation_name(record: dict[str, Any]) -> str:
    return " ".join(_clean_text(record.get("autonomous_system_organization")).split())


def _clean_text(value: Any) -> str:
    return "" if value is None else str(value).replace("\0", "")


def _file_paths() -> list[Path]:
    return [Path(path) for path in settings.NETWORKS_FILE]
