"""`manage.py makemessages`: Django's, with public texts only. Texts of staff pages stay English and in no catalogue."""

from functools import cache
from io import StringIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.core.management.commands import makemessages
from django.utils.translation import override

from countries.models import ContactKind, Region, ServiceKind
from countries.words.sources import is_public_place

# A template has no plural rule yet, and Babel reads none without.
NO_RULE, ANY_RULE = "nplurals=INTEGER; plural=EXPRESSION", "nplurals=2; plural=n!=1"


class Command(makemessages.Command):
    def build_potfiles(self) -> list[str]:
        potfiles: list[str] = super().build_potfiles()
        for path in map(Path, potfiles):
            template = read_po(StringIO(path.read_text(encoding="utf-8").replace(NO_RULE, ANY_RULE)))
            with path.open("wb") as file:
                write_po(file, _keep_public_texts(template), width=0, sort_by_file=True)
        return potfiles


def is_public(message: Message) -> bool:
    return any(is_public_place(place) for place, _line in message.locations) or message.id in _labels_on_public_pages()


@cache
def _labels_on_public_pages() -> frozenset[str]:
    """Labels of model choices that public pages show; all other texts of models are for staff."""
    headings = [kind.row.heading for kind in ContactKind if kind.row.heading]
    purposes = [kind.row.purpose for kind in ServiceKind]
    # Without an active language, a label is its source text.
    with override(None):
        return frozenset(str(text) for text in [*Region.labels, *headings, *purposes])


def _keep_public_texts(template: Catalog) -> Catalog:
    """Remove the texts of staff pages, and the staff modules among the places of public texts."""
    for message in [message for message in template if message.id]:
        if not is_public(message):
            template.delete(message.id, message.context)
        public = [place for place in message.locations if is_public_place(place[0])]
        message.locations = public or message.locations
    return template
