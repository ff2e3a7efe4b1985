"""The page that says why this site is safe, and which of its claims a reader can check.

Its figures are those of the proofs that came with the release (`data/proofs.json`, written by `make prove`).
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypedDict

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from countries.languages import long_date, written_number
from countries.public.network.views import frame_context
from countries.public.pages import PortalRequest, known_language, open_page, receipt_page, same_for_all

FIGURES = Path(__file__).parent / "data" / "proofs.json"


class ProvedFigures(TypedDict):
    """The figures of one proof, by a short name, and the day on which it ran. Only of whole runs that held."""

    proof: str
    on: str
    figures: dict[str, int]


class ReleaseFigures(TypedDict):
    """`version`: of the release that the figures belong to."""

    version: str
    proofs: list[ProvedFigures]


class ProofSentence(NamedTuple):
    words: str
    day: str


# The meaning of each proof, in plain words. The figures are those of `data/proofs.json`.
SENTENCES: Mapping[str, Promise] = {
    "privacy": _(
        "We sent test reports, then searched everything the system wrote: %(places)s places. Traces of who sent them: "
        "%(found)s."
    ),
    "crash": _("We made the system crash while %(sent)s test reports came in. Reports lost: %(lost)s."),
    "destroyed_key": _(
        "We destroyed the keys of %(texts)s test texts and then tried to read them from every copy. "
        "Texts we could still read: %(read)s."
    ),
    "hostile": _("We sent %(posts)s odd or harmful texts to the forms. Texts lost: %(lost)s."),
}


@cache
def read_figures() -> ReleaseFigures:
    figures: ReleaseFigures = json.loads(FIGURES.read_text(encoding="utf-8"))
    return figures


def proof_sentences(language: str) -> list[ProofSentence]:
    """A sentence for each proof in the active language, its numbers and day as `language` writes them."""
    return [
        ProofSentence(
            str(SENTENCES[row["proof"]])
            % {name: written_number(figure, language) for name, figure in row["figures"].items()},
            long_date(date.fromisoformat(row["on"]), language),
        )
        for row in read_figures()["proofs"]
        if row["proof"] in SENTENCES
    ]


@require_safe
@receipt_page
@same_for_all
def portal_trust(request: PortalRequest) -> HttpResponse:
    return render(request, "countries/public/trust.html", _trust_context(request.portal_language))


@require_safe
@open_page
def network_trust(request: HttpRequest, language: str) -> HttpResponse:
    with translation.override(known_language(language)):
        context = {**_trust_context(language), **frame_context(language, "trust_in")}
        return render(request, "countries/public/trust.html", context)


def _trust_context(language: str) -> dict[str, object]:
    contacts = [(contact, contact.removeprefix("mailto:")) for contact in settings.SECURITY_CONTACT]
    return {
        "hotline": settings.HOTLINE_NAME,
        "version": read_figures()["version"],
        "proofs": proof_sentences(language),
        "onion_url": settings.ONION_URL,
        "security_contacts": contacts,
    }
