"""English words on pages of other languages are marked as English."""

import pytest

from countries.words.fallback_marks import MarkedCatalogue, marked_fallback, write_marks

S, E = "\ue002", "\ue003"


@pytest.mark.parametrize(
    ("page", "written"),
    [
        (f"<p>{S}Send{E}</p>", '<p><span lang="en" dir="ltr">Send</span></p>'),
        (f"<p>{S}a <b>b</b>{E}</p>", '<p><span lang="en" dir="ltr">a <b>b</b></span></p>'),
        (f'<a title="{S}Send{E}">x</a>', '<a title="Send">x</a>'),
        (f"<title>{S}Send{E}</title>{S}x{E}", '<title>Send</title><span lang="en" dir="ltr">x</span>'),
        (f"<option>{S}a{E}<b>", "<option>a<b>"),
        ("<p>as it is", "<p>as it is"),
    ],
)
def test_signs_become_elements_where_there_can_be_some(page: str, written: str) -> None:
    assert write_marks(page) == written


def test_catalogue_marks_what_it_lacks_while_a_page_is_rendered() -> None:
    catalogue = MarkedCatalogue()
    catalogue["Send"] = "Salima"
    catalogue["Report", 0] = "Ripot"
    with marked_fallback():
        assert [catalogue.get(key) for key in ("Send", "Report", "Back", "menu\x04Back")] == [
            "Salima",
            "Ripot",
            f"{S}Back{E}",
            f"{S}Back{E}",
        ]
    assert catalogue.get("Back") is None
