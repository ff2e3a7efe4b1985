"""Tests of the public page that says how letters of the hotline look."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from countries.languages import interface_languages
from countries.models import Portal

PAGE = "/network/en/letters/"
PARTS = {
    "DEFAULT_FROM_EMAIL": ("Example Hotline <portals@hotline.example>", "portals@hotline.example"),
    "HOTLINE_TEAM": ("Takedown team", "Takedown team, Example Hotline"),
    "HOTLINE_MAILBOX": ("notices@hotline.example", 'href="mailto:notices@hotline.example"'),
    "HOTLINE_TELEPHONE": ("+44 (0)20 7946 0000", 'href="tel:+4402079460000"'),
    "HOTLINE_WEBSITE": ("https://hotline.example/", 'href="https://hotline.example/"'),
    "PUBLIC_URL": ("https://report.example.org", "https://report.example.org/notice/"),
}


def text_of(client: Client, path: str = PAGE) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("name", PARTS)
def test_page_names_what_the_installation_has_and_nothing_else(db: None, settings: Any, name: str) -> None:
    for other in PARTS:
        setattr(settings, other, "")
    settings.HOTLINE_NAME, settings.DEFAULT_FROM_EMAIL = "Example Hotline", "portals@localhost"
    value, part = PARTS[name]
    assert part not in text_of(Client())
    assert "localhost" not in text_of(Client())
    setattr(settings, name, value)
    assert part in text_of(Client())


def test_reference_stays_on_one_line(db: None) -> None:
    sheet = Path(settings.BASE_DIR, "static", "public", "public.css").read_text(encoding="utf-8")
    assert ".reference { white-space: nowrap; }" in sheet
    assert re.search(r'class="reference"[^>]*>\[RP-', text_of(Client()))


def test_page_is_the_same_for_all_and_looks_nothing_up(db: None) -> None:
    page = text_of(Client())
    assert "<form" not in page
    assert text_of(Client(), f"{PAGE}?reference=RP-7K2M-XQ4D") == page
    assert Client().post(PAGE, {"reference": "RP-7K2M-XQ4D"}).status_code == 405


@pytest.mark.parametrize("language", interface_languages())
def test_page_about_the_network_leads_there_in_its_language(belize: Portal, language: str) -> None:
    address = reverse("letters_in", args=[language])
    assert f'href="{address}"' in text_of(Client(), reverse("about_in", args=[language]))
    heading = re.search(r"<h1>(.*?)</h1>", text_of(Client(), address))
    assert heading is not None
    assert (heading[1] == "How to recognise our letters") is (language == "en")
