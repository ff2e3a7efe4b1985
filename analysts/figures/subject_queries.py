"""The form of the statements that count: what is common to all subjects."""

from dataclasses import dataclass

from analysts.models.figures.rollup import FigureDimension, FigureSubject


def _stood(alias: str) -> str:
    """Whether an assessment was made and not undone by the moment `as_of`; later than now: as it is."""
    return f"({alias}.at <= %(as_of)s AND ({alias}.undone_at IS NULL OR {alias}.undone_at > %(as_of)s))"


STOOD = {
    "stood": _stood("a"),
    "later_stood": _stood("later"),
    "earlier_stood": _stood("earlier"),
    "same_stood": _stood("same"),
}


def fill_sql(text: str, **parts: str) -> str:
    """Replace `:name:` by the parts, also within each other."""
    for name, part in (*parts.items(), *STOOD.items()):
        text = text.replace(f":{name}:", part)
    return text


@dataclass(frozen=True, slots=True)
class SubjectQuery:
    """`records`: a query of `at`, `key`, `portals` and values. `values`: expressions on a record, by dimension."""

    subject: FigureSubject
    records: str
    values: tuple[tuple[FigureDimension, str], ...] = ()
