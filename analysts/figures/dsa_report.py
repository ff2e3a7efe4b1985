"""The report of a trusted flagger: notices by provider, type of illegal content and action taken.

Exact numbers of a closed period, at the level of providers: no portal, no day, and no data about any person.
"""

from collections import Counter
from collections.abc import Mapping

from analysts.codes.recipient_actions import RECIPIENT_ACTIONS
from analysts.figures.page import write_number, write_share
from analysts.figures.providers.figures import precision_of, report_rows
from analysts.figures.snapshot import FrozenFigures
from countries.csv_files import plain_csv
from reports.notices import RecipientAction


def draw_report(frozen: FrozenFigures) -> dict[str, object]:
    """The report in words. `rows`: provider, type of content and numbers."""
    rows = list(report_rows(frozen["national"], frozen["names"]))
    actions = Counter[RecipientAction]()
    for row in rows:
        actions.update(row.actions)
    return {
        "actions": [RECIPIENT_ACTIONS[action].label for action in RecipientAction],
        "rows": [(row.name, row.content.label, _cells_of(row.notices, row.actions, row.refused)) for row in rows],
        "total": _cells_of(sum(row.notices for row in rows), actions, sum(row.refused for row in rows)),
        "independence": frozen["independence"],
    }


def _cells_of(notices: int, actions: Mapping[RecipientAction, int], refused: int) -> list[str]:
    """The notices, the number of each action, the refusals, and the precision."""
    precision = precision_of(sum(actions.values()), refused)
    numbers = [notices, *(actions[action] for action in RecipientAction), refused]
    return [*map(write_number, numbers), write_share(precision)]


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
