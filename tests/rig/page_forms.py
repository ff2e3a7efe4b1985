"""The links and forms of a page, as a browser would follow and send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin


@dataclass(slots=True)
class PageForm:
    """`values`: what a browser would send, with the first choice of a list or group in which none is chosen.

    `kinds`: of all its fields, by name: the type of an input, or the name of another element.
    """

    method: str
    action: str
    values: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class PageForms(HTMLParser):
    """The links and forms of the page at the path `at`."""

    def __init__(self, at: str, html: str) -> None:
        super().__init__()
        self.at = at
        self.links: list[str] = []
        self.forms: list[PageForm] = []
        self.named: dict[str, PageForm] = {}
        self.form: PageForm | None = None
        # The list or text that is being read: its form and name.
        self.inside: tuple[PageForm, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "a" if "href" in given:
                self.links.append(urldefrag(urljoin(self.at, given["href"])).url)
            case "form":
                action = urljoin(self.at, given.get("action", ""))
                self.form = PageForm(given.get("method", "get").lower(), action)
                self.forms.append(self.form)
                self.named[given.get("id", "")] = self.form
            case "input" | "textarea" | "select" | "button":
                self._add_field(tag, given)
            case "option" if self.inside:
                form, name = self.inside
                if "selected" in given or not form.values[name]:
                    form.values[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.inside and self.inside[0].kinds[self.inside[1]] == "textarea":
            form, name = self.inside
            form.values[name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag in {"select", "textarea"}:
            self.inside = None

    def _add_field(self, tag: str, given: dict[str, str]) -> None:
        form = self.named.get(given["form"]) if "form" in given else self.form
        if form is None:
            return
        if "formaction" in given:
            self.forms.append(PageForm(form.method, urljoin(self.at, given["formaction"]), form.values, form.kinds))
        name, kind = given.get("name"), given.get("type", "text") if tag == "input" else tag
        if not name:
            return
        form.kinds.setdefault(name, kind)
        if "checked" in given or (kind != "checkbox" and name not in form.values):
            form.values[name] = given.get("value", "")
        if tag in {"select", "textarea"}:
            self.inside = form, name
