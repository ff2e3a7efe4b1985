"""Links and forms of a page, to be followed, filled in and sent without a browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form's target and its fields' values; ticks and choices have their first option, and its first button counts.

    That is the button which a browser presses for the Enter key; only if it has a name is it a field.
    """

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    # Fields whose text a person sees, and which must be kept when the form is shown again.
    typed: set[str] = field(default_factory=set)
    method: str = "post"
    # The values of its lists: the chosen option, or the first that is not empty.
    lists: dict[str, str] = field(default_factory=dict)
    # Fields that a browser does not send as they are.
    unticked: set[str] = field(default_factory=set)
    # The type of all fields and buttons, by name: the type of an input, or the name of another element.
    kinds: dict[str, str] = field(default_factory=dict)
    # Where some of its buttons lead instead.
    other_actions: list[str] = field(default_factory=list)

    def filled(self, values: Mapping[str, str]) -> dict[str, str]:
        """The fields with their values, replaced by `values`."""
        return {**self.fields, **values}

    def as_it_is(self) -> dict[str, str]:
        """The fields a browser sends if nothing is filled in; an empty list has its first option."""
        return {**{name: value for name, value in self.fields.items() if name not in self.unticked}, **self.lists}


def forms_on(page: str) -> list[Form]:
    """The forms of a page with method POST."""
    return [form for form in read_page(page)[1] if form.method == "post"]


def read_page(page: str) -> tuple[list[str], list[Form]]:
    """Where the links of a page lead, and its forms, addresses as they are written."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.links, reader.forms


def _read_input(form: Form, name: str, kind: str, at: Mapping[str, str]) -> None:
    if kind == "checkbox" and "checked" not in at and name not in form.fields:
        form.unticked.add(name)
    elif "checked" in at:
        form.unticked.discard(name)
    form.fields.setdefault(name, at.get("value", ""))
    if kind not in ("hidden", "checkbox", "radio"):
        form.typed.add(name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.textarea = self.list = ""
        self.has_button = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(at.get("action", ""), method=at.get("method", "get").lower())
            self.forms.append(self.form)
            self.has_button = False
        elif tag == "a" and "href" in at:
            self.links.append(at["href"])
        elif self.form and tag == "option" and self.list:
            if "selected" in at or not self.form.lists[self.list]:
                self.form.lists[self.list] = at.get("value", "")
        elif self.form:
            self._read_field(self.form, tag, at)

    def _read_field(self, form: Form, tag: str, at: Mapping[str, str]) -> None:
        name, kind = at.get("name"), at.get("type", "text") if tag == "input" else tag
        if tag in {"input", "textarea", "select", "button"} and name is not None:
            form.kinds.setdefault(name, kind)
        if tag == "textarea" and name is not None:
            self.textarea = name
            form.fields[name] = ""
            form.typed.add(name)
        elif tag == "select" and name is not None:
            self.list = name
            form.lists[name] = ""
        elif tag == "input" and name is not None:
            _read_input(form, name, kind, at)
        elif tag == "button":
            if "formaction" in at:
                form.other_actions.append(at["formaction"])
            if at.get("type", "submit") == "submit" and not self.has_button:
                self.has_button = True
                if name is not None:
                    form.fields.setdefault(name, at.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.form and self.textarea:
            self.form.fields[self.textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.form and self.textarea:
            # Browsers drop the first line break in a textarea, and templates write one for that.
            self.form.fields[self.textarea] = self.form.fields[self.textarea].removeprefix("\n")
            self.textarea = ""
        elif tag == "select":
            self.list = ""
        elif tag == "form":
            self.form = None
