"""The links and forms of a page, as a browser would follow and send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin


@dataclass(slots=True)
class PageForm:
    """`kinds`: of its fields, by name: the type of an input, or the name of another element."""

    method: str
    action: str
    values: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class PageForms(HTMLParser):
    """The links and forms of the page at the path `at`. A list offers its first choice that is not empty."""

    def __init__(self, at: str, html: str) -> None:
        super().__init__()
        self.at = at
        self.links: list[str] = []
        self.forms: list[PageForm] = []
        self.named: dict[str, PageForm] = {}
        self.form: PageForm | None = None
        self.select: tuple[PageForm, str] | None = None
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
            case "option" if self.select and given.get("value"):
                form, name = self.select
                form.values[name] = form.values[name] or given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None

    def _add_field(self, tag: str, given: dict[str, str]) -> None:
        form = self.named.get(given["form"]) if "form" in given else self.form
        if form is None:
            return
        if "formaction" in given:
            self.forms.append(PageForm(form.method, urljoin(self.at, given["formaction"]), form.values, form.kinds))
        name = given.get("name")
        if name and name not in form.values:
            form.values[name] = given.get("value", "")
            form.kinds[name] = given.get("type", "text") if tag == "input" else tag
            self.select = (form, name) if tag == "select" else self.select
