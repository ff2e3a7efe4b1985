"""The newest readings of the machine: disks, certificates, backups, services, releases.

`deploy/host-readings` writes them each minute as root, since the units see none of it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.models import HostReading, ReadingKind
from analysts.operations.health_item import HealthItem
from analysts.operations.product_version import read_version, version_key

# The timer runs each minute.
READINGS_LATE = timedelta(minutes=5)
READINGS_KEPT = timedelta(hours=2)
CERTIFICATE_WARNING = timedelta(days=14)
# One a day, and some hours to make it.
BACKUP_LATE = timedelta(hours=30)
REHEARSAL_LATE = timedelta(days=100)
# A disk below either is late.
DISK_SHARE = 0.10
DISK_BYTES = 2 * 1024**3
GIB = 1024**3
# Kinds that one run of host-readings reads; the worker reads the rest.
OF_THE_MACHINE = frozenset(ReadingKind) - {ReadingKind.MAIL, ReadingKind.KEYRING}

type Readings = dict[ReadingKind, list[HostReading]]


def read_newest() -> Readings:
    """The newest reading of each kind and name, by kind. One query."""
    newest = list(HostReading.objects.order_by("kind", "name", "-id").distinct("kind", "name"))
    last = _last_run(newest)
    readings: Readings = {kind: [] for kind in ReadingKind}
    for reading in newest:
        # One run reads the whole machine: what newer runs leave out is no longer in host.env. An old look at the
        # keyring is shown as old.
        if reading.kind == ReadingKind.KEYRING or last is None or reading.read_at > last - READINGS_LATE:
            readings[ReadingKind(reading.kind)].append(reading)
    return readings


def _last_run(readings: Iterable[HostReading]) -> datetime | None:
    """When the machine was read the last time."""
    return max((reading.read_at for reading in readings if reading.kind in OF_THE_MACHINE), default=None)


def delete_old_readings(now: datetime) -> None:
    """Delete readings that newer ones have replaced."""
    newer = HostReading.objects.filter(kind=OuterRef("kind"), name=OuterRef("name"), id__gt=OuterRef("id"))
    HostReading.objects.filter(Exists(newer), read_at__lt=now - READINGS_KEPT).delete()


def host_items(readings: Readings, now: datetime) -> Iterator[HealthItem]:
    """The readings of the machine, in display order. Without any reading, one item that says so."""
    newest = _last_run(chain(*readings.values()))
    yield HealthItem(
        "host_readings",
        gettext_lazy("Readings of the machine"),
        # The demo has no machine of its own.
        is_late=not settings.DEMO if newest is None else newest <= now - READINGS_LATE,
        since=newest,
        advice=gettext_lazy(
            "Disks, certificates, backups and services are not watched. Have the server’s administrators run: "
            "systemctl status portals-host-readings.timer"
        ),
        details=() if newest else (_("none"),),
        age=timesince(newest, now) if newest else "",
    )
    if newest is None:
        return
    yield _disk_item(readings[ReadingKind.DISK])
    yield _certificate_item(readings[ReadingKind.CERTIFICATE], now)
    yield _backup_item(readings[ReadingKind.BACKUP], now)
    yield _rehearsal_item(readings[ReadingKind.RESTORE], now)
    yield _unit_item(readings[ReadingKind.UNIT])
    yield _release_item(readings[ReadingKind.RELEASE])


def is_disk_short(reading: HostReading) -> bool:
    free, total = reading.number or 0, reading.total or 0
    return free < DISK_BYTES or free < total * DISK_SHARE


def _disk_item(readings: Iterable[HostReading]) -> HealthItem:
    readings = list(readings)
    return HealthItem(
        "disk",
        gettext_lazy("Disk space"),
        any(map(is_disk_short, readings)),
        None,
        gettext_lazy(
            "When the database’s disk is full, no report can be stored. Enlarge the disk, or delete what is not "
            "needed, but never files of the database."
        ),
        tuple(
            _("%(name)s: %(free)s of %(total)s GiB free")
            % {"name": disk.name, "free": (disk.number or 0) // GIB, "total": disk.total // GIB}
            if disk.total
            else _unread(disk)
            for disk in readings
        )
        or _no_names(),
    )


def _certificate_item(readings: Iterable[HostReading], now: datetime) -> HealthItem:
    readings = list(readings)
    return HealthItem(
        "certificate",
        gettext_lazy("Certificates"),
        any(reading.moment is None or reading.moment <= now + CERTIFICATE_WARNING for reading in readings),
        None,
        gettext_lazy("Without a valid certificate no report arrives. Renew it and reload nginx."),
        tuple(_describe_end(reading, now) for reading in readings) or _no_names(),
    )


def _describe_end(reading: HostReading, now: datetime) -> str:
    end = reading.moment
    if end is None:
        return _unread(reading)
    if end > now:
        return _("%(name)s: ends in %(time)s") % {"name": reading.name, "time": timeuntil(end, now)}
    return _("%(name)s: ended on %(day)s") % {"name": reading.name, "day": date_format(end, "j M Y")}


def _backup_item(readings: Iterable[HostReading], now: datetime) -> HealthItem:
    readings = list(readings)
    return HealthItem(
        "backup",
        gettext_lazy("Backups"),
        any(reading.moment is None or reading.moment <= now - BACKUP_LATE for reading in readings),
        min((reading.moment for reading in readings if reading.moment), default=None),
        gettext_lazy(
            "What is not backed up is lost with the disk. Have the server’s administrators run: "
            "journalctl --namespace=portals --unit=portals-backup.service"
        ),
        tuple(
            _("%(name)s: %(time)s ago") % {"name": reading.name, "time": timesince(reading.moment, now)}
            if reading.moment
            else _("%(name)s: none") % {"name": reading.name}
            for reading in readings
        )
        or _no_names(),
    )


def _rehearsal_item(readings: Iterable[HostReading], now: datetime) -> HealthItem:
    last = max((reading.moment for reading in readings if reading.moment), default=None)
    return HealthItem(
        "restore",
        gettext_lazy("Last rehearsed restore"),
        last is None or last <= now - REHEARSAL_LATE,
        last,
        gettext_lazy(
            "A backup that was never restored may be worthless. Restore the newest one on another machine, as "
            "deploy/backup/README.md describes, then run here: touch /var/backups/portals/rehearsed"
        ),
        age=timesince(last, now) if last else "",
    )


def _unit_item(readings: Iterable[HostReading]) -> HealthItem:
    readings = list(readings)
    failed = tuple(_describe_unit(reading) for reading in readings if reading.number != 0)
    return HealthItem(
        "units",
        gettext_lazy("Services"),
        bool(failed),
        None,
        gettext_lazy("Have the server’s administrators look at them with: systemctl status"),
        failed or (() if readings else _no_names()),
    )


def _describe_unit(reading: HostReading) -> str:
    if reading.number is None:
        return _unread(reading)
    if reading.moment is None:
        return reading.name
    return _("%(name)s: last run on %(time)s") % {
        "name": reading.name,
        "time": f"{date_format(reading.moment, 'j M Y, H:i')} UTC",
    }


def _unread(reading: HostReading) -> str:
    return _("%(name)s: cannot be read") % {"name": reading.name}


def _no_names() -> tuple[str, ...]:
    return (_("not watched: /etc/portals/host.env names none"),)


def _release_item(readings: Iterable[HostReading]) -> HealthItem:
    own_version = read_version()
    newer = sorted((row.name for row in readings if version_key(row.name) > version_key(own_version)), key=version_key)
    return HealthItem(
        "version",
        gettext_lazy("Version"),
        is_watched=False,
        details=(
            own_version,
            *(_("newer in the archive folder: %(version)s") % {"version": version} for version in newer),
        ),
    )
