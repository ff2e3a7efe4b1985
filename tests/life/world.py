"""The state that steps share: people, portals, the clock, the mail server, and what was sent."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from analysts.assessment import intake
from analysts.codes import Role
from analysts.codes.recipient_kinds import RecipientKind
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.models import Incident, Notice, Report, User
from analysts.models.notice import DeadReason
from analysts.takedown.notices import texts
from analysts.takedown.notices.post import Answer, Away, MailAccepted, MailRefused
from analysts.takedown.notices.rendering import Letter
from analysts.tests.chases import office
from countries.models import Portal
from countries.tests.factories import open_portal
from reports import receipts
from reports.addresses import find_addresses
from tests.rig.fixtures import create_person, send_report

# Two pages of one site and of another, pages that differ by a number, an IP address, and words.
TEXTS = (
    "https://a.example/one",
    "https://a.example/two",
    "https://b.example/album/1",
    "https://b.example/album/2",
    "https://b.example/album/3",
    "http://192.0.2.7/page",
    "Someone in a game wrote to me.",
)
DETAILS: tuple[dict[str, str | list[str]], ...] = (
    {"description": "Seen in a public group."},
    {"facts": ["child_in_danger"]},
    {"found_on": "https://forum.example/thread", "facts": ["login_needed"]},
)
OFFICES = {RecipientKind.HOST: "Example Hosting", RecipientKind.POLICE: "Example Police"}
MOODS: dict[str, Answer] = {"well": MailAccepted(), "away": Away(), "refuses": MailRefused(DeadReason.REFUSED, 550)}


@dataclass(slots=True)
class SentReport:
    code: str
    portal: Portal
    text: str
    sent_at: datetime

    @property
    def receipt_id(self) -> UUID:
        return receipts.derive_credentials(self.code).receipt_id


@dataclass(slots=True)
class World:
    now: datetime
    portals: list[Portal] = field(default_factory=list)
    people: list[User] = field(default_factory=list)
    sent: list[SentReport] = field(default_factory=list)
    worker_is_up: bool = True
    mood: str = "well"
    # Letters that the mail server accepted, by notice.
    accepted: list[UUID] = field(default_factory=list)
    # What an invariant has seen before: fences, versions, events. By its name.
    seen: dict[str, dict[object, int]] = field(default_factory=dict)

    def begin(self) -> None:
        belize, zambia = open_portal("bz", "Belize", "en", "es"), open_portal("zm", "Zambia", "en")
        self.portals = [belize, zambia]
        self.people = [
            create_person("ana", Role.ANALYST, belize),
            create_person("ben", Role.ANALYST, zambia),
            create_person("sena", Role.SENIOR, belize, zambia),
            create_person("simon", Role.SENIOR, belize, zambia),
            create_person("olga", Role.OPERATOR, belize),
            create_person("axel", Role.AUDITOR),
            create_person("willa", Role.WELFARE),
            create_person("adam", Role.ADMINISTRATOR),
        ]
        texts.load_shipped_texts()
        for kind in (RecipientKind.HOST, RecipientKind.POLICE):
            office(kind, self.people[4], name=OFFICES[kind], at=self.now)

    def send_report(self, portal: Portal, text: str, details: dict[str, str | list[str]] | None) -> None:
        code = send_report(portal, text, now=self.now, details=details)
        self.sent.append(SentReport(code, portal, text, self.now))

    def send_details(self, sent: SentReport, details: dict[str, str | list[str]]) -> None:
        send_report(sent.portal, sent.text, now=self.now, code=sent.code, details=details)

    def take_in(self) -> None:
        while intake.take_in(now=self.now):
            pass

    def reports(self) -> list[Report]:
        """Those taken in, in the order in which they were sent."""
        known = Report.objects.in_bulk([each.receipt_id for each in self.sent])
        return [known[each.receipt_id] for each in self.sent if each.receipt_id in known]

    def incidents(self) -> list[Incident]:
        """In an order that is the same in every run: by address, then by the report that words came with."""
        keys = [address.key for text in TEXTS for address in find_addresses(text)]
        indexes = [compute_fingerprint("address", key) for key in keys]
        indexes += [compute_fingerprint("words", str(each.receipt_id)) for each in self.sent]
        found = {bytes(incident.fingerprint): incident for incident in Incident.objects.select_related("key")}
        return [found[index] for index in indexes if index in found]

    def post_letter(self, notice: Notice, letter: Letter, *, now: datetime) -> Answer:
        """Instead of the mail server."""
        answer = MOODS[self.mood]
        if isinstance(answer, MailAccepted):
            self.accepted.append(notice.pk)
        return answer
