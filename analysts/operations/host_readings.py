"""The newest readings of the machine: disks, certificates, backups, services, answers of the surfaces, releases.

`deploy/host-readings` writes them each minute as root, since the units see none of it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.models import HostReading, ReadingKind, UnitState
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
# Milliseconds within which a surface answers the watch; an answer of the last band is too slow.
ANSWER_BANDS = (100, 1000, 5000, 10_000)
ANSWERED = 200
# The worker takes these; one run of host-readings takes the rest.
OF_THE_WORKER = frozenset({ReadingKind.MAIL, ReadingKind.KEYRING})
OF_THE_MACHINE = frozenset(ReadingKind) - OF_THE_WORKER
UNREAD_ADVICE = gettext_lazy(
    "It cannot be read now. Have the server’s administrators run: "
    "journalctl --namespace=portals --unit=portals-host-readings"
)

type Readings = dict[ReadingKind, list[HostReading]]


def read_newest() -> Readings:
    """The newest reading of each kind and name, by kind. One query."""
    newest = list(HostReading.objects.order_by("kind", "name", "-id").distinct("kind", "name"))
    last = _last_run(newest)
    readings: Readings = {kind: [] for kind in ReadingKind}
    for reading in newest:
        # One run reads the whole machine: what newer runs leave out is no longer in host.env. An old look of the worker
        # is shown as old.
        if reading.kind in OF_THE_WORKER or last is None or reading.read_at > last - READINGS_LATE:
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
    """The readings of the machine, in display order. A value that was read too long ago, or never, is unknown."""
    newest = _last_run(chain(*readings.values()))
    is_old = newest is not None and newest <= now - READINGS_LATE
    # The demo has no machine of its own.
    has_machine = newest is not None or not settings.DEMO
    yield HealthItem(
        "host_readings",
        gettext_lazy("Readings of the machine"),
        is_late=is_old,
        is_unknown=newest is None,
        is_watched=has_machine,
        since=newest,
        advice=gettext_lazy(
            "Disks, certificates, backups and services are not watched. Have the server’s administrators run: "
            "systemctl status portals-host-readings.timer"
        ),
        details=() if newest else (_("none"),),
        age=timesince(newest, now) if newest else "",
    )
    if not has_machine:
        return
    for item in (
        _disk_item(readings[ReadingKind.DISK]),
        _certificate_item(readings[ReadingKind.CERTIFICATE], now),
        _backup_item(readings[ReadingKind.BACKUP], now),
        _rehearsal_item(readings[ReadingKind.RESTORE], now),
        _surface_item(readings[ReadingKind.SURFACE]),
        _unit_item(readings[ReadingKind.UNIT]),
    ):
        if is_old or newest is None:
            item = replace(item, is_late=False, is_unknown=True, since=None, age="", details=(), advice=UNREAD_ADVICE)
        yield item
    yield _release_item(readings[ReadingKind.RELEASE])


def _build_item(
    name: str,
    label: str | Promise,
    readings: list[HostReading],
    *,
    is_late: Callable[[HostReading], bool],
    is_unread: Callable[[HostReading], bool],
    advice: str | Promise,
    describe: Callable[[HostReading], str],
    since: datetime | None = None,
) -> HealthItem:
    """An item of several readings: late if one is known to be, otherwise unknown if one was not read."""
    unread = [reading for reading in readings if is_unread(reading)]
    late = [reading for reading in readings if reading not in unread and is_late(reading)]
    return HealthItem(
        name,
        label,
        bool(late),
        since,
        advice if late else UNREAD_ADVICE,
        tuple(_unread(reading) if reading in unread else describe(reading) for reading in readings)
        or (_("not watched: /etc/portals/host.env names none"),),
        is_watched=bool(readings),
        is_unknown=bool(unread),
    )


def is_disk_short(reading: HostReading) -> bool:
    free, total = reading.number or 0, reading.total or 0
    return free < DISK_BYTES or free < total * DISK_SHARE


def _disk_item(readings: list[HostReading]) -> HealthItem:
    return _build_item(
        "disk",
        gettext_lazy("Disk space"),
        readings,
        is_late=is_disk_short,
        is_unread=lambda disk: disk.number is None or not disk.total,
        advice=gettext_lazy(
            "When the database’s disk is full, no report can be stored. Enlarge the disk, or delete what is not "
            "needed, but never files of the database."
        ),
        describe=lambda disk: (
            _("%(name)s: %(free)s of %(total)s GiB free")
            % {"name": disk.name, "free": (disk.number or 0) // GIB, "total": (disk.total or 0) // GIB}
        ),
    )


def _certificate_item(readings: list[HostReading], now: datetime) -> HealthItem:
    return _build_item(
        "certificate",
        gettext_lazy("Certificates"),
        readings,
        is_late=lambda reading: reading.moment is not None and reading.moment <= now + CERTIFICATE_WARNING,
        is_unread=lambda reading: reading.moment is None,
        advice=gettext_lazy("Without a valid certificate no report arrives. Renew it and reload nginx."),
        describe=lambda reading: _describe_end(reading, now),
    )


def _describe_end(reading: HostReading, now: datetime) -> str:
    end = reading.moment or now
    if end > now:
        return _("%(name)s: ends in %(time)s") % {"name": reading.name, "time": timeuntil(end, now)}
    return _("%(name)s: ended on %(day)s") % {"name": reading.name, "day": date_format(end, "j M Y")}


def _backup_item(readings: list[HostReading], now: datetime) -> HealthItem:
    made = [reading.moment for reading in readings if reading.moment]
    return _build_item(
        "backup",
        gettext_lazy("Backups"),
        readings,
        is_late=lambda reading: reading.moment is None or reading.moment <= now - BACKUP_LATE,
        is_unread=lambda reading: reading.moment is None and reading.number is None,
        advice=gettext_lazy(
            "What is not backed up is lost with the disk. Have the server’s administrators run: "
            "journalctl --namespace=portals --unit=portals-backup.service"
        )
        if made
        else gettext_lazy(
            "Backups are not set up: two people each make a key pair, and deploy/install gets the public halves "
            "(docs/guides/deploy-one-machine.md)."
        ),
        describe=lambda reading: (
            _("%(name)s: %(time)s ago") % {"name": reading.name, "time": timesince(reading.moment, now)}
            if reading.moment
            else _("%(name)s: none") % {"name": reading.name}
        ),
        since=min(made, default=None),
    )


def _rehearsal_item(readings: list[HostReading], now: datetime) -> HealthItem:
    is_unread = any(reading.moment is None and reading.number is None for reading in readings)
    last = max((reading.moment for reading in readings if reading.moment), default=None)
    return HealthItem(
        "restore",
        gettext_lazy("Last rehearsed restore"),
        bool(readings) and not is_unread and (last is None or last <= now - REHEARSAL_LATE),
        last,
        UNREAD_ADVICE
        if is_unread
        else gettext_lazy(
            "A backup that was never restored may be worthless. Restore the newest one on another machine, as "
            "docs/guides/backup.md describes, then run here: touch /var/backups/portals/rehearsed"
        ),
        age=timesince(last, now) if last else "",
        is_watched=bool(readings),
        is_unknown=is_unread,
    )


def _surface_item(readings: list[HostReading]) -> HealthItem:
    """The answers of the surfaces to the watch's own requests: no visitor is counted."""
    return _build_item(
        "surfaces",
        gettext_lazy("Surfaces"),
        readings,
        is_late=lambda reading: reading.number != ANSWERED or reading.total == ANSWER_BANDS[-1],
        is_unread=lambda reading: reading.number is None,
        advice=gettext_lazy(
            "Visitors may get errors. Have the server’s administrators read why with: "
            "journalctl --namespace=portals --unit=portals-public --unit=portals-staff"
        ),
        describe=_describe_answer,
    )


