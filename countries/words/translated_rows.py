"""One row of a file of translations, and what an import found in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from countries.words.checks import find_translation_faults
from countries.words.sources import SourceText, source_digest

# Bytes of an uploaded file: the web server takes no larger ones.
LARGEST_FILE = 512 * 1024
MOST_ROWS = 5_000
# Characters of one text in a file; longer ones are refused row by row.
LONGEST_CELL = 20_000


@dataclass(frozen=True, slots=True)
class TranslatedRow:
    """One text of a file. `forms` are empty strings where it is not translated; `place`: where the file has it."""

    context: str
    singular: str
    plural: str
    forms: tuple[str, ...]
    is_machine_made: bool = False
    place: str = ""

    @property
    def digest(self) -> str:
        return source_digest(self.context, self.singular, self.plural)


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row that is not taken, as it was typed, with every reason."""

    row: TranslatedRow
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    source: SourceText
    forms: tuple[str, ...]
    is_machine_made: bool


@dataclass(frozen=True, slots=True)
class SortedRows:
    """The rows of a file by what becomes of them. `empty`, `unchanged`: how many have nothing, or nothing new."""

    accepted: tuple[AcceptedRow, ...]
    faulty: tuple[FaultyRow, ...]
    empty: int
    unchanged: int


class FileRefused(Exception):
    """Nothing is taken from the file. The message is for the person who sent it."""


def sort_rows(
    rows: Iterable[TranslatedRow],
    sources: Mapping[str, SourceText],
    current: Mapping[str, TranslatedRow],
    language: str,
) -> SortedRows:
    """Check every row. `sources` and `current`, the rows as an export would have them, are by the text's digest."""
    accepted: dict[str, AcceptedRow] = {}
    faulty: list[FaultyRow] = []
    empty = unchanged = 0
    for row in rows:
        source, before = sources.get(row.digest), current.get(row.digest)
        if not any(form.strip() for form in row.forms):
            empty += 1
        elif source is None:
            faulty.append(FaultyRow(row, (_("The product has no such English text, or not any more."),)))
        elif row.digest in accepted:
            faulty.append(FaultyRow(row, (_("The file has this text twice."),)))
        elif before and (before.forms, before.is_machine_made) == (row.forms, row.is_machine_made):
            unchanged += 1
        elif faults := find_translation_faults(source, row.forms, language):
            faulty.append(FaultyRow(row, tuple(dict.fromkeys(map(str, faults)))))
        else:
            accepted[row.digest] = AcceptedRow(source, row.forms, row.is_machine_made)
    return SortedRows(tuple(accepted.values()), tuple(faulty), empty, unchanged)
