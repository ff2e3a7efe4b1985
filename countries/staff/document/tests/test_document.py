"""A portal as a document and as a file: lossless round trips, and untrusted files are validated."""

from base64 import b64decode, b64encode
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from countries import catalogue
from countries.models import Contact, MediaType, Partner, Picture, Portal, PortalState, PortalTextPart, text_digest
from countries.models.picture import build_picture
from countries.staff.appearance.pictures import LOGO
from countries.staff.document.exchange import (
    LARGEST_FILE,
    build_export,
    document_from,
    from_toml,
    parse_upload,
    to_toml,
)
from countries.staff.document.portal_document import (
    LISTS,
    NAME_FIELDS,
    NAME_MODELS,
    apply_document,
    document_of,
    sort_names,
    sort_rows,
)
from countries.staff.document.portal_fields import PORTAL_FIELD_NAMES
from countries.staff.document.text_reviews import sort_reviews
from countries.staff.requests.approvals import digest_of
from countries.tests.factories import review_texts

AWKWARD = [
    '"',
    "\\",
    '"""',
    "'''",
    "\\u0000",
    "\n\n",
    " \\\n x",
    "😀",
    "\u202eabc",
    "سلام",
    "\x7f",
    "\u2028",
    "#",
    "\t",
    "= [x]",
]

words: st.SearchStrategy[Any] = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=40),
    st.lists(st.sampled_from(AWKWARD), max_size=5).map("".join),
)
named = words.filter(bool)
days = st.none() | st.dates().map(date.isoformat)
positions = st.integers(0, 32767)
pictures = st.none() | st.fixed_dictionaries(
    {
        "content": st.binary(min_size=1, max_size=300).map(lambda content: b64encode(content).decode()),
        "media_type": st.sampled_from(MediaType.values),
        "width": st.integers(1, 2000),
        "height": st.integers(1, 2000),
    }
)


names: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries({"language": named, "name": named, "note": words}),
    max_size=2,
    unique_by=lambda text: str(text["language"]),
).map(sort_names)


def rows(name: str, /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    key = LISTS[name][2]
    every = dict.fromkeys(LISTS[name][1], words) | {"position": positions} | fields
    if name in NAME_MODELS:
        every["texts"] = names
    unique = st.lists(st.fixed_dictionaries(every), max_size=3, unique_by=lambda row: tuple(row[part] for part in key))
    return unique.map(lambda found: sort_rows(found, key))


reviews = st.sampled_from([0, 1, 2]).map(
    lambda number: sort_reviews(
        [
            {"part": part, "digest": text_digest(name), "reviewed_by": name, "reviewed_on": "2026-05-04"}
            for part, name in zip(PortalTextPart.values, AWKWARD[:number], strict=False)
        ]
    )
)


documents: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    dict.fromkeys(PORTAL_FIELD_NAMES, words)
    | {
        "slug": named,
        "name": named,
        "legal_age": st.integers(12, 21),
        "launched_on": days,
        "words_release_from": days,
        "logo": pictures,
        "crest": pictures,
        "texts": rows("texts", language=named, reviews=reviews),
        "contacts": rows("contacts", kind=named, name=named, verified_on=days),
        "partners": rows("partners", name=named, confirmed=st.booleans(), logo=pictures),
    }
)


@given(documents)
def test_file_of_any_document_gives_it_back(document: dict[str, Any]) -> None:
    assert from_toml(to_toml(document)) == document


@pytest.fixture
def crest(db: None) -> Picture:
    return Picture.objects.create(digest="f" * 64, content=b"picture", media_type=MediaType.PNG, width=40, height=20)


def test_every_field_of_a_portal_is_in_the_document_or_left_out_on_purpose() -> None:
    assert {field.name for field in Portal._meta.fields} - set(PORTAL_FIELD_NAMES) == {
        "id", "emergency_suspended", "opening_missed_on", "state", "opens_on", "test_code", "tested_on",
    }  # fmt: skip
    for model, fields, _key in LISTS.values():
        assert {field.name for field in model._meta.fields} - set(fields) == {"id", "portal"}
    for name, names_of in NAME_MODELS.items():
        assert {field.name for field in names_of._meta.fields} - set(NAME_FIELDS) == {"id", name.removesuffix("s")}


def test_document_applied_to_another_portal_makes_an_equal_one(belize: Portal, zambia: Portal) -> None:
    belize.contacts.create(kind="police", name='The "Police" \\ 警', phone="911", source="a\r\nb")
    belize.texts.update(law="one\r\ntwo\rthree")
    belize.partners.get().texts.create(language="es", name="Policía", note="Belmopán")
    document = document_of(belize)
    zambia.contacts.create(kind="other", name="Goes", phone="1")
    kept = zambia.contacts.get(kind="child_helpline")
    kept.texts.create(language="fr", name="Goes as well")

    apply_document(zambia, {**document, "slug": "zm"})

    assert document_of(zambia) == {**document, "slug": "zm"}
    assert digest_of(document_of(belize)) == digest_of(document) != digest_of(document_of(zambia))
    assert kept in zambia.contacts.all()
    assert not Contact.objects.filter(name="Goes").exists()
    assert not kept.texts.exists()
    assert document["texts"][0]["law"] == "one\ntwo\nthree"


