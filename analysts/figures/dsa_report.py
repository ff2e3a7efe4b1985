"""The report of a trusted flagger: notices by provider, type of illegal content and action taken.

Exact numbers of a closed period, at the level of providers: no portal, no day, and no data about any person.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysts.codes.recipient_actions import RECIPIENT_ACTIONS
from analysts.figures.page import MISSING, write_number, write_share
from analysts.figures.providers.figures import ProviderReportRow, precision_of, report_rows
from analysts.figures.snapshot import FrozenFigures
from audit.csv_files import plain_csv
from reports.notices import RecipientAction


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row in words: `cells` are the notices, the number of each action, what was refused, and the precision."""

    name: str
    content: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class DrawnReport:
    actions: list[str]
    rows: list[DrawnRow]
    total: DrawnRow
    independence: str


def draw_report(frozen: FrozenFigures) -> DrawnReport:
    rows = list(report_rows(frozen["national"], frozen["names"]))
    return DrawnReport(
        actions=[str(RECIPIENT_ACTIONS[action].label) for action in RecipientAction],
        rows=[
            DrawnRow(row.name, str(row.content.label), _cells_of(row.notices, row.actions, row.refused)) for row in rows
        ],
        total=DrawnRow("", "", _total_of(rows)),
        independence=frozen["independence"],
    )


def _cells_of(notices: int, actions: Mapping[RecipientAction, int], refused: int) -> list[str]:
    precision = precision_of(sum(actions.values()), refused)
    return [
        write_number(notices),
        *(write_number(actions[action]) for action in RecipientAction),
        write_number(refused),
        MISSING if precision is None else write_share(precision),
    ]


def _total_of(rows: Sequence[ProviderReportRow]) -> list[str]:
    actions: Counter[RecipientAction] = Counter()
    for row in rows:
        actions.update(row.actions)
    return _cells_of(sum(row.notices for row in rows), actions, sum(row.refused for row in rows))


def write_report(period: str, frozen: FrozenFigures) -> str:
    """The report as CSV: one row for each provider and type of content."""
    actions = list(RecipientAction)
    headings = ("period", "provider", "content_type", "content_code", "notices", *actions, "refused_as_not_illegal")
    rows = [
        (
            period,
            row.name,
            row.content.label,
            row.content.row.code,
            row.notices,
            *(row.actions[action] for action in actions),
            row.refused,
        )
        for row in report_rows(frozen["national"], frozen["names"])
    ]
    return plain_csv([headings, *rows])
