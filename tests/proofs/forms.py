"""Forms of a page, to be filled in and sent without a browser."""

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

    def filled(self, values: Mapping[str, str]) -> dict[str, str]:
        """The fields with their values, replaced by `values`."""
        return {**self.fields, **values}


def forms_on(page: str) -> list[Form]:
    """The forms of a page with method POST."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.textarea = ""
        self.has_button = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(at.get("action", "")) if at.get("method", "").lower() == "post" else None
            self.forms += [self.form] if self.form else []
            self.has_button = False
        elif self.form and tag == "textarea" and "name" in at:
            self.textarea = at["name"]
            self.form.fields[self.textarea] = ""
            self.form.typed.add(self.textarea)
        elif self.form and tag == "input" and "name" in at:
            self.form.fields.setdefault(at["name"], at.get("value", ""))
            if at.get("type", "text") not in ("hidden", "checkbox", "radio"):
                self.form.typed.add(at["name"])
        elif self.form and tag == "button" and at.get("type", "submit") == "submit" and not self.has_button:
            self.has_button = True
            if "name" in at:
                self.form.fields.setdefault(at["name"], at.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.form and self.textarea:
            self.form.fields[self.textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.form and self.textarea:
            # Browsers drop the first line break in a textarea, and templates write one for that.
            self.form.fields[self.textarea] = self.form.fields[self.textarea].removeprefix("\n")
            self.textarea = ""
        elif tag == "form":
            self.form = None
