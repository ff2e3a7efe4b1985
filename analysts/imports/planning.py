"""The outcome of each row of a part: the same for the dry run and the import."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict

from analysts.assessment.intake.incident_matching import address_index
from analysts.codes import AgeBand, Closing, Severity, Sex, SiteType, Verdict
from analysts.codes.imports import CodeList, OldState, RowOutcome
from analysts.imports.raw_rows import CleanRow
from analysts.models import HistoryImport, HistoryRow, Incident
from analysts.retention.sealed import retention_days
from reports.addresses import Address, find_addresses
from reports.models import KeyClass

# By code list, ours: value and label. The first of two severities or ages counts, as in an assessment.
OURS: Mapping[CodeList, list[tuple[str, str]]] = {
    CodeList.VERDICT: [(str(value), str(label)) for value, label in Verdict.choices],
    CodeList.SEVERITY: [(str(value), str(label)) for value, label in Severity.choices],
    CodeList.AGE_BAND: [(str(value), str(label)) for value, label in AgeBand.choices],
    CodeList.SEX: [(str(value), str(label)) for value, label in Sex.choices],
    CodeList.SITE_TYPE: [(str(value), str(label)) for value, label in SiteType.choices],
    CodeList.STATE: [(str(value), str(label)) for value, label in OldState.choices],
}
# The lists that an answer of a form may belong to.
OF_ANSWERS = (CodeList.VERDICT, CodeList.SEVERITY, CodeList.AGE_BAND, CodeList.SEX, CodeList.SITE_TYPE)


class ImportedClassification(TypedDict):
    """A row's classification in our codes; "" for what is not known."""

    verdict: str
    severity: str
    age_band: str
    sex: str
    site_type: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    row: CleanRow
    outcome: RowOutcome
    classification: ImportedClassification
    address: Address | None
    fingerprint: bytes


def plan_rows(history: HistoryImport, rows: Sequence[CleanRow], *, now: datetime) -> list[PlannedRow]:
    """Two queries for all of them."""
    earlier = HistoryRow.objects.filter(source=history.source, reference__in=[row["reference"] for row in rows])
    repeated = set(earlier.values_list("reference", flat=True))
    addresses = [find_addresses(row["address"])[0] if row["address"] else None for row in rows]
    indexes = [address_index(address) if address else b"" for address in addresses]
    stored = Incident.objects.filter(fingerprint__in=filter(None, indexes)).values_list("fingerprint", flat=True)
    known = set(map(bytes, stored))
    planned = []
    for row, address, index in zip(rows, addresses, indexes, strict=True):
        classification = classify(history.mapping, row)
        is_open = map_code(history.mapping, CodeList.STATE, row["codes"].get("state", "")) == OldState.OPEN
        if row["reference"] in repeated:
            outcome = RowOutcome.REPEATED
        elif address is None:
            outcome = RowOutcome.ANONYMISED
        elif is_open:
            outcome = RowOutcome.HINTED if index in known else RowOutcome.QUEUED
            known.add(index)
        elif is_expired(classification["verdict"], date.fromisoformat(row["decided_on"]), now=now):
            outcome = RowOutcome.CLASSIFIED
        else:
            outcome = RowOutcome.KEPT
        planned.append(PlannedRow(row, outcome, classification, address, index))
    return planned


def is_expired(verdict: str, decided_on: date, *, now: datetime) -> bool:
    """Whether an incident with this verdict that was closed then would have lost its address."""
    closing = Closing.GONE if verdict == Verdict.ILLEGAL else Closing.NOT_ACTIONED
    return decided_on <= now.date() - timedelta(days=retention_days(KeyClass.ADDRESSES, closing))


def map_code(mapping: Mapping[str, Mapping[str, str]], code_list: CodeList, code: str) -> str:
    """Our code, "" where it was left empty."""
    return mapping.get(code_list, {}).get(code, "")


def classify(mapping: Mapping[str, Mapping[str, str]], row: CleanRow) -> ImportedClassification:
    """The row's codes and answers in ours. A column of its own goes before an answer of a form."""
    values: dict[str, set[str]] = {name: set() for name in OF_ANSWERS}
    for answer in row["answers"]:
        code_list, _separator, ours = map_code(mapping, CodeList.ANSWER, answer).partition(":")
        if ours:
            values[code_list].add(ours)
    for name in OF_ANSWERS:
        if ours := map_code(mapping, name, row["codes"].get(name, "")):
            values[name] = {ours}
    chosen = {name: _choose(name, values[name]) for name in OF_ANSWERS}
    if chosen[CodeList.VERDICT] != Verdict.ILLEGAL:
        chosen |= {CodeList.SEVERITY: "", CodeList.AGE_BAND: "", CodeList.SEX: ""}
    return ImportedClassification(
        verdict=chosen[CodeList.VERDICT],
        severity=chosen[CodeList.SEVERITY],
        age_band=chosen[CodeList.AGE_BAND],
        sex=chosen[CodeList.SEX],
        site_type=chosen[CodeList.SITE_TYPE],
    )


def _choose(code_list: CodeList, values: Iterable[str]) -> str:
    """One of several: the most severe, the youngest, both sexes; "" if they contradict each other."""
    candidates = set(values)
    if len(candidates) < 2:
        return next(iter(candidates), "")
    match code_list:
        case CodeList.SEVERITY | CodeList.AGE_BAND:
            return next(value for value, _label in OURS[code_list] if value in candidates)
        case CodeList.SEX:
            return Sex.BOTH if candidates <= {Sex.GIRLS, Sex.BOYS, Sex.BOTH} else Sex.NOT_IDENTIFIABLE
    return ""
