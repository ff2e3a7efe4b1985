"""Message catalogues compiled without gettext's programs, which a fresh machine lacks.

`python -m portal_site.messages` compiles what changed; it needs neither settings nor a database.
"""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def stale_catalogues(locale: Path = LOCALE) -> list[Path]:
    """The .po files that were changed after their .mo file was written, or have none."""
    return [po for po in sorted(locale.glob("*/LC_MESSAGES/*.po")) if _is_stale(po, po.with_suffix(".mo"))]


def compile_catalogue(po: Path) -> Path:
    """Write the .mo file beside `po`, without its fuzzy entries: a guess is not a translation."""
    mo = po.with_suffix(".mo")
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parent.parent.name, abort_invalid=True)
    # Whole or not at all: a web process may be reading it.
    new = mo.with_suffix(".new")
    with new.open("wb") as target:
        write_mo(target, catalogue)
    new.replace(mo)
    return mo


def _is_stale(po: Path, mo: Path) -> bool:
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime


if __name__ == "__main__":
    for po in stale_catalogues():
        compile_catalogue(po)
