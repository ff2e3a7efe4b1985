"""Network files: look up the country and network of an IP address in local files of the installation.

Reads any file in the MaxMind DB format with `country.iso_code`, with `autonomous_system_number` and
`autonomous_system_organization`, or with both. No lookup leaves the machine, not even a DNS query, and the IP address
is not stored: no exception of this module quotes it.
"""

import ipaddress
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import maxminddb
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.models import HostingTrace
from countries.languages import NO_COUNTRIES

LONGEST_NETWORK = HostingTrace._meta.get_field("network").max_length or 0
# Errors that the reader raises for damaged bytes: it validates little beyond what a valid file needs.
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
    """A file cannot be used. `reason` is shown to the user; it names the file and never the IP address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoNetworkAddress(Exception):
    """The text is not an IP address; it may be a host name."""


@dataclass(frozen=True, slots=True)
class NetworkInfo:
    """The entry of an IP address; "" for unknown values. `as_of`: the build date of the oldest file used."""

    country: str
    network: str
    provider: str
    as_of: date


def look_up(typed: str, *, now: datetime) -> NetworkInfo | None:
    """Look up an IP address; None where no file has an entry for it.

    Raises:
        NoNetworkAddress: the text is a name, a URL or anything else.
        Unusable: a file is missing, damaged or too old.
    """
    address = network_address(typed)
    country, number, organization, dates = "", "", "", []
    for path in _file_paths():
        record, built = _find_record(path, address), check_file(path, now=now)
        name = " ".join(_clean_text(record.get("autonomous_system_organization")).split())
        values = _country_code(record), _clean_text(record.get("autonomous_system_number")), name
        if any(values):
            dates.append(built)
        # The first file with a value takes precedence.
        country, number, organization = country or values[0], number or values[1], organization or values[2]
    if not dates:
        return None
    network = f"AS{number} {organization}".strip() if number else organization
    return NetworkInfo(country, network[:LONGEST_NETWORK], organization[:LONGEST_NETWORK], min(dates))


def network_address(typed: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Parse an IP address. Raises NoNetworkAddress, which does not quote the text."""
    try:
        address = ipaddress.ip_address(typed.strip().removeprefix("[").removesuffix("]"))
    except ValueError:
        raise NoNetworkAddress from None
    if address.version == 4:
        return address
    if address.scope_id:
        # A zone index exists only for link-local addresses.
        raise NoNetworkAddress
    return address.ipv4_mapped or address


def is_set() -> bool:
    return bool(settings.NETWORKS_FILE)


def why_not(*, now: datetime) -> str:
    """The reason why lookups are unavailable; "" where they work."""
    paths = _file_paths()
    if not paths:
        return _("This installation has no network file.")
    try:
        for path in paths:
            check_file(path, now=now)
    except Unusable as unusable:
        return unusable.reason
    return ""


def check_file(path: Path, *, now: datetime) -> date:
    """Return the day on which the file was built.

    Raises:
        Unusable: the file is missing, unreadable, damaged or older than NETWORKS_DAYS.
    """
    try:
        status = path.stat()
    except OSError:
        raise Unusable(_("The network file %(name)s is missing.") % {"name": path.name}) from None
    built = _build_date(path, status.st_mtime_ns, status.st_size)
    if now.date() - built > timedelta(days=settings.NETWORKS_DAYS):
        names = {"name": path.name, "date": date_format(built, "j M Y")}
        raise Unusable(_("The network file %(name)s is dated %(date)s and is too old to use.") % names)
    return built


@lru_cache(maxsize=8)
def _build_date(path: Path, mtime: int, size: int) -> date:
    """The build date, cached until the file changes, because every incident page needs it."""
    with _open_reader(path) as reader:
        return datetime.fromtimestamp(reader.metadata().build_epoch, UTC).date()


def _find_record(path: Path, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Mapping[str, object]:
    with _open_reader(path) as reader:
        if address.version == 6 and reader.metadata().ip_version == 4:
            return {}
        record = reader.get(address)
        return record if isinstance(record, dict) else {}


@contextmanager
def _open_reader(path: Path) -> Iterator[maxminddb.Reader]:
    """Open the file without mapping it: replacing a memory-mapped file kills the process that reads it."""
    try:
        with maxminddb.open_database(path, maxminddb.MODE_FILE) as reader:
            yield reader
    except DAMAGE:
        # `from None`: the cause may quote the IP address.
        message = _("The network file %(name)s is damaged or unreadable.") % {"name": path.name}
        raise Unusable(message) from None


def _country_code(record: Mapping[str, object]) -> str:
    country = record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else None
    is_code = (
        isinstance(code, str) and len(code) == 2 and code.isascii() and code.isupper() and code not in NO_COUNTRIES
    )
    return str(code) if is_code else ""


def _clean_text(value: object) -> str:
    return "" if value is None else str(value).replace("\0", "")


def _file_paths() -> list[Path]:
    return [Path(path) for path in settings.NETWORKS_FILE]
