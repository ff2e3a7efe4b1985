"""Translations as a `.po` file, for translation programs and platforms.

Written so that the same texts always give the same bytes: without dates, sorted, nothing wrapped. Read by a parser of
our own: the file comes from outside, and Babel's believes its header, which may name any charset and number of forms.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from babel.messages.pofile import escape, unescape
from django.utils.translation import gettext as _

from countries.words.plurals import MOST_FORMS, PluralRule, parse_plural_rule, plural_rule
from countries.words.sources import SourceText
from countries.words.translated_rows import LONGEST_CELL, MOST_ROWS, FileRefused, TranslatedRow, check_size

_PROJECT = "Reporting Portals"
# Lines of one field: programs wrap at 70 characters or so.
_MOST_LINES = 1_000
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"')
_BETWEEN_FLAGS = re.compile(r"[,\s]++")
_FIELD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr(?:\[([0-9]{1,2})\])?)\s*(?=\")")
_HEADERS = re.compile(r"^(Language|Plural-Forms|Content-Type):\s*(.+)$", re.MULTILINE | re.IGNORECASE)


def build_po(language: str, sources: Iterable[SourceText], rows: Mapping[str, TranslatedRow]) -> bytes:
    """The file of the given texts with their translations, which are by the text's digest.

    Machine-made translations are fuzzy, so that programs ask a person to confirm them.
    """
    rule = plural_rule(language)
    ordered = sorted(sources, key=lambda source: (source.context, source.singular, source.plural))
    entries = [_write_entry(source, rows.get(source.digest), rule) for source in ordered]
    return "\n".join([_header(language, rule), *entries]).encode()


def _write_entry(source: SourceText, row: TranslatedRow | None, rule: PluralRule) -> str:
    flags = ["fuzzy"] if row and row.is_machine_made else []
    flags += ["python-format"] if any(placeholder.startswith("%") for placeholder in source.placeholders) else []
    lines = [f"#. {source.comment}"] if source.comment else []
    lines += [f"#: {place}" for place in source.places]
    lines += [f"#, {', '.join(flags)}"] if flags else []
    lines += [f"msgctxt {escape(source.context)}"] if source.context else []
    lines += [f"msgid {escape(source.singular)}"]
    if source.plural:
        forms = row.forms if row else ("",) * rule.count
        lines += [f"msgid_plural {escape(source.plural)}"]
        lines += [f"msgstr[{number}] {escape(form)}" for number, form in enumerate(forms)]
    else:
        lines += [f"msgstr {escape(row.forms[0] if row else '')}"]
    return "\n".join(lines) + "\n"


def _header(language: str, rule: PluralRule) -> str:
    lines = {
        "Project-Id-Version": _PROJECT,
        "Language": language.replace("-", "_"),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": str(rule),
    }
    header = "\n".join(escape(f"{name}: {value}\n") for name, value in lines.items())
    return f'msgid ""\nmsgstr ""\n{header}\n'


@dataclass(slots=True)
class _Entry:
    """One entry while it is read: its fields with the pieces of each."""

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    is_fuzzy: bool = False

    def text(self, name: str) -> str:
        return "".join(self.fields.get(name, []))

    def forms(self) -> tuple[str, ...]:
        if "msgid_plural" not in self.fields:
            return (self.text("msgstr"),)
        numbers = [int(name[7:-1]) for name in self.fields if name.startswith("msgstr[")]
        return tuple(self.text(f"msgstr[{number}]") for number in range(max(numbers, default=-1) + 1))


def read_po(content: bytes, language: str) -> list[TranslatedRow]:
    """The rows of a file for the language. Raises FileRefused with the line of what is wrong with the file."""
    check_size(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused(_("This is not a .po file in UTF-8.")) from None
    rows: list[TranslatedRow] = []
    has_header = False
    for entry in _read_entries(text):
        if not entry.text("msgid"):
            # Its plural rule is tried with hundreds of numbers: once a file.
            if has_header:
                raise _damaged(entry.line)
            _check_header(entry.text("msgstr"), language)
            has_header = True
            continue
        if len(rows) == MOST_ROWS:
            raise FileRefused(_("The file has more than %(most)d texts.") % {"most": MOST_ROWS})
        rows.append(
            TranslatedRow(
                entry.text("msgctxt"),
                entry.text("msgid"),
                entry.text("msgid_plural"),
                entry.forms(),
                entry.is_fuzzy,
                _("line %(number)d") % {"number": entry.line},
            )
        )
    return rows


def _read_entries(text: str) -> Iterator[_Entry]:
    """The entries, without those that are marked as gone (`#~`)."""
    entry, name, size, is_fuzzy = None, "", 0, False
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith("#"):
            if entry and "msgid" in entry.fields:
                yield entry
                entry, is_fuzzy = None, False
            is_fuzzy |= line.startswith("#,") and "fuzzy" in _BETWEEN_FLAGS.split(line[2:])
        if not line or line.startswith("#"):
            continue
        if match := _FIELD.match(line):
            name, line = match[1], line[match.end() :]
            if entry is None or _begins_entry(name, entry):
                yield from _finished(entry)
                entry = _Entry(number, is_fuzzy=is_fuzzy)
                is_fuzzy = False
            if name in entry.fields or (match[2] and int(match[2]) >= MOST_FORMS):
                raise _damaged(number)
            entry.fields[name], size = [], 0
        if entry is None or not _STRING.fullmatch(line):
            raise _damaged(number)
        entry.fields[name].append(unescape(line))
        size += len(line)
        _check_length(number, size, len(entry.fields[name]))
    yield from _finished(entry)


def _finished(entry: _Entry | None) -> Iterator[_Entry]:
    """The entry, unless nothing was read of it yet."""
    if entry and "msgid" in entry.fields:
        yield entry


def _check_length(number: int, size: int, lines: int) -> None:
    if size > LONGEST_CELL or lines > _MOST_LINES:
        raise FileRefused(_("Line %(number)d: this text is too long.") % {"number": number})


def _begins_entry(name: str, entry: _Entry) -> bool:
    """Whether a field of this name is the first of the entry after this one."""
    return name == "msgctxt" or (name == "msgid" and "msgid" in entry.fields)


def _damaged(number: int) -> FileRefused:
    return FileRefused(_("Line %(number)d is not as in a .po file.") % {"number": number})


def _check_header(header: str, language: str) -> None:
    """Refuse a file of another language, and one whose forms are of other numbers. Raises FileRefused."""
    values = {name.lower(): value.strip() for name, value in _HEADERS.findall(header)}
    language_tag = values.get("language", "").replace("_", "-").lower()
    if language_tag and language_tag.split("-")[0] != language.split("-")[0]:
        raise FileRefused(_("This file is for the language %(tag)s.") % {"tag": language_tag[:20]})
    rule = plural_rule(language)
    if "plural-forms" in values:
        try:
            is_same = parse_plural_rule(values["plural-forms"]).distinguishes_like(rule)
        except ValueError:
            is_same = False
        if not is_same:
            raise FileRefused(_("The plural rule of this file must be: %(rule)s") % {"rule": rule})
