"""Reports on the incident page: what reporters ticked and, once their words are revealed, what they wrote."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext, gettext_lazy

from analysts.assessment.drafts import OpenDrafts
from analysts.assessment.forms import StandardReplyForm
from analysts.assessment.message_views import ask_button, ask_name
from analysts.assessment.related.page_section import ReportedAddress, Spelling, find_spelling, split_button
from analysts.assessment.standard_replies import Texts, texts_for
from analysts.assessment.suggestions import guess_found_on
from analysts.assessment.words_release.page_section import ReportReleases, read_releases, show_releases
from analysts.codes import Fact, FoundOn
from analysts.incidents import contents
from analysts.incidents.attached import Attached
from analysts.incidents.contents.plaintexts import OpenEnvelope, OpenQuestion, Payload
from analysts.incidents.display.visible_text import Legible, LegibleAddress, make_legible
from analysts.incidents.page_kit import ActionButton, ActionForm
from analysts.models import Incident, Report, User, WordsRelease
from analysts.welfare.masked_words import Blanks
from countries.languages import language_name
from reports.addresses import find_addresses, without_accounts
from reports.models import SubmissionKind
from reports.outcomes import describe_outcomes
from reports.report_text import SealedTick, sealed_ticks_in

LABELS = {
    "addresses": gettext_lazy("Addresses"),
    "platform": gettext_lazy("App or platform"),
    "account": gettext_lazy("User name, number or group"),
    "happened": gettext_lazy("What happened"),
    "description": gettext_lazy("Description"),
    "found_on": gettext_lazy("Found on"),
    "seen_on": gettext_lazy("Seen on"),
    "answer": gettext_lazy("Answer"),
    "again": gettext_lazy("Why to look again"),
    # Only a source's report has it.
    "their_classification": gettext_lazy("The partner’s classification"),
    "hosting_address": gettext_lazy("IP address of the host"),
    "reference": gettext_lazy("The partner’s reference"),
}
# Shown with the words, and nowhere else.
TICK_TEXTS = {
    SealedTick.ABOUT_ME: gettext_lazy("The reporter says it is about them."),
    SealedTick.GROOMING: gettext_lazy("Someone is writing to a child, or wants to meet a child."),
}


@dataclass(frozen=True, slots=True, repr=False)
class EnvelopeRow:
    """One envelope of a reporter: what they wrote, by field."""

    kind: str
    hour: datetime
    parts: list[tuple[str, Legible]]
    unreadable: bool
    erased_on: date | None


@dataclass(frozen=True, slots=True, repr=False)
class QuestionRow:
    """A question to the reporter and the answers to it."""

    on: date
    question: Legible
    erased_on: date | None
    answers: list[EnvelopeRow]


@dataclass(frozen=True, slots=True, repr=False)
class OfferedReplies:
    """The standard texts for a report. `form`: a field of the message's form `form_id`, which inserts one into it."""

    texts: Texts
    form: StandardReplyForm
    form_id: str


@dataclass(frozen=True, slots=True, repr=False)
class ReportActs:
    """The message to its reporter with standard texts, the button that splits it off, and the release of its words,
    None while those are masked."""

    ask: ActionButton
    replies: OfferedReplies
    split: ActionButton
    releases: ReportReleases | None


def offer_replies(report: Report) -> OfferedReplies:
    texts, form_id = texts_for(report.language), ask_name(report)
    return OfferedReplies(texts, StandardReplyForm(texts, form_id=form_id), form_id)


@dataclass(frozen=True, slots=True, repr=False)
class ReportRow:
    """A report as the page shows it. Reporters' words are set only if they are revealed."""

    report: Report
    # Where the reporter found the content, if they named one of the suggested places.
    found_on: FoundOn
    language: str
    facts: list[str]
    public_state: list[str]
    envelopes: list[EnvelopeRow]
    questions: list[QuestionRow]
    # The number of characters of the words of a revealed incident, shown or not.
    characters: int
    # The actions offered on it; None while the incident is masked.
    acts: ReportActs | None
    spelling: Spelling | None
    # Whether the reporter asked for a further look, once their words are revealed.
    asked_again: bool

    @property
    def is_open(self) -> bool:
        """Whether it has answers or a reason to look again, or input was refused: it is shown unfolded."""
        refused = self.acts is not None and (
            self.acts.ask.form.is_bound
            or self.acts.split.form.is_bound
            or (self.acts.releases is not None and self.acts.releases.is_open)
        )
        return refused or self.asked_again or any(question.answers for question in self.questions)


@dataclass(frozen=True, slots=True, repr=False)
class OpenedReports:
    """The contents of the reports of a page, by report."""

    envelopes: Mapping[UUID, Sequence[OpenEnvelope]]
    questions: Mapping[UUID, Sequence[OpenQuestion]]
    releases: Mapping[UUID, Sequence[WordsRelease]]
    shows_words: bool


