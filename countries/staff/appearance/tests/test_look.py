"""A portal's pictures and colours, from the admin page to public pages; uploads never reach the disk."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from countries.models import ApprovalRequest, MediaType, Picture, Portal, PortalState
from countries.models.picture import build_picture
from countries.public import published
from countries.staff.appearance.pictures import CREST, LARGEST_UPLOAD, LOGO, Room, clean_picture
from countries.staff.requests.approvals import approve_request
from countries.staff.workspace.portal_approvals import PORTAL_WORDS
from countries.staff.workspace.tests.test_admin import errors_of, page_of, save
from tests.rig.fixtures import client_of, create_person

HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d 20"><rect width="5" height="5"/>'


def bitmap(width: int = 90) -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (width, 30), "#c00").save(out, "PNG")
    return SimpleUploadedFile("logo.png", out.getvalue(), "image/png")


def store_svg(width: int = 40, room: Room = LOGO) -> Picture:
    """An SVG from the time when they were accepted as uploads."""
    picture = build_picture(HEAD % width + b"</svg>", MediaType.SVG, *room.fit(width, 20))
    picture.save()
    return picture


def dressed(portal: Portal) -> tuple[Picture, Picture, Picture]:
    """Give the portal a logo, a crest and a partner logo."""
    partner = portal.partners.get()
    portal.logo, portal.crest, partner.logo = store_svg(40), store_svg(50, CREST), store_svg(60, CREST)
    portal.save()
    partner.save()
    published.clear_cache()
    return portal.logo, portal.crest, partner.logo


def save_look(client: Client, portal: Portal, **changes: Any) -> Any:
    return save(client, page_of(portal, "look"), **changes)


def save_partner(client: Client, portal: Portal, **changes: Any) -> Any:
    return save(client, page_of(portal, "partners"), **{"partners-0-id": portal.partners.get().pk, **changes})


@pytest.fixture
def draft(belize: Portal) -> Portal:
    """Belize before it is public, so that saves take effect at once."""
    belize.state = PortalState.DRAFT
    belize.save()
    return belize


def test_pictures_are_uploaded_recorded_and_shown_to_the_operator(draft: Portal, olga: User) -> None:
    client = client_of(olga)
    assert save_look(client, draft, logo_file=bitmap(300), crest_file=bitmap()).status_code == 302
    assert save_partner(client, draft, **{"partners-0-logo_file": bitmap(60)}).status_code == 302
    draft.refresh_from_db()
    assert draft.logo is not None
    assert draft.crest is not None
    assert (draft.logo.width, draft.logo.height, draft.crest.media_type) == (240, 24, "image/webp")
    assert draft.partners.get().logo_id == clean_picture(bitmap(60), room=CREST).digest
    partner = draft.partners.get()
    of_portal, of_partner = (event.details["changes"] for event in AuditEvent.objects.order_by("number"))
    [[_name, fields]] = of_partner["partners"].items()
    assert (set(of_portal), set(fields)) == ({"logo", "crest"}, {"logo"})
    recorded = [pair["after"]["digest"] for pair in (of_portal["logo"], of_portal["crest"], fields["logo"])]
    assert recorded == [draft.logo.digest, draft.crest.digest, partner.logo_id]
    page = client.get(page_of(draft, "look")).content.decode()
    shown = f"/admin/countries/portal/pictures/{draft.logo.digest}/"
    assert f'src="{shown}"' in page
    assert 'enctype="multipart/form-data"' in page
    answer = client.get(shown)
    assert answer.content == bytes(draft.logo.content)
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_pictures_stay_when_another_field_is_saved_and_go_with_the_tick(draft: Portal, olga: User) -> None:
    logo, crest, partner_logo = dressed(draft)
    client = client_of(olga)

    save_look(client, draft, brand_colour="#123456")
    save_partner(client, draft, **{"partners-0-website": "https://example.org/"})
    draft.refresh_from_db()
    assert (draft.logo, draft.crest, draft.partners.get().logo) == (logo, crest, partner_logo)

    save_look(client, draft, **{"logo_file-clear": "on"})
    save_partner(client, draft, **{"partners-0-logo_file-clear": "on"})
    draft.refresh_from_db()
    assert (draft.logo, draft.crest, draft.partners.get().logo) == (None, crest, None)


def test_picture_of_the_same_bytes_is_kept_once(draft: Portal, zambia: Portal, olga: User) -> None:
    client = client_of(olga)
    save_look(client, draft, logo_file=bitmap())
    Portal.objects.filter(pk=zambia.pk).update(state=PortalState.DRAFT)
    save_look(client, zambia, logo_file=bitmap())
    assert Picture.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"GIF89a" * 99, "PNG, JPEG or WebP"),
        (HEAD % 40 + b"</svg>", "Save an SVG as PNG"),
        (b"<" * (LARGEST_UPLOAD + 5), "512 kB"),
    ],
    ids=["empty", "kind", "svg", "large"],
)
def test_upload_is_refused_with_words_and_what_was_typed_is_kept(
    draft: Portal, olga: User, content: bytes, says: str
) -> None:
    logo, _crest, _partner_logo = dressed(draft)
    response = save_look(
        client_of(olga),
        draft,
        button_colour="#123457",
        logo_file=SimpleUploadedFile("logo.svg", content, "image/svg+xml"),
    )

    assert [says in str(error) for error in errors_of(response)] == [True]
    assert "#123457" in response.content.decode()
    draft.refresh_from_db()
    assert (draft.button_colour, draft.logo) == ("", logo)
    assert AuditEvent.objects.count() == 0


def test_upload_never_reaches_a_folder(
    draft: Portal, olga: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    monkeypatch.setattr("tempfile.mkstemp", lambda *args, **kwargs: pytest.fail("A temporary file was made."))
    large = SimpleUploadedFile("logo.svg", b"<" * (LARGEST_UPLOAD + 5), "image/svg+xml")
    save_look(client_of(olga), draft, logo_file=large, crest_file=bitmap())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("field", ["brand_colour", "button_colour"])
def test_colour_that_white_cannot_be_read_on_is_refused_with_its_contrast(
    draft: Portal, olga: User, field: str
) -> None:
    [error] = errors_of(save_look(client_of(olga), draft, **{field: "#7f7f7f"}))
    assert "Contrast: 4.0" in str(error)
    assert save_look(client_of(olga), draft, **{field: "#757575"}).status_code == 302
    assert AuditEvent.objects.count() == 1


def test_button_colour_is_in_the_portals_sheet_and_in_no_others(
    belize: Portal, zambia: Portal, visitor: Client
) -> None:
    belize.button_colour = "#8a1c3c"
    belize.save()
    published.clear_cache()
    assert b"--brand:#003f87;--button:#8a1c3c;" in visitor.get("/bz/en/").content
    assert b"#8a1c3c" not in visitor.get("/zm/en/").content


def test_pictures_are_in_frame_and_about_page_and_cost_no_query(
    belize: Portal, visitor: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    logo, crest, partner_logo = dressed(belize)
    home, about = (visitor.get(f"/bz/en/{page}").content.decode() for page in ("", "about/"))
    assert re.findall(r'<span class="(\w+).*?"></span>', home) == ["crest", "mark"]
    assert [digest in about for digest in (logo.digest, crest.digest, partner_logo.digest)] == [False, True, True]
    # Only SET ROLE and RESET ROLE for the visitor.
    with django_assert_num_queries(2):
        answer = visitor.get(f"/bz/pictures/{logo.digest}.svg")
    assert answer.content == bytes(logo.content)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_picture_is_found_under_its_own_visible_portal_only(belize: Portal, zambia: Portal, visitor: Client) -> None:
    logo, _crest, partner_logo = dressed(belize)
    spare = store_svg(99)

    def status(path: str) -> int:
        return visitor.get(path).status_code

    assert status(f"/bz/pictures/{partner_logo.digest}.svg") == 200
    assert status(f"/zm/pictures/{logo.digest}.svg") == 404
    assert status(f"/bz/pictures/{spare.digest}.svg") == 404
    assert status(f"/bz/pictures/{logo.digest}.png") == 404
    assert visitor.post(f"/bz/pictures/{logo.digest}.svg").status_code == 405
    belize.partners.update(confirmed=False)
    published.clear_cache()
    assert status(f"/bz/pictures/{partner_logo.digest}.svg") == 404
    Portal.objects.filter(pk=belize.pk).update(state=PortalState.DRAFT)
    published.clear_cache()
    assert status(f"/bz/pictures/{logo.digest}.svg") == 404


def test_pictures_are_read_from_the_database_once(
    belize: Portal, django_assert_num_queries: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    logo, _crest, _partner_logo = dressed(belize)
    with django_assert_num_queries(16):
        published.portals_by_slug()
    monkeypatch.setattr(published, "RENEW_AFTER", 0)
    with django_assert_num_queries(15):
        found = published.portals_by_slug()["bz"].picture(logo.digest)
    assert found is not None
    assert found.content == bytes(logo.content)


def test_frame_holds_marks_and_nothing_that_a_browser_keeps(belize: Portal, visitor: Client) -> None:
    logo, crest, _partner_logo = dressed(belize)
    Portal.objects.filter(pk=belize.pk).update(pattern="waves", accent_colour="#f2a33a", header_layout="tall")
    published.clear_cache()
    answer = visitor.get("/bz/frame.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    picture = answer.content.decode()
    for part in (logo, crest):
        assert bytes(part.content).decode() in picture
    page = visitor.get("/bz/en/").content.decode()
    # The product's own drawing; an uploaded picture is never markup of a page.
    assert page.count('<pattern id="pattern"') == 1
    assert not any(bytes(part.content).decode() in page for part in (logo, crest))
    assert ".mark{display:inline-block;flex:none;width:80px;height:40px;background:url(/bz/frame.svg) 0 0px" in page
    assert '<header class="tall drawn">' in page


def test_crest_that_would_make_pages_heavy_is_on_the_about_page_only(belize: Portal, visitor: Client) -> None:
    dressed(belize)
    Picture.objects.filter(pk=belize.crest_id).update(content=HEAD % 50 + b" " * 4_000 + b"</svg>")
    published.clear_cache()
    assert '<span class="crest' not in visitor.get("/bz/en/").content.decode()
    assert len(visitor.get("/bz/frame.svg").content) < 1_500
    assert f"/bz/pictures/{belize.crest_id}.svg" in visitor.get("/bz/en/about/").content.decode()


def test_accent_that_is_close_to_the_brand_colour_is_refused(draft: Portal, olga: User) -> None:
    [error] = errors_of(save_look(client_of(olga), draft, accent_colour="#1d5fa8"))
    assert "hard to see on the brand colour" in str(error)
    chosen = {"accent_colour": "#F2A33A", "pattern": "waves", "header_layout": "split"}
    assert save_look(client_of(olga), draft, **chosen).status_code == 302
    draft.refresh_from_db()
    assert (draft.accent_colour, draft.pattern, draft.header_layout) == ("#f2a33a", "waves", "split")


@pytest.mark.parametrize(
    ("who", "statuses"),
    [("ana", [403, 403]), ("axel", [403, 403]), ("adam", [403, 403]), ("petra", [200, 404]), ("olga", [200, 200])],
)
def test_picture_of_the_staff_site_opens_to_operators_and_to_its_countrys_partner(
    who: str, statuses: list[int], belize: Portal, request: pytest.FixtureRequest
) -> None:
    logo, _crest, _partner_logo = dressed(belize)
    client = client_of(request.getfixturevalue(who))
    paths = [f"/admin/countries/portal/pictures/{each.digest}/" for each in (logo, store_svg(70))]
    assert [client.get(path).status_code for path in paths] == statuses


def test_logo_of_a_portal_the_public_sees_waits_for_a_second_operator(
    belize: Portal, olga: User, visitor: Client
) -> None:
    digest = clean_picture(bitmap(), room=LOGO).digest
    mark = '<span class="mark"></span>'
    assert save_look(client_of(olga), belize, logo_file=bitmap(), reason="The new logo.").status_code == 302
    assert mark not in visitor.get("/bz/en/").content.decode()
    request = ApprovalRequest.objects.get(portal=belize)
    oskar = create_person("oskar", Role.OPERATOR)
    approve_request(PORTAL_WORDS, by=oskar, request=request)
    published.clear_cache()
    assert mark in visitor.get("/bz/en/").content.decode()
    assert visitor.get(f"/bz/pictures/{digest}.webp").status_code == 200