def _describe_answer(reading: HostReading) -> str:
    if not reading.number:
        return _("%(name)s: no answer") % {"name": reading.name}
    values = {"name": reading.name, "status": reading.number, "seconds": (reading.total or 0) / 1000}
    return _("%(name)s: %(status)s within %(seconds)g s") % values


def _unit_item(readings: list[HostReading]) -> HealthItem:
    item = _build_item(
        "units",
        gettext_lazy("Services"),
        readings,
        is_late=lambda reading: bool(reading.number),
        is_unread=lambda reading: reading.number is None,
        advice=gettext_lazy("Have the server’s administrators look at them with: systemctl status"),
        describe=_describe_unit,
    )
    # Units that run are not listed.
    running = {_describe_unit(reading) for reading in readings if reading.number == UnitState.RUNS}
    return replace(item, details=tuple(detail for detail in item.details if detail not in running))


def _describe_unit(reading: HostReading) -> str:
    number = reading.number or 0
    # A later release may know further states.
    state = str(UnitState(number).label) if number in UnitState else str(number)
    values = {"name": reading.name, "state": state}
    if reading.moment is None:
        return _("%(name)s: %(state)s") % values
    values["time"] = f"{date_format(reading.moment, 'j M Y, H:i')} UTC"
    return _("%(name)s: %(state)s, last run on %(time)s") % values


def _unread(reading: HostReading) -> str:
    return _("%(name)s: cannot be read") % {"name": reading.name}


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
