"""The kinds of form of a portal, discovered from its pages and from the answers to its forms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Protocol
from urllib.parse import urljoin

from tests.proofs.visitor import Page
from tests.rig.page_forms import Form, forms_on

ORDINARY = "https://example.org/ordinary"


class FormVisitor(Protocol):
    """A client that opens pages and sends forms: over a connection, or in the process of the surface itself."""

    def get(self, path: str) -> Page: ...

    def post(self, path: str, fields: Mapping[str, str]) -> Page: ...


@dataclass
class FormWalk:
    """`base`: the path of a portal in one language. `code`: of a report to it, typed where a form asks for one."""

    visitor: FormVisitor
    base: str
    code: str

    def find_forms(self) -> dict[tuple[str, ...], Callable[[], Form]]:
        """Each kind of form, and how to get a new one: from a page, or from the answer to another form."""
        found: dict[tuple[str, ...], Callable[[], Form]] = {}
        paths = [self.base + name for name in ("", "about/", "privacy/", "report/", "status/", "details/")]
        ways: list[Callable[[], Page]] = [partial(self._page, path) for path in paths]
        while ways:
            way = ways.pop(0)
            for form in forms_on(way().text):
                fields = tuple(form.fields)
                if fields in found:
                    continue
                fresh = self._fresh(way, fields)
                found[fields] = fresh
                # Its answer when it is filled in, and when it is not recognised.
                ways.append(partial(self._send_new, fresh, {}))
                if "token" in fields:
                    ways.append(partial(self._send_new, fresh, {"token": ""}))
        return found

    def _fresh(self, way: Callable[[], Page], fields: tuple[str, ...]) -> Callable[[], Form]:
        def find_form() -> Form:
            shown = forms_on(way().text)
            # A message that was answered shows a button instead of its form, and the form once that is pressed.
            behind = (each for form in shown for each in forms_on(self._send(form, {}).text))
            found = next((form for form in chain(shown, behind) if tuple(form.fields) == fields), None)
            if found is None:
                raise LookupError(f"No form with the fields {', '.join(fields)} any more, but {shown}.")
            return found

        return find_form

    def _page(self, path: str) -> Page:
        page = self.visitor.get(path)
        return self.visitor.get(urljoin(path, page.headers["location"])) if page.status in (301, 302) else page

    def ordinary_fields(self, form: Form) -> dict[str, str]:
        return form.filled({name: self.code if name == "code" else ORDINARY for name in form.typed})

    def _send_new(self, fresh: Callable[[], Form], values: Mapping[str, str]) -> Page:
        return self._send(fresh(), values)

    def _send(self, form: Form, values: Mapping[str, str]) -> Page:
        return self.visitor.post(form.action, {**self.ordinary_fields(form), **values})