def test_document_that_breaks_a_rule_changes_nothing(belize: Portal) -> None:
    before = document_of(belize)
    bad: list[tuple[dict[str, Any], str]] = [
        ({"slug": "zm"}, "cannot change"),
        ({"legal_age": 99}, "legal_age"),
        ({"brand_colour": "#ffffff"}, "brand_colour"),
        ({"button_colour": "#ffff00"}, "button_colour"),
        ({"accent_colour": "#1d5fa8"}, "accent_colour: too close"),
        ({"pattern": "photograph"}, "pattern"),
        ({"default_language": "fr"}, "default language"),
        ({"leave_to": "javascript:alert(1)"}, "leave_to"),
        ({"contacts": [before["contacts"][0] | {"kind": "nobody"}]}, "contacts 1, kind"),
        ({"contacts": [before["contacts"][0] | {"verified_by": ""}]}, "contacts 1: Say who verified"),
        (
            {"contacts": [before["contacts"][0] | {"texts": [{"language": "x", "name": "N", "note": ""}]}]},
            "contacts 1, texts 1, language",
        ),
        ({"partners": [before["partners"][0] | {"website": "ftp://example.org"}]}, "partners 1, website"),
    ]
    for changed, message in bad:
        with pytest.raises(ValidationError, match=message):
            apply_document(Portal.objects.get(pk=belize.pk), {**before, **changed})
        assert document_of(Portal.objects.get(pk=belize.pk)) == before


def test_exported_file_gives_an_equal_portal_back(belize: Portal, crest: Picture) -> None:
    content = b64encode(b"picture").decode()
    Partner.objects.update(logo=crest)
    belize.crest = crest
    belize.access_phrase = "a phrase in clear"
    belize.save()

    file = build_export(document_of(belize))

    assert content in file
    assert "a phrase in clear" not in file
    assert from_toml(file) == {**document_of(belize), "access_phrase": ""}


def test_import_believes_no_mark_of_another_installation(belize: Portal) -> None:
    review_texts(belize)
    file = build_export(document_of(belize)).encode()

    strange = parse_upload(file, checked=False)
    own = parse_upload(file, checked=True)

    assert own == document_of(belize)
    assert [text["reviews"] for text in strange["texts"]] == [[], []]
    assert {(contact["verified_by"], contact["verified_on"]) for contact in strange["contacts"]} == {("", None)}
    assert {partner["confirmed"] for partner in strange["partners"]} == {False}
    assert strange["contacts"][0]["phone"] == own["contacts"][0]["phone"]


def test_import_keeps_nothing_of_a_picture_but_what_can_be_drawn(belize: Portal, crest: Picture) -> None:
    belize.logo = crest
    belize.save()
    with pytest.raises(ValidationError, match="logo: This is not a PNG, JPEG or WebP picture"):
        parse_upload(build_export(document_of(belize)).encode(), checked=True)

    output = BytesIO()
    Image.new("RGB", (40, 20), "#c00").save(output, "PNG")
    crest.content = output.getvalue() + b"<script>x</script>"
    crest.save()
    logo = parse_upload(build_export(document_of(belize)).encode(), checked=True)["logo"]
    assert b"script" not in b64decode(logo["content"])
    assert logo["media_type"] == MediaType.WEBP


def test_import_reuses_a_stored_svg_and_refuses_any_other(belize: Portal) -> None:
    content = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="48" height="48"/>'
    stored = build_picture(content, MediaType.SVG, 48, 48)
    stored.save()
    belize.logo = belize.crest = stored
    belize.save()
    Partner.objects.update(logo=stored)
    document = document_of(belize)

    same = parse_upload(build_export(document).encode(), checked=True)
    assert same == document
    apply_document(belize, same)
    assert (belize.logo, Picture.objects.count()) == (stored, 1)
    # The installation's own size counts, not the file's.
    resized = {**document, "logo": {**document["logo"], "width": 240}}
    assert parse_upload(build_export(resized).encode(), checked=True) == document

    other = b64encode(content.replace(b"9 9", b"8 8")).decode()
    for name, picture in (("logo", document["logo"]), ("crest", document["crest"])):
        for media_type in MediaType:
            file = build_export({**document, name: {**picture, "content": other, "media_type": str(media_type)}})
            with pytest.raises(ValidationError, match=f"{name}: This is not a PNG, JPEG or WebP picture"):
                parse_upload(file.encode(), checked=True)
    partner = {**document["partners"][0], "logo": {**document["logo"], "content": other}}
    with pytest.raises(ValidationError, match="partners 1, logo: This is not a PNG, JPEG or WebP picture"):
        parse_upload(build_export({**document, "partners": [partner]}).encode(), checked=True)


