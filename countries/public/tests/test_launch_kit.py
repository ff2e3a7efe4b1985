"""The launch kit for partners."""

from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
import segno
from defusedxml.ElementTree import fromstring
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw

from analysts.models import User
from countries.models import Contact, Picture, Portal, PortalState
from countries.public import published
from countries.public.launch_kit import code_of
from countries.staff.appearance.pictures import LOGO, clean_picture
from countries.tests.factories import ContactFactory, store_verified
from tests.rig.fixtures import client_of


@pytest.fixture(autouse=True)
def _public_url(settings: Any) -> None:
    settings.PUBLIC_URL = "https://report.example.org"


def kit_of(portal: Portal, rest: str = "") -> str:
    return f"/admin/countries/portal/{portal.pk}/kit/{rest}"


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_kit_has_each_language_with_address_links_and_press_text(belize: Portal, olga: User) -> None:
    belize.launched_on = timezone.localdate().replace(2026, 3, 1)
    belize.save()
    published.clear_cache()
    page = text_of(client_of(olga), kit_of(belize))
    for language in ("en", "es"):
        assert f"https://report.example.org/bz/{language}/" in page
        assert kit_of(belize, f"{language}/poster/") in page
    assert "1 March 2026" in page
    assert "1 de marzo de 2026" in page
    assert "&lt;a href=&quot;https://report.example.org/bz/en/&quot;" in page
    for snippet in ("&lt;script", "&lt;iframe", "style=&quot;", "pornograph"):
        assert snippet not in page


def test_kit_of_a_portal_with_hostile_title_gives_links_that_hold_it_as_text(belize: Portal, olga: User) -> None:
    belize.texts.update(title='"><script>run()</script>')
    published.clear_cache()
    page = text_of(client_of(olga), kit_of(belize))
    assert "<script>run" not in page
    # Escaped twice: as the snippet's own text, and in the field that shows the snippet.
    assert "&amp;lt;script&amp;gt;run()" in page


def test_kit_is_made_before_the_launch_too(belize: Portal, olga: User) -> None:
    Portal.objects.filter(pk=belize.pk).update(state=PortalState.DRAFT)
    published.clear_cache()
    assert "report.example.org/bz" in text_of(client_of(olga), kit_of(belize, "en/poster/"))


def test_kit_without_public_address_says_which_setting_is_missing(belize: Portal, olga: User, settings: Any) -> None:
    settings.PUBLIC_URL = ""
    client = client_of(olga)
    assert "PUBLIC_URL" in text_of(client, kit_of(belize))
    for sheet in ("en/poster/", "en/cards/", "en/code.svg", "en/badge.svg", "en/badge.png"):
        assert client.get(kit_of(belize, sheet)).status_code == 404


