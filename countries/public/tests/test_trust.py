"""The page "Is this safe?": who runs the site, what is kept, and the figures that came with the release."""

import re
from typing import Any

import pytest
from django.test import Client

from countries.models import Portal
from countries.public import published, trust

SOURCE_URL = "https://code.example.org/portals"


@pytest.fixture(autouse=True)
def _one_release(monkeypatch: pytest.MonkeyPatch) -> None:
    figures: trust.ReleaseFigures = {
        "version": "9.8.7",
        "proofs": [{"proof": "privacy", "on": "2026-11-26", "figures": {"places": 5441, "found": 0}}],
    }
    monkeypatch.setattr(trust, "read_figures", lambda: figures)


def text_of(client: Client, path: str) -> str:
    published.clear_cache()
    response = client.get(path)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("path", ["/bz/en/trust/", "/network/en/trust/"])
def test_trust_page_has_the_figures_of_the_release_with_their_day(belize: Portal, visitor: Client, path: str) -> None:
    page = text_of(visitor, path)
    assert "release 9.8.7:" in page
    assert "5,441 places. Traces of who sent them: 0." in page
    assert "Tested on 26 November 2026." in page


def test_figures_are_written_as_the_language_writes_them(belize: Portal, visitor: Client) -> None:
    page = text_of(visitor, "/bz/es/trust/")
    assert "26 de noviembre de 2026" in page
    assert "5,441" not in page


@pytest.mark.parametrize("path", ["/bz/en/trust/", "/network/en/trust/"])
def test_trust_page_names_what_the_installation_has(belize: Portal, visitor: Client, settings: Any, path: str) -> None:
    settings.HOTLINE_NAME = ""
    bare = text_of(visitor, path)
    onion = f"http://{'a' * 56}.onion"
    settings.HOTLINE_NAME, settings.SOURCE_URL, settings.ONION_URL = "Example Hotline", SOURCE_URL, onion
    settings.SECURITY_CONTACT = ["mailto:flaws@example.org"]
    page = text_of(visitor, path)
    for part in ("Example Hotline runs this site.", SOURCE_URL, onion, 'href="mailto:flaws@example.org"'):
        assert part in page
        assert part not in bare
    assert "No outside expert has checked this release yet." in page


def test_every_page_leads_to_the_trust_page(belize: Portal, visitor: Client) -> None:
    for path in ("/bz/es/", "/bz/es/report/", "/bz/es/status/"):
        assert 'href="/bz/es/trust/"' in text_of(visitor, path)
    assert 'href="/network/ur/trust/"' in text_of(visitor, "/network/ur/")


def test_trust_page_leads_on_from_a_language_without_words(visitor: Client, db: None) -> None:
    for name in ("about", "privacy", "trust"):
        assert visitor.get(f"/network/xx/{name}/").headers["Location"] == f"/network/en/{name}/"
