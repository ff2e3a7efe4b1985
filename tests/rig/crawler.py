"""Follows the links of a site, and of one person's pages, and finds those that are dead.

Pages are sorted into kinds by the caller, who may have seen enough of one: a list has hundreds of links to pages of one
route.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit

from tests.proofs.visitor import Page

# Links, pictures, scripts, style sheets and frames.
_LEADS_TO = re.compile(r"""\s(?:href|src|data-src)="([^"]*)\"""")
HTML = "text/html"


@dataclass
class Crawl:
    """Pages visited over `get`, from `start` on.

    Args:
        get: opens a path of the site.
        kind_of: the kind of a path.
        most: how many pages of one kind are opened.
    """

    get: Callable[[str], Page]
    kind_of: Callable[[str], str]
    most: int
    # Status by path, and the path that links to each.
    statuses: dict[str, int] = field(default_factory=dict)
    offered_on: dict[str, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)

    def follow(self, *start: str) -> None:
        paths = deque(path for path in start if self._is_due(path, offered_on="the start"))
        while paths:
            path = paths.popleft()
            page = self.get(path)
            self.statuses[path] = page.status
            for link in links_of(page, path):
                if self._is_due(link, offered_on=path):
                    paths.append(link)

    def failures(self) -> list[str]:
        """The answers that nobody should get from a link: errors of the server, refusals and missing pages."""
        return [
            f"{status} {path} (offered on {self.offered_on[path]})"
            for path, status in self.statuses.items()
            if status >= 400
        ]

    def _is_due(self, path: str, *, offered_on: str) -> bool:
        if path in self.offered_on:
            return False
        kind = self.kind_of(path)
        if self.kinds[kind] >= self.most:
            return False
        self.kinds[kind] += 1
        self.offered_on[path] = offered_on
        return True


def links_of(page: Page, path: str) -> Iterator[str]:
    """The paths on the same site that an answer leads to: by redirecting and by links."""
    if location := page.headers.get("location"):
        yield from _on_this_site(location, path)
    if not page.headers.get("content-type", "").startswith(HTML):
        return
    for link in _LEADS_TO.findall(page.text):
        yield from _on_this_site(unescape(link), path)


def _on_this_site(link: str, path: str) -> Iterator[str]:
    place = urlsplit(urljoin(f"http://site.invalid{path}", link))
    if place.netloc == "site.invalid":
        yield place.path + (f"?{place.query}" if place.query else "")
