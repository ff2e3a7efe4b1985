"""The state that steps share: people, portals, the clock, the mail server, and what was sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from smtplib import SMTPServerDisconnected
from uuid import UUID

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.assessment.intake import run as intake
from analysts.codes import Role
from analysts.codes.recipient_kinds import RecipientKind
from analysts.handoff import actions as handoff
from analysts.handoff.signing import public_half
from analysts.models import (
    Channel,
    Notice,
    NoticeItem,
    NoticeState,
    Purpose,
    Question,
    Recipient,
    RecipientAccess,
    Report,
    User,
)
from analysts.models.notice import DeadReason
from analysts.models.staff.user import portals_of
from analysts.takedown.notices import texts
from analysts.takedown.notices.machine_reports.building import MachineReports
from analysts.takedown.notices.post import Answer, Away, MailAccepted, MailRefused
from analysts.takedown.notices.rendering import Letter
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.routing import catalogue, holds
from analysts.tests.batches import sealing_public
from audit.chain import START, Anchor
from countries import api_keys
from countries.models import LanguageRole, Portal, Source, SourceKey, SourceKind
from countries.public import published
from countries.tests.factories import HelpServiceFactory, LanguageFactory, complete_portal, store_verified
from reports import actions as reporters
from reports import notice_answers, notice_links, receipts
from reports.models import SourceItem, SubmissionKind
from reports.notices import RecipientAnswer
from reports.outcomes import may_look_again
from reports.sealing import JSON
from reports.sources import storing
from reports.sources.items import ReportItem
from tests.life.crash import Crash
from tests.life.questions import KeptAnswers, ModelQuestion
from tests.rig.fixtures import create_person, delete_log_ids, send_report

# Two pages of one site; of another, pages that differ by a number and one that does not; an IP address, and words.
# The last two are of letters: one that has left, about three pages, and one that waits for a look.
TEXTS = (
    "https://a.example/one",
    "https://a.example/two",
    "https://b.example/album/1",
    "https://b.example/album/2",
    "https://b.example/album/3",
    "https://b.example/other",
    "https://c.example/page\nhttps://c.example/page?id=2",
    "http://192.0.2.7/page",
    "Someone in a game wrote to me.",
    "https://d.example/one\nhttps://d.example/two\nhttps://d.example/three",
    "https://e.example/page",
)
type Details = dict[str, str | list[str]]
DETAILS: tuple[Details, ...] = (
    {"description": "Seen in a public group."},
    {"facts": ["child_in_danger"]},
    {"found_on": "https://forum.example/thread", "facts": ["login_needed"]},
)
# A country for each kind of route: the hotline's own, one with a hotline, one without.
COUNTRIES = ("GB", "US", "ZM")
# Verified and reached by e-mail; reached by hand; unknown, so that it becomes an unverified recipient.
PROVIDERS = ("Example Hosting", "Example Hosting", "Hand Hosting", "New Hosting")
SECRET = bytes(range(32))
PARTNER_KEY = "srcs_of_the_model"
# The language of the translators.
TRANSLATED = "ur"
# "dies": the mail server accepts the letter, and the process ends before it notes that.
MOODS: dict[str, Answer] = {
    "well": MailAccepted(),
    "away": Away(),
    "refuses": MailRefused(DeadReason.REFUSED, 550),
    "dies": MailAccepted(),
}


@dataclass(slots=True)
class SentReport:
    """`code`: "" for a partner's, whose receipt no one holds."""

    receipt_id: UUID
    portal: Portal
    text: str
    sent_at: datetime
    is_danger: bool = False
    code: str = ""