def test_poster_has_words_and_contacts_as_they_are_now(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    ContactFactory.create(portal=belize, name="Never checked", phone="555", verified_on=None, verified_by="")
    published.clear_cache()
    poster = text_of(client, kit_of(belize, "es/poster/"))
    assert '<html lang="es" dir="ltr">' in poster
    assert "report.example.org/bz/es" in poster
    assert "116" in poster
    assert "Never checked" not in poster
    contact = Contact.objects.get(phone="116")
    contact.phone = "119"
    store_verified(contact)
    published.clear_cache()
    assert "119" in text_of(client, kit_of(belize, "es/poster/"))


def test_sheets_in_urdu_run_from_right_to_left_and_the_address_does_not(pakistan: Portal, olga: User) -> None:
    client = client_of(olga)
    for sheet in ("poster", "cards"):
        text = text_of(client, kit_of(pakistan, f"ur/{sheet}/"))
        assert '<html lang="ur" dir="rtl">' in text
        assert '<bdi dir="ltr">report.example.org/pk/ur</bdi>' in text
    assert text.count('class="card"') == 10


def test_sheet_of_a_language_the_portal_has_not_is_not_found(belize: Portal, olga: User) -> None:
    assert client_of(olga).get(kit_of(belize, "ur/poster/")).status_code == 404
    assert client_of(olga).get("/admin/countries/portal/999999/kit/").status_code == 404


@pytest.mark.parametrize("who", ["ana", "axel", "willa", "adam"])
def test_kit_opens_to_operators_and_the_partner_only(who: str, belize: Portal, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(who))
    for rest in ("", "band.svg", "en/poster/", "en/cards/", "en/code.svg", "en/badge.svg", "en/badge.png"):
        assert client.get(kit_of(belize, rest)).status_code == 403


def test_sheets_carry_the_portals_colour_logo_and_hotline(belize: Portal, olga: User, settings: Any) -> None:
    settings.HOTLINE_NAME = "Example Hotline"
    logo = save_logo(belize)
    for sheet in ("poster", "cards"):
        page = text_of(client_of(olga), kit_of(belize, f"en/{sheet}/"))
        assert kit_of(belize, "band.svg") in page
        assert f"/admin/countries/portal/pictures/{logo.digest}/" in page
        assert "Example Hotline" in page
    band = fromstring(client_of(olga).get(kit_of(belize, "band.svg")).content)
    assert band[0].get("fill") == "#003f87"


def test_badge_is_offered_with_a_link_that_shows_it(belize: Portal, olga: User) -> None:
    page = text_of(client_of(olga), kit_of(belize))
    assert 'download="bz-es-badge.svg"' in page
    assert 'download="bz-es-badge.png"' in page
    assert "&lt;img src=&quot;bz-es-badge.svg&quot; width=&quot;420&quot; height=&quot;124&quot;" in page


def test_badges_are_saved_and_not_opened_as_pages_without_their_logo(belize: Portal, olga: User) -> None:
    for ending in ("svg", "png"):
        answer = client_of(olga).get(kit_of(belize, f"es/badge.{ending}"))
        assert answer.headers["Content-Disposition"] == f'attachment; filename="bz-es-badge.{ending}"'


def test_svg_badge_has_words_and_logo_and_nothing_from_elsewhere(pakistan: Portal, olga: User) -> None:
    pakistan.texts.update(title='Name & <script src="https://example.org/x">')
    logo = save_logo(pakistan)
    answer = client_of(olga).get(kit_of(pakistan, "ur/badge.svg"))
    assert answer.headers["Content-Type"] == "image/svg+xml"
    root = fromstring(answer.content)
    assert "Name & <script" in "".join(root.itertext())
    assert [each.tag for each in root.iter() if each.tag.endswith("script")] == []
    targets = [value for each in root.iter() for name, value in each.attrib.items() if name.endswith("href")]
    assert targets == [f"data:image/webp;base64,{b64encode(logo.content).decode()}"]
    words = [each for each in root.iter() if each.tag.endswith("text")]
    assert [each.get("direction") for each in words[:-1]] == ["rtl"] * (len(words) - 1)
    assert (words[-1].text, words[-1].get("direction")) == ("report.example.org/pk/ur", None)


@pytest.mark.parametrize("title", ["Belize Reporting Portal", "Portal de denuncias de Belice, en español"])
def test_png_badge_has_the_portals_colour_and_draws_no_missing_letters(
    belize: Portal, olga: User, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(ImageDraw.ImageDraw, "text", lambda pen, place, text, **how: drawn.append(text))
    belize.texts.update(title=title)
    published.clear_cache()
    answer = client_of(olga).get(kit_of(belize, "en/badge.png"))
    with Image.open(BytesIO(answer.content)) as image:
        assert (image.format, image.size) == ("PNG", (3 * 420, 3 * 124))
        assert image.getpixel((3 * 210, 4)) == (0x00, 0x3F, 0x87, 0xFF)
    assert drawn[-1] == "report.example.org/bz"
    assert (len(drawn) > 1) == title.isascii()


def save_logo(portal: Portal) -> Picture:
    drawing = BytesIO()
    Image.new("RGB", (90, 90), "#c00").save(drawing, "PNG")
    logo = clean_picture(ContentFile(drawing.getvalue()), room=LOGO)
    logo.save()
    Portal.objects.filter(pk=portal.pk).update(logo=logo)
    published.clear_cache()
    return logo


def test_code_draws_the_matrix_of_the_portals_address(belize: Portal, olga: User) -> None:
    answer = client_of(olga).get(kit_of(belize, "en/code.svg"))
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.content == code_of("https://report.example.org/bz/en/")
    assert answer.content != code_of("https://report.example.org/bz/es/")
    expected = segno.make("https://report.example.org/bz/en/", error="m", micro=False)
    side = expected.symbol_size(border=4)[0]
    assert fromstring(answer.content).get("viewBox") == f"0 0 {side} {side}"


def test_partner_prints_the_kit_of_their_own_portal_with_its_pictures(
    belize: Portal, zambia: Portal, petra: User
) -> None:
    logo, client = save_logo(belize), client_of(petra)
    stranger = Picture.objects.create(digest="b" * 64, content=b"", media_type="image/png", width=1, height=1)
    Portal.objects.filter(pk=zambia.pk).update(crest=stranger)
    paths = [f"/admin/countries/portal/pictures/{picture.digest}/" for picture in (logo, stranger)]
    assert paths[0] in text_of(client, kit_of(belize, "en/poster/"))
    assert [client.get(path).status_code for path in paths] == [200, 404]
    for rest in ("", "band.svg", "en/poster/", "en/cards/", "en/code.svg", "en/badge.svg", "en/badge.png"):
        answers = [client.get(kit_of(portal, rest)).status_code for portal in (belize, zambia)]
        assert answers == [200, 404], rest
