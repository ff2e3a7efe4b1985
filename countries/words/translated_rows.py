"""One row of a file of translations, and what an import found in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class ImportReport:
    """The rows of a file by what becomes of them. `empty`, `unchanged`: how many have nothing, or nothing new."""

    # By the text's digest.
    accepted: dict[str, TranslatedRow] = field(default_factory=dict)
    faulty: list[FaultyRow] = field(default_factory=list)
    empty: int = 0
    unchanged: int = 0

    def refuse(self, row: TranslatedRow, reasons: Iterable[object]) -> None:
        self.faulty.append(FaultyRow(row, tuple(dict.fromkeys(map(str, reasons)))))

    @property
    def drafted(self) -> int:
        return sum(row.is_machine_made for row in self.accepted.values())

    @property
    def proposed(self) -> int:
        return len(self.accepted) - self.drafted


class FileRefused(Exception):
    """Nothing is taken from the file. The message is for the person who sent it."""


def check_size(content: bytes, largest: int = LARGEST_FILE) -> None:
    """Raises FileRefused."""
    if len(content) > largest:
        raise FileRefused(_("The file is larger than %(most)d kB.") % {"most": largest // 1024})


def sort_rows(
    rows: Iterable[TranslatedRow],
    sources: Mapping[str, SourceText],
    current: Mapping[str, TranslatedRow],
    language: str,
) -> ImportReport:
    """Check every row. `sources` and `current`, the rows as an export would have them, are by the text's digest."""
    report = ImportReport()
    for row in rows:
        source, before = sources.get(row.digest), current.get(row.digest)
        if not any(form.strip() for form in row.forms):
            report.empty += 1
        elif source is None:
            report.refuse(row, [_("The product has no such English text, or not any more.")])
        elif row.digest in report.accepted:
            report.refuse(row, [_("The file has this text twice.")])
        elif before and (before.forms, before.is_machine_made) == (row.forms, row.is_machine_made):
            report.unchanged += 1
        elif faults := find_translation_faults(source, row.forms, language):
            report.refuse(row, faults)
        else:
            report.accepted[row.digest] = row
    return report
