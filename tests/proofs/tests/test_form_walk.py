"""How proofs find each kind of form again, also one that is shown once only."""

from collections.abc import Mapping

from tests.proofs.form_walk import FormWalk
from tests.proofs.visitor import Page
from tests.rig.page_forms import forms_on

FORM = '<form method="post" action="/status/">{}</form>'
CODE, ANSWER = '<input type="hidden" name="code" value="c">', '<textarea name="answer"></textarea>'
BUTTON = '<button name="more" value="1">Add</button>'
LOOK_UP = FORM.format('<input name="code"><button>Look it up</button>')


class OneMessage:
    """A receipt with one message: once it is answered, a button shows the form again."""

    def __init__(self) -> None:
        self.answers = 0

    def get(self, path: str) -> Page:
        return Page(200, {}, LOOK_UP.encode() if path.endswith("/status/") else b"")

    def post(self, path: str, fields: Mapping[str, str]) -> Page:
        self.answers += "answer" in fields
        is_open = not self.answers or fields.get("more")
        return Page(200, {}, FORM.format(CODE + (ANSWER if is_open and "answer" not in fields else BUTTON)).encode())


def test_form_that_was_sent_once_is_found_again() -> None:
    walk = FormWalk(OneMessage(), "/bz/en/", "c")

    found = walk.find_forms()

    assert set(found) == {("code",), ("code", "answer"), ("code", "more")}
    for names, find_form in found.items():
        assert [tuple(find_form().fields) for _time in range(2)] == [names] * 2


def test_first_button_of_a_form_is_sent_with_it() -> None:
    [form] = forms_on(FORM.format(BUTTON + '<button name="then" value="next">Next</button>'))
    assert form.fields == {"more": "1"}
    [form] = forms_on(FORM.format('<button>Send</button><button name="then" value="next">Next</button>'))
    assert form.fields == {}
    [form] = forms_on(FORM.format('<button type="button" name="shown">Show</button>' + BUTTON))
    assert form.fields == {"more": "1"}
