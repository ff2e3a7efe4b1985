"""All verbs that the model drives: a new one is a row in the table of its area."""

from tests.life import (
    account_rows,
    batch_rows,
    desk_rows,
    export_rows,
    history_rows,
    inbox_rows,
    law_rows,
    notice_rows,
    takedown_rows,
    words_rows,
)
from tests.life.rows import VerbRow

AREAS: dict[str, tuple[VerbRow, ...]] = {
    "The desk": desk_rows.ROWS,
    "The takedown": takedown_rows.ROWS,
    "Batches": batch_rows.ROWS,
    "Exports": export_rows.ROWS,
    "History of a former system": history_rows.ROWS,
    "Notices, recipients and tables": notice_rows.ROWS,
    "Inboxes of recipients": inbox_rows.ROWS,
    "Law in letters": law_rows.ROWS,
    "Portals and accounts": account_rows.ROWS,
    "Interface texts": words_rows.ROWS,
}
VERBS: tuple[VerbRow, ...] = tuple(row for rows in AREAS.values() for row in rows)
