"""Intake writes the same rows as ever: a digest for each report of the corpora of addresses, of hostile texts, and of a
seeded random life of reports, details, requests and verdicts.

`intake_rows.txt` holds the digests. A change that is meant to write other rows records them again: run the test with
RECORD_INTAKE_ROWS=1, and say in the commit which rows differ, and why.
"""

import json
import os
import random
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import batched
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Field, ForeignKey, Model
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.flood import folding as floods
from analysts.assessment.intake import run as intake
from analysts.codes import Fact, Role
from analysts.incidents.contents import opening
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.models import Alarm, Incident, IncidentFacet, PortalHour, Report, Sighting, User
from analysts.states import State
from analysts.tests.factories import assessed_cleared, assessed_illegal, assessed_not_found
from countries.models import Portal
from countries.public import published
from countries.tests.factories import open_portal
from reports import actions as reporters
from reports import installation_keys, receipts
from reports.models import SubmissionKind, the_hour
from reports.report_text import SealedTick
from reports.tests import hostile
from tests.rig.fixtures import create_person

ROWS = Path(__file__).with_name("intake_rows.txt")
CORPORA = Path(reporters.__file__).with_name("tests") / "data"
# Named by rows, and random in each run; sealed content is compared as it opens, wherever it is kept.
RANDOM = {"id", "record_key", "sealed_address", "sealed_mask", "has_incident_spelling"}
# That pass while the reports arrive, on the average.
HOURS = 12
LIVES = 180
# A site without an illegal verdict: others are never folded.
FLOODED = "flooded.example"


@pytest.fixture
def people(open_keys: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Portal], User]:
    """Portals and an analyst of theirs; all that fingerprints are made of is the same in each run."""
    settings.ALERT_EMAILS = ["duty@example.org"]
    settings.SECOND_REVIEW_PERCENT = 0
    monkeypatch.setattr(installation_keys, "fingerprint_key", lambda: bytes(32))
    for name, value in {"ALIKE": 4, "INCIDENTS_EACH": 2, "IN_DANGER": 2}.items():
        monkeypatch.setattr(floods, name, value)
    portals = [
        open_portal(slug, slug.title(), "en", "es", id=9_000 + number) for number, slug in enumerate(("bz", "zm"))
    ]
    return portals, create_person("sena", Role.SENIOR, *portals)


class Life:
    """Reports and what staff do about them, drawn from a seed; the digest of the rows after each intake."""

    def __init__(self, portals: list[Portal], analyst: User) -> None:
        self.portals, self.analyst = portals, analyst
        self.random = random.Random(20261201)
        self.start = the_hour(timezone.now()) - timedelta(days=1)
        self.hour = self.start
        self.codes: list[str] = []
        self.addresses: list[str] = []
        self.digests: list[str] = []

    def send(self, kind: SubmissionKind, code: str, portal: Portal, payload: dict[str, Any]) -> None:
        reporters.store_submission(
            credentials=receipts.derive_credentials(code),
            kind=kind,
            payload=payload,
            portal=published.portals_by_slug()[portal.slug],
            language=self.random.choice(["en", "en", "es"]),
            now=self.hour,
        )

    def report(self, text: str, details: dict[str, Any] | None = None, **app: str) -> None:
        code, portal = (
            receipts.code_from_nonce(self.random.randbytes(16)),
            self.random.choice([*self.portals, self.portals[0]]),
        )
        self.codes.append(code)
        self.send(SubmissionKind.REPORT, code, portal, {"addresses": text, **app})
        if details:
            self.send(SubmissionKind.DETAILS, code, portal, details)
        self.take_in(code)

    def take_in(self, code: str) -> None:
        assert intake.take_in(now=self.hour + timedelta(minutes=30)) == 1
        rows = rows_of(Report.objects.get(pk=receipts.derive_credentials(code).receipt_id), self.start)
        self.digests.append(digest(rows))

    def draw_address(self) -> str:
        if self.addresses and self.random.random() < 0.3:
            return self.random.choice(self.addresses)
        site = self.random.choice(["example.org", "example.org", "example.net", "b.example.org"])
        path = self.random.choice(["gallery?id=", "gallery?id=", "album/", "p/anna", "xQzAb"])
        scheme = self.random.choice(["https://", "www.", "hxxp://"])
        self.addresses.append(f"{scheme}{site}/{path}{self.random.randrange(60)}")
        return self.addresses[-1]

    def draw_details(self) -> dict[str, Any]:
        ticks: list[list[str]] = [
            [],
            [],
            [Fact.CHILD_IN_DANGER],
            [SealedTick.GROOMING],
            [Fact.CHILD_KNOWN, Fact.LOGIN_NEEDED],
        ]
        details: dict[str, Any] = {"facts": list(map(str, self.random.choice(ticks)))}
        match self.random.randrange(6):
            case 0:
                details["description"] = f"also on {self.draw_address()}"
            case 1:
                details["found_on"] = self.draw_address()
            case 2:
                details["description"] = f"number {self.random.randrange(9)}"
        return details

    def draw_step(self) -> None:
        self.hour += timedelta(hours=self.random.random() < HOURS / LIVES)
        match self.random.randrange(12):
            case 0 | 1:
                self.decide()
            case 2 | 3:
                self.supplement()
            case 4:
                self.report(
                    f"words alone\nTelegram: anna{self.random.randrange(5)}", platform="Chat app", account="ben"
                )
            case 5 | 6:
                lines = [self.draw_address() for _ in range(self.random.randrange(2, 8))]
                self.report("\n".join(lines), self.draw_details())
            case 7 | 8:
                self.report(self.draw_address(), self.draw_details())
            case 9:
                for _ in range(4):
                    details = self.random.choice([None, {"facts": [str(Fact.CHILD_IN_DANGER)]}])
                    self.report(f"https://{FLOODED}/album/{self.random.randrange(999)}", details)
            case _:
                self.report(self.draw_address())

    def supplement(self) -> None:
        """Details of an earlier report, or a wish to have closed content looked at again."""
        code = self.codes.pop(self.random.randrange(len(self.codes)))
        closed = Report.objects.filter(sightings__incident__state=State.CLOSED).values_list("pk", flat=True)
        again = [old for old in self.codes if receipts.derive_credentials(old).receipt_id in set(closed)]
        if again and self.random.random() < 0.5:
            code = self.random.choice(again)
            self.codes.remove(code)
            self.send(SubmissionKind.AGAIN, code, self.portals[0], {"again": "look again"})
        else:
            details = self.draw_details() | {"description": f"more {self.draw_address()}"}
            self.send(SubmissionKind.DETAILS, code, self.portals[0], details)
        self.take_in(code)

    def decide(self) -> None:
        """A verdict on one of the waiting incidents, or two of them merged."""
        waiting = sorted(Incident.objects.waiting(), key=lambda incident: bytes(incident.fingerprint))
        incident, other = self.random.sample(waiting, 2)
        now = self.hour + timedelta(minutes=45)
        is_flooded = bytes(incident.site_fingerprint) == compute_fingerprint("site", FLOODED)
        match self.random.randrange(4):
            case 0 if not is_flooded:
                assessed_illegal(incident, self.analyst, now=now)
            case 1:
                assessed_cleared(incident, self.analyst, now=now)
            case 2:
                assessed_not_found(incident, self.analyst, now=now)
            case 3 if incident.sealed_address and other.sealed_address:
                actions.merge(
                    by=self.analyst, incident=incident, into=other, compared=self.random.random() < 0.5, now=now
                )