def open_reports(
    reports: Sequence[Report], incident: Incident, attached: Attached, *, shows_words: bool
) -> OpenedReports:
    """Decrypt them. Three queries at most, one without messages to their reporters and releases of their words.

    `shows_words`: false if the page has their spelling of the address alone, and how much else they wrote.
    """
    return OpenedReports(
        contents.reveal_envelopes(reports),
        contents.reveal_questions(reports) if attached.messages else {},
        read_releases(incident, reports) if attached.words_releases and shows_words else {},
        shows_words,
    )


def report_row(
    report: Report,
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    drafts: OpenDrafts,
    *,
    address: ReportedAddress,
    opened: OpenedReports | None,
    blanks: Blanks,
) -> ReportRow:
    """`opened`: None while the incident is masked."""
    envelopes = sorted(opened.envelopes.get(report.pk, ()), key=envelope_order) if opened else []
    questions = opened.questions.get(report.pk, ()) if opened else ()
    shows_words = opened is not None and opened.shows_words
    # Envelopes that were erased, or cannot be opened, say so beside an address alone, too.
    readable = [envelope for envelope in envelopes if shows_words or not envelope.payload]
    answered = {str(question.id) for question in questions}
    places = [guess_found_on(str(envelope.payload.get("found_on", ""))) for envelope in envelopes]
    return ReportRow(
        found_on=next((place for place in places if place != FoundOn.NOT_DETERMINED), FoundOn.NOT_DETERMINED),
        report=report,
        language=language_name(report.language),
        facts=[str(Fact(fact).label) for fact in report.facts],
        public_state=describe_outcomes(report.receipt.outcomes),
        envelopes=[envelope_row(envelope, blanks) for envelope in readable if answers_to(envelope) not in answered],
        questions=[
            QuestionRow(
                on=question.asked_on,
                question=make_legible(question.text),
                erased_on=question.erased_on,
                answers=[
                    envelope_row(envelope, blanks) for envelope in envelopes if answers_to(envelope) == str(question.id)
                ],
            )
            for question in (questions if shows_words else ())
        ],
        characters=count_characters(envelopes, questions),
        acts=ReportActs(
            ask=ask_button(report, incident, user, bound, drafts),
            replies=offer_replies(report),
            split=split_button(report, incident, address, bound),
            releases=show_releases(report, incident, bound, opened.releases.get(report.pk, ()), blanks)
            if shows_words
            else None,
        )
        if opened
        else None,
        asked_again=shows_words and any(envelope.kind == SubmissionKind.AGAIN for envelope in envelopes),
        spelling=find_spelling(address.spellings.of_report.get(report.pk, ()), envelopes, address.keys, blanks),
    )


def count_characters(envelopes: Iterable[OpenEnvelope], questions: Iterable[OpenQuestion]) -> int:
    """The number of characters of what a report says besides addresses, and of the questions to its reporter."""
    return sum(len(words) for envelope in envelopes for words in words_in(envelope.payload)) + sum(
        len(question.text) for question in questions
    )


def characters_in_view(incident: Incident, legible: LegibleAddress | None, words: Mapping[UUID, int]) -> dict[str, int]:
    """The characters that a page shows, by the ids of the incident and of reports, for `masking.count_read`.

    `words`: by report, those of its words, where the page shows them.
    """
    address = {incident.pk: sum(len(part.raw) for part in legible.parts)} if legible else {}
    return {str(pk): number for pk, number in {**address, **words}.items() if number}


def words_in(payload: Payload) -> list[str]:
    """The contents of an envelope besides addresses: its sealed ticks, and its fields."""
    typed = str(payload.get("addresses", ""))
    for address in find_addresses(without_accounts(typed)):
        typed = typed.replace(address.reported, " ")
    fields = [str(payload[name]) for name in LABELS if name != "addresses" and payload.get(name)]
    # Without a letter or digit it is what stood between two addresses.
    beside = [typed.strip()] if any(map(str.isalnum, typed)) else []
    return [*(str(TICK_TEXTS[tick]) for tick in sealed_ticks_in(payload)), *beside, *fields]


def answers_to(envelope: OpenEnvelope) -> str:
    """The id of the question that the envelope answers; "" if there is none."""
    return str(envelope.payload.get("message", ""))


def envelope_order(envelope: OpenEnvelope) -> tuple[int, datetime]:
    """The sort key: the report, its details, answers, a further look, each by hour."""
    return SubmissionKind.values.index(envelope.kind), envelope.received_hour


def envelope_row(envelope: OpenEnvelope, blanks: Blanks) -> EnvelopeRow:
    return EnvelopeRow(
        kind=str(SubmissionKind(envelope.kind).label),
        hour=envelope.received_hour,
        parts=[
            *((gettext("Ticked"), make_legible(str(TICK_TEXTS[tick]))) for tick in sealed_ticks_in(envelope.payload)),
            *(
                (str(label), blanks.legible(make_legible(str(envelope.payload[field]))))
                for field, label in LABELS.items()
                if envelope.payload.get(field)
            ),
        ],
        unreadable=envelope.unreadable,
        erased_on=envelope.erased_on,
    )