def test_import_refuses_a_stored_svg_too_large_for_its_place(belize: Portal) -> None:
    heavy = build_picture(b"<svg>" + b" " * LOGO.most_bytes + b"</svg>", MediaType.SVG, 48, 48)
    tall = build_picture(b"<svg></svg>", MediaType.SVG, 72, 80)
    for crest in (heavy, tall):
        crest.save()
        belize.logo, belize.crest = None, crest
        belize.save()
        document = document_of(belize)
        assert parse_upload(build_export(document).encode(), checked=True) == document
        with pytest.raises(ValidationError, match="logo: This is not a PNG, JPEG or WebP picture"):
            parse_upload(build_export({**document, "logo": document["crest"]}).encode(), checked=True)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ('slug = "x"\nname = x', "line 2"),
        ('slug = "x"\nname = "X"\nstate = "live"', "state: no such key"),
        ('slug = "x"\nname = "X"\ntest_code = "a"', "test_code: no such key"),
        ('slug = "x"\nname = "X"\n[[contacts]]\nkind = "police"\nname = "P"\npone = "1"', "contacts 1, pone: no such"),
        ('slug = "x"\nname = "X"\n[[contacts]]\nkind = "police"', "contacts 1, name: missing"),
        ('slug = "x"\nname = "X"\n[[contacts]]\nkind = "police"\nname = "P"\ntexts = 1', "contacts 1, texts: must be"),
        (
            'slug = "x"\nname = "X"\n[[partners]]\nname = "P"\n[[partners.texts]]\nlanguage = "es"\nnam = "Q"',
            "partners 1, texts 1, nam: no such key",
        ),
        ('name = "X"', "slug: missing"),
        ('slug = "x"\nname = "X\\u0000"', "name: contains a null character"),
        ('slug = "x"\nname = 7', "name: must be text"),
        ('slug = "x"\nname = "X"\nlegal_age = true', "legal_age: must be a whole number"),
        ('slug = "x"\nname = "X"\nlaunched_on = "2018-04-13"', "launched_on: must be a date"),
        ('slug = "x"\nname = "X"\nlaunched_on = 2018-04-13T00:00:00', "launched_on: must be a date"),
        ('slug = "x"\nname = "X"\ntexts = "none"', "texts: must be tables"),
        ('slug = "x"\nname = "X"\ntexts = [1]', "texts: must be tables"),
        ('slug = "x"\nname = "X"\nlogo = "a.png"', "logo: not a picture"),
        ('slug = "x"\nname = "X"' + '\n[[texts]]\nlanguage = "en"' * 2, "texts 2: appears twice"),
        ("a = " + "[" * 5000, "nested too deeply|not a TOML"),
        # Parsing this would take hours.
        ("a." * 250_000 + "b = 1", "nested too deeply"),
        ('"\\"" . ' * 70_000 + "b = 1", "nested too deeply"),
        ("[" + "'a'." * 125_000 + "b]", "nested too deeply"),
        ('slug = "x"\nname = "X"\n' + '[[contacts]]\nkind = "other"\n' * 301, "contacts: more than 300 rows"),
        ("a = " + "9" * 5000, "not a TOML"),
        ("slug = '\x00'", "not a TOML"),
        (b"\xff\xfe", "UTF-8"),
        (b"#" * (LARGEST_FILE + 1), "too large"),
    ],
)
def test_file_that_is_wrong_says_where(db: None, file: str | bytes, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        parse_upload(file if isinstance(file, bytes) else file.encode(), checked=True)


def test_file_of_nothing_but_faults_is_answered_with_some_of_them(db: None) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_upload("".join(f"a{number} = 1\n" for number in range(30_000)).encode(), checked=True)
    assert len(refused.value.messages) == 50


def test_file_may_name_an_address_of_many_parts(belize: Portal) -> None:
    belize.legal_source = ".".join("a" * 60) + " see www.example.org"
    assert parse_upload(build_export(document_of(belize)).encode(), checked=True)["legal_source"] == belize.legal_source


def test_huge_numbers_are_refused_by_their_field(belize: Portal) -> None:
    text = to_toml(document_of(belize)).replace("[[contacts]]\n", "[[contacts]]\nposition = 99999999999999999999\n")
    with pytest.raises(ValidationError, match="contacts 1, position"):
        apply_document(belize, parse_upload(text.encode(), checked=True))


def test_files_of_the_catalogue_are_documents(db: None) -> None:
    for path in catalogue.files():
        document = from_toml(path.read_text(encoding="utf-8"))
        portal = Portal(state=PortalState.DRAFT)
        apply_document(portal, document)
        assert document_of(portal) == document
        assert from_toml(to_toml(document)) == document


def test_document_of_an_older_release_leaves_what_it_does_not_name(belize: Portal) -> None:
    Portal.objects.filter(pk=belize.pk).update(pattern="waves")
    belize = Portal.objects.get(pk=belize.pk)
    older = {name: value for name, value in document_of(belize).items() if name != "pattern"}
    for partner in older["partners"]:
        del partner["texts"]
    apply_document(belize, {**older, "legal_age": 17})
    belize.refresh_from_db()
    assert (belize.pattern, belize.legal_age) == ("waves", 17)


def test_document_from_tables_fills_in_what_they_leave_out() -> None:
    document = document_from({"slug": "xx", "name": "Somewhere"})
    assert document["legal_age"] == 18
    assert document["region"] == "world"
    assert document["texts"] == []
