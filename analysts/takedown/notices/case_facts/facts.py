"""The facts about each address, for police and hotlines: labelled lines in a text file that an officer can file.

A file beside the table, because a letter may name 500 addresses, and because operators write its text and could leave
facts out. Addresses are defanged: a mail program may display the file. Nothing in it comes from a reporter's words or
ticks, except that a report says that a child is in danger.
"""

import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from analysts.codes import Flag, Verdict
from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents import contents
from analysts.incidents.bulk_actions import load_chases
from analysts.incidents.priority import is_reported_in_danger
from analysts.models import Assessment, Hold, HostingTrace, Incident, NoticeItem, RecipientKind, Referral
from analysts.takedown.facts.trace_consensus import consensus_of, load_traces
from countries.languages import nearest_text
from reports.addresses import defang_address

# One file for each language of shipped letters.
WORDS = Path(__file__).parent / "words"
# Where the officer writes.
BLANK = "_" * 24
# In front of the names of these facts among those that are sealed with an address.
PREFIX = "case_"

type CaseWords = Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class CaseRows:
    """The rows about the address of one item."""

    item: NoticeItem
    # The illegal verdicts in force, the latest first.
    verdicts: Sequence[Assessment]
    # The newest trace of each method, since the content was last removed.
    traces: Sequence[HostingTrace]
    is_held: bool
    # When the first notice to a provider or owner was sent.
    notified_at: datetime | None

    @property
    def verdict(self) -> Assessment | None:
        return next(iter(self.verdicts), None)

    @property
    def assessors(self) -> int:
        """How many analysts found it illegal in the latest round."""
        return sum(self.verdicts[0].round == verdict.round for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One line. `code`: names its label. `value`: "" where it is unknown, which drops the line."""

    code: str
    value: Callable[[CaseRows, CaseWords], str]


def case_facts(items: Sequence[NoticeItem], language: str) -> Mapping[UUID, Mapping[str, str]]:
    """The facts by item, for recipients who see the classification; five queries. A source of `letter_facts`."""
    if not items or not RecipientKind(items[0].notice.recipient.kind).row.sees_classification:
        return {}
    words = case_words(language)
    return {
        rows.item.pk: {
            PREFIX + name: value
            for name, value in (
                *((fact.code, fact.value(rows, words)) for fact in CASE_FACTS),
                *((f"trace_{number}", text) for number, text in enumerate(_trace_lines(rows, words), start=1)),
            )
            if value
        }
        for rows in _load_rows(items)
    }


def render_case_file(
    reference: str, rows: Sequence[tuple[int, str, Mapping[str, str]]], language: str
) -> tuple[str, ...]:
    """The title, and one block for each numbered address with its facts, in the order of the letter's table; empty
    without."""
    words = case_words(language)
    blocks = [
        _render_block(f"{reference}/{number}", f"{number}. {defang_address(address)}", facts, words)
        for number, address, facts in rows
        if any(name.startswith(PREFIX) for name in facts)
    ]
    return (f"{words['title']}\n{reference}\n\n", *blocks) if blocks else ()


def _render_block(reference: str, heading: str, facts: Mapping[str, str], words: CaseWords) -> str:
    lines = [heading, f"{words['our_reference']}: {reference}", f"{words['your_reference']}: {BLANK}"]
    lines += [f"{_label_of(name, words)}: {value}" for name, value in facts.items() if name.startswith(PREFIX)]
    return "\n".join(lines) + "\n\n"


def label_of_fact(name: str, language: str) -> str:
    """The label of one of these facts, by its name among those that are sealed with an address."""
    return _label_of(name, case_words(language))


def _label_of(name: str, words: CaseWords) -> str:
    code = name.removeprefix(PREFIX)
    return words["trace" if code.startswith("trace_") else code]


def case_words(language: str) -> CaseWords:
    """The labels and words in the language, in its main language, or else in English."""
    return nearest_text(_read_words(), language, {})


@cache
def _read_words() -> Mapping[str, CaseWords]:
    """By language. They change with a release only."""
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in WORDS.glob("*.toml")}


def _load_rows(items: Sequence[NoticeItem]) -> list[CaseRows]:
    incidents = [item.incident for item in items]
    load_chases(incidents)
    verdicts, traces = _group_verdicts(incidents), load_traces(incidents)
    held = set(Hold.objects.filter(incident__in=incidents, released_at=None).values_list("incident", flat=True))
    requests = Referral.objects.filter(incident__in=incidents, kind=ReferralKind.TAKEDOWN, noticed_at__isnull=False)
    notified = dict(requests.order_by("-noticed_at").values_list("incident", "noticed_at"))
    return [
        CaseRows(
            item,
            verdicts[item.incident_id],
            _newest_of_methods(traces[item.incident_id]),
            is_held=item.incident_id in held,
            notified_at=notified.get(item.incident_id),
        )
        for item in items
    ]


def _group_verdicts(incidents: Sequence[Incident]) -> Mapping[UUID, list[Assessment]]:
    groups: dict[UUID, list[Assessment]] = defaultdict(list)
    for verdict in Assessment.objects.in_force().filter(incident__in=incidents, verdict=Verdict.ILLEGAL):
        groups[verdict.incident_id].append(verdict)
    return groups


def _newest_of_methods(traces: Sequence[HostingTrace]) -> list[HostingTrace]:
    consensus = consensus_of(traces)
    return sorted((*consensus.leading, *consensus.others), key=lambda trace: (trace.at, trace.recorded_at))


def _trace_lines(rows: CaseRows, words: CaseWords) -> list[str]:
    """One line for each place that traces name, with the times of these traces."""
    places: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for trace in rows.traces:
        place = (f"{trace.provider.name} ({trace.country})", trace.network, contents.letter_copy(trace) or "")
        places[place].append(format_moment(trace.at))
    labels = ("provider", "network", "network_address")
    return [
        "; ".join(
            f"{words[label]}: {value}"
            for label, value in (*zip(labels, place, strict=True), ("traced_at", ", ".join(dict.fromkeys(times))))
            if value
        )
        for place, times in places.items()
    ]


def format_moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _category(rows: CaseRows, words: CaseWords) -> str:
    return words[f"category_{rows.verdict.severity}"] if rows.verdict else ""


def _age(rows: CaseRows, words: CaseWords) -> str:
    ages = rows.verdict.age_band.replace("-", "–") if rows.verdict else ""
    return words["years"].format(ages=ages) if ages else ""


def _flag(flag: Flag, otherwise: str) -> Callable[[CaseRows, CaseWords], str]:
    def value(rows: CaseRows, words: CaseWords) -> str:
        return words["yes" if flag in rows.verdict.flags else otherwise] if rows.verdict else ""

    return value


def _danger(rows: CaseRows, words: CaseWords) -> str:
    return words["danger_reported" if is_reported_in_danger(rows.item.incident) else "no"]


def _assessor(rows: CaseRows, words: CaseWords) -> str:
    """By function: an analyst is never named outside."""
    if rows.verdict is None:
        return ""
    team = settings.HOTLINE_TEAM or settings.HOTLINE_NAME
    text = words["several_analysts" if rows.assessors > 1 else "one_analyst"]
    return text.format(number=rows.assessors, hotline=team)


def _preservation(rows: CaseRows, words: CaseWords) -> str:
    day = rows.notified_at.date().isoformat() if rows.notified_at else ""
    notified = words["provider_notified"].format(day=day) if day else words["provider_not_notified"]
    return f"{words['record_held' if rows.is_held else 'record_not_held']} {notified}"


CASE_FACTS = (
    CaseFact("category", _category),
    CaseFact("age", _age),
    CaseFact("known_person", _flag(Flag.KNOWN_PERSON, "not_to_us")),
    CaseFact("self_generated", _flag(Flag.SELF_GENERATED, "no")),
    CaseFact("danger", _danger),
    CaseFact("assessed_by", _assessor),
    CaseFact("assessed_at", lambda rows, words: format_moment(rows.verdict.at) if rows.verdict else ""),
    CaseFact("preservation", _preservation),
    CaseFact("ring", lambda rows, words: settings.HOTLINE_TELEPHONE),
)
