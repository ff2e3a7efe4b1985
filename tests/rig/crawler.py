"""Follows the links of a site and finds those that are dead.

The caller sorts paths into kinds, and says how many pages of a kind are enough: a list has hundreds of links to pages
of one route.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit

from tests.proofs.visitor import Page

# Links, style sheets, scripts, pictures and frames.
_LINK = re.compile(r'\s(?:href|src)="([^"]*)"')
_SITE = "http://site.invalid"


@dataclass
class Crawl:
    """The pages that one person reaches.

    Args:
        get: opens a path of the site.
        kind_of: the kind of a path.
        most: how many pages of one kind are opened.
    """

    get: Callable[[str], Page]
    kind_of: Callable[[str], str]
    most: int
    kinds: Counter[str] = field(default_factory=Counter)
    # By path: the status, and the page that links to it.
    statuses: dict[str, int] = field(default_factory=dict)
    offered_on: dict[str, str] = field(default_factory=dict)

    def follow(self, start: str) -> None:
        """Open this page, and all that it leads to."""
        self._note(start, "")
        paths = deque([start])
        while paths:
            path = paths.popleft()
            page = self.get(path)
            self.statuses[path] = page.status
            for link in links_of(page, path):
                if link not in self.offered_on and self.kinds[self.kind_of(link)] < self.most:
                    self._note(link, path)
                    paths.append(link)

    def dead_links(self) -> list[str]:
        """Errors of the server, refusals and missing pages. A page offers no link to one."""
        return [
            f"{status} {path} (offered on {self.offered_on[path] or 'no page'})"
            for path, status in self.statuses.items()
            if status >= 400
        ]

    def _note(self, path: str, offered_on: str) -> None:
        self.kinds[self.kind_of(path)] += 1
        self.offered_on[path] = offered_on


def links_of(page: Page, path: str) -> Iterator[str]:
    """The paths on the same site to which an answer redirects or links."""
    links = [location] if (location := page.headers.get("location")) else []
    if page.headers.get("content-type", "").startswith("text/html"):
        links += map(unescape, _LINK.findall(page.text))
    for link in links:
        place = urlsplit(urljoin(_SITE + path, link))
        if f"{place.scheme}://{place.netloc}" == _SITE:
            yield place.path + (f"?{place.query}" if place.query else "")