def digest(rows: object) -> str:
    return sha256(repr(rows).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def rows_of(report: Report, start: datetime) -> list[object]:
    """The report, its sightings and their incidents, in an order of their own, with what is sealed in them."""
    rows: list[object] = [columns(report, start)]
    sightings = Sighting.objects.filter(report=report).select_related("incident", "merged_from")
    for sighting in sorted(sightings, key=lambda row: bytes(row.incident.fingerprint)):
        incident = sighting.incident
        opened = [*opening.unseal_spellings(sighting), opening.unseal_address(incident)]
        rows += [columns(sighting, start), columns(incident, start)]
        rows += [(address.normalised, address.reported) for address in opened if address]
        rows.append(opening.unseal_mask(incident) if incident.sealed_mask else "")
    facets = IncidentFacet.objects.filter(incident__sightings__report=report).exclude(name="analyst")
    return [*rows, sorted((row.portal_id, row.name, row.value, plain(row.received, start)) for row in facets)]


def columns(row: Model, start: datetime) -> dict[str, object]:
    """The columns of the row that do not have their default, so that a new one changes nothing."""
    return {
        field.name: value
        for field in row._meta.concrete_fields
        if field.name not in RANDOM
        and (value := value_of(row, field, start)) not in (plain(field.get_default(), start), b"")
    }


def value_of(row: Model, field: "Field[Any, Any]", start: datetime) -> object:
    value = field.value_from_object(row)
    if field.name == "key" and getattr(row, "has_incident_spelling", False):
        return "addresses"
    if value is None or not isinstance(field, ForeignKey):
        return plain(value, start)
    match field.related_model.__name__:
        case "Incident":
            return bytes(getattr(row, field.name).fingerprint).hex()
        case "SealingKey":
            return str(value).split("-")[0]
        case "User":
            return "a person"
        case _:
            return plain(value, start)


def plain(value: object, start: datetime) -> object:
    match value:
        case memoryview() | bytes():
            return bytes(value)
        case datetime():
            return (value - start) / timedelta(hours=1)
        case date():
            return "a day"
        case list():
            return list(map(str, value))
    return value if value is None or isinstance(value, bool) else str(value)


def corpus() -> Iterator[str]:
    """Every second pair of addresses, every fortieth of the long lists, several in a report; each hostile text."""
    pairs = tomllib.loads((CORPORA / "pairs.toml").read_text(encoding="utf-8"))
    yield from (
        "\n".join(text for one, other, _why in rows for text in (one, other))
        for rows in batched([*pairs["same"], *pairs["different"]][::2], 12)
    )
    for name in ("hosts.json", "urls.json"):
        inputs = [row["input"] for row in json.loads((CORPORA / name).read_text(encoding="utf-8"))]
        yield from map("\n".join, batched(inputs[::40], 12))
    yield from hostile.TEXTS.values()


def test_intake_writes_the_rows_that_it_wrote(people: tuple[list[Portal], User]) -> None:
    life = Life(*people)
    for _ in range(12):
        life.report(life.draw_address())
    for _ in range(LIVES):
        life.draw_step()
    for text in corpus():
        life.report(text)
    hours = PortalHour.objects.order_by("portal", "hour")
    life.digests.append(digest([columns(row, life.start) for row in hours]))
    life.digests.append(digest(list(Alarm.objects.order_by("kind").values_list("kind", "raised"))))
    # Among them what intake does seldom.
    assert Incident.objects.exclude(flood=b"").filter(child_in_danger=True).exists()
    assert Incident.objects.filter(round__gt=1).exists()
    assert Sighting.objects.filter(asked_again=True).exists()
    assert Sighting.objects.exclude(merged_from=None).exists()
    if "RECORD_INTAKE_ROWS" in os.environ:
        ROWS.write_text("\n".join(map(" ".join, batched(life.digests, 12))) + "\n", encoding="utf-8")
    assert life.digests == ROWS.read_text(encoding="utf-8").split()