@dataclass(slots=True)
class World:
    now: datetime
    portals: list[Portal] = field(default_factory=list)
    people: list[User] = field(default_factory=list)
    sent: list[SentReport] = field(default_factory=list)
    worker_is_up: bool = True
    mood: str = "well"
    # Letters that the mail server accepted, by notice; those whose sender died just then; those sent by hand.
    accepted: list[UUID] = field(default_factory=list)
    unnoted: set[UUID] = field(default_factory=set)
    # Letters accepted while the police kept them back.
    leaked: list[UUID] = field(default_factory=list)
    # Subjects of the alarm mails that the mail server accepted.
    alarms: list[str] = field(default_factory=list)
    alarms_seen: int = 0
    # Reports of danger that were taken in; whether no alarm about the latest was accepted yet.
    danger_taken_in: set[UUID] = field(default_factory=set)
    alarm_awaited: bool = False
    last_results: bytes = b""
    # The claims of the step before: incident, number of the claim, its end.
    claim_ends: set[tuple[UUID, int, datetime | None]] = field(default_factory=set)
    # The reports that an incident had when it was closed, by the takedown or verdict that closed it.
    closed_with: dict[UUID, set[UUID]] = field(default_factory=dict)
    # Reports of which a partner learned that they are closed.
    closed_for_partners: set[UUID] = field(default_factory=set)
    # Counts the people whose view was checked.
    looked_at: int = 0
    # The event up to which the audit log was verified.
    anchor: Anchor = START
    # Values that an invariant has seen before: fences, versions. By its name.
    seen: dict[str, dict[object, int]] = field(default_factory=dict)
    answers: KeptAnswers = field(default_factory=KeptAnswers)

    def begin(self) -> None:
        today = self.now.date()
        belize = complete_portal("bz", "Belize", "en", "es", today=today, access_phrase="blue heron")
        HelpServiceFactory.create()
        LanguageFactory.create()
        zambia = complete_portal("zm", "Zambia", "en", today=today, access_phrase="blue heron")
        partner = Source.objects.create(name="Example Platform", kind=SourceKind.PLATFORM, portal=belize)
        SourceKey.objects.create(
            source=partner,
            prefix=api_keys.prefix_of(PARTNER_KEY),
            digest=api_keys.hash_secret(PARTNER_KEY),
            opened_on=today,
            expires_on=today + api_keys.LONGEST,
        )
        # The factory's analyst.
        cara = User.objects.filter(username="cara")
        delete_log_ids(cara)
        cara.delete()
        self.portals = [belize, zambia]
        create_person("ana", Role.ANALYST, belize)
        create_person("ben", Role.ANALYST, zambia)
        create_person("sena", Role.SENIOR, belize, zambia)
        create_person("simon", Role.SENIOR, belize, zambia)
        olga = create_person("olga", Role.OPERATOR, belize)
        create_person("omar", Role.OPERATOR)
        # Made by one administrator, before accounts took two.
        una = create_person("una", Role.OPERATOR)
        una.is_vouched_for = False
        una.save(update_fields=["is_vouched_for"])
        create_person("axel", Role.AUDITOR)
        create_person("willa", Role.WELFARE)
        adam = create_person("adam", Role.ADMINISTRATOR)
        create_person("aisha", Role.ADMINISTRATOR)
        # Officers: one with an inbox, one without.
        rosa = create_person("rosa", Role.RECIPIENT)
        create_person("rico", Role.RECIPIENT)
        for name, is_reviewer in (("tara", False), ("tomas", True), ("tuli", True)):
            user = create_person(name, Role.TRANSLATOR)
            LanguageRole.objects.create(account=user, language=TRANSLATED, is_reviewer=is_reviewer)
        self.refresh_people()
        texts.load_shipped_texts()
        catalogue.load_rules()
        office = {"verified_by": olga, "verified_on": today, "email": "abuse@example.org"}
        by_hand = {**office, "email": "", "channel": Channel.BY_HAND}
        for kind, name, country, how in (
            (RecipientKind.HOST, "Example Hosting", "", office),
            (RecipientKind.HOST, "Hand Hosting", "", by_hand),
            (RecipientKind.POLICE, "Example Police", "GB", {**office, "phone": "+44 1632 960001"}),
            (RecipientKind.POLICE, "Zambian Police", "ZM", {**by_hand, "phone": "+44 1632 960002"}),
            (RecipientKind.HOTLINE, "Example Hotline", "US", office),
        ):
            store_verified(Recipient(kind=kind, name=name, country=country, **how))
        police = Recipient.objects.get(name="Example Police")
        RecipientAccess.objects.create(user=rosa, recipient=police, confirmed_on=today, confirmed_by=adam)
        handoff.register_workstation(
            by=adam,
            name="Room 1",
            public_key=public_half(SECRET),
            sealing_key=sealing_public(SECRET),
            now=self.now,
        )

    def refresh_people(self) -> None:
        """As the database has them now, with the ids of their portals, as a request has its user."""
        self.people = [User.from_db("default", USER_FIELDS, row) for row in self.answers.ask(PEOPLE)]
        for user in self.people:
            [user.known_portal_ids] = self.answers.ask(_portals_of(user.pk))

    @property
    def senior(self) -> User:
        """Sees all portals of the beginning."""
        return next(user for user in self.people if user.username == "sena")

    def analysts(self) -> list[User]:
        return [user for user in self.people if user.is_active and user.role in CONTENT_ROLES]

    def send_report(self, portal: Portal, text: str, details: Details | None) -> None:
        code = send_report(portal, text, now=self.now, details=details)
        receipt_id = receipts.derive_credentials(code).receipt_id
        is_danger = bool(details and _is_danger(details))
        self.sent.append(SentReport(receipt_id, portal, text, self.now, is_danger, code))

    def send_from_partner(self, text: str, *, is_danger: bool) -> None:
        """A partner's system sends a report, and the same request again, as where the answer did not arrive."""
        holder = storing.find_source(f"Bearer {PARTNER_KEY}")
        if holder is None:
            # Staff closed its key, or it has expired.
            return
        reference = f"report-{len(self.sent)}"
        fields = {"external_reference": reference, "addresses": text.split("\n"), "danger": is_danger}
        item = ReportItem.model_validate(fields)
        for _ in range(2):
            storing.store_items(holder, [item], request_key=reference, body=b"", now=self.now)
        row = SourceItem.objects.get(source=holder.id, reference=holder.reference_digest(reference))
        portal = next(each for each in self.portals if each.pk == holder.portal_id)
        self.sent.append(SentReport(row.pk, portal, text, self.now, is_danger))

    def send_details(self, sent: SentReport, details: Details) -> None:
        send_report(sent.portal, sent.text, now=self.now, code=sent.code, details=details)
        sent.is_danger = sent.is_danger or _is_danger(details)

    def answer_question(self, question: Question) -> None:
        """The reporter answers, as the public page stores it."""
        sent = next(each for each in self.sent if each.receipt_id == question.report_id)
        self._store_later(sent, SubmissionKind.ANSWER, {"message": str(question.pk), "answer": "Last week."})

    def _store_later(self, sent: SentReport, kind: SubmissionKind, payload: Mapping[str, JSON]) -> None:
        published.clear_cache()
        reporters.store_submission(
            credentials=receipts.derive_credentials(sent.code),
            kind=kind,
            payload=payload,
            portal=published.portals_by_slug()[sent.portal.slug],
            language="en",
            now=self.now,
        )

    def may_ask_again(self, sent: SentReport) -> bool:
        """Whether its receipt offers another look."""
        receipt = reporters.look_up(receipts.derive_credentials(sent.code))
        return receipt is not None and not receipt.asked_again and may_look_again(receipt.outcomes)

    def ask_again(self, sent: SentReport) -> None:
        """The reporter asks for another look, as the public page stores it."""
        self._store_later(sent, SubmissionKind.AGAIN, {"again": "It is on the second page."})

    def reply_to_notice(self, notice: Notice, answer: RecipientAnswer) -> None:
        """The recipient replies, as the public page stores it."""
        credentials = notice_links.derive_link_credentials(reply_links.secret_of(notice.pk))
        notice_answers.store_answer(answer, credentials=credentials, now=self.now)

    def take_in(self) -> None:
        while intake.take_in(now=self.now):
            pass

    def reports(self) -> list[Report]:
        """Reports taken in, in the order in which they were sent."""
        known = Report.objects.in_bulk([each.receipt_id for each in self.sent])
        return [known[each.receipt_id] for each in self.sent if each.receipt_id in known]

    def post_letter(self, notice: Notice, letter: Letter, _reports: MachineReports, *, now: datetime) -> Answer:
        """Instead of the mail server."""
        answer = MOODS[self.mood]
        if isinstance(answer, MailAccepted):
            self.accepted.append(notice.pk)
            if self._is_kept_back(notice):
                self.leaked.append(notice.pk)
        if self.mood == "dies":
            self.mood = "well"
            raise Crash
        return answer

    def note_unsent(self, accepted: Collection[UUID]) -> None:
        """The process has ended: it did not note that it sent one of the letters just accepted."""
        sent = Notice.objects.filter(pk__in=accepted, state=NoticeState.SENT)
        self.unnoted |= set(accepted) - set(sent.values_list("pk", flat=True))

    def _is_kept_back(self, notice: Notice) -> bool:
        if notice.purpose == Purpose.OUTCOME:
            # It asks for nothing, and answers who wrote first.
            return False
        items = NoticeItem.objects.filter(notice=notice, dropped="").select_related("incident")
        return any(holds.is_blocked(item.incident, to=notice.recipient) for item in items)

    def send_alarm(self, *, subject: str, message: str, to: list[str]) -> None:
        """Instead of `send_automatic_mail`."""
        if self.mood in ("away", "refuses"):
            raise SMTPServerDisconnected
        self.alarms.append(message)
        if self.mood == "dies":
            self.mood = "well"
            raise Crash


USER_FIELDS = [each.attname for each in User._meta.concrete_fields]
PEOPLE = ModelQuestion(lambda: User.objects.order_by("pk").values_list(*USER_FIELDS))


@cache
def _portals_of(user_id: int) -> ModelQuestion[list[int]]:
    # Some people have a portal for some hours only.
    found = User.objects.filter(pk=user_id).values_list(portals_of(user_id), flat=True)
    return ModelQuestion(lambda: found, is_timed=True)


def _is_danger(details: Details) -> bool:
    return "child_in_danger" in details.get("facts", [])
