"""Every page that the public can be shown: routes, links and forms are discovered; only what leads on is written here.

Every language x a portal in each state. A page that is new is found by its route, by a link to it or by the form that
leads to it; a template that nothing here draws fails a test (`test_public_html.py`).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from io import StringIO
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.signals import request_started
from django.db import close_old_connections, transaction
from django.http import HttpResponse
from django.template.base import Template
from django.test import Client, RequestFactory, override_settings
from django.test.signals import template_rendered
from pytest_django.plugin import DjangoDbBlocker

from countries.languages import interface_languages, language_name
from countries.models import (
    ContactKind,
    HeaderLayout,
    MediaType,
    Partner,
    PartnerRole,
    Pattern,
    Picture,
    PortalState,
    PortalText,
    PublishedStatistics,
    ServiceKind,
)
from countries.models.picture import build_picture
from countries.public import published
from countries.public.errors import LAST_RESORT, WORDS, error_page
from countries.public.help.situations import Situation
from countries.staff.appearance.pictures import LOGO
from countries.statistics import PUBLISHED_AFTER, PublicMeasure
from countries.tests.factories import (
    ContactFactory,
    HelpServiceFactory,
    PartnerFactory,
    PortalFactory,
    PortalTextFactory,
)
from portal_site.hotline_mark import DEMO_MARK
from reports import actions, notice_links, rate_limit, receipts, sealing
from reports.models import KeyClass, Message, NoticeAnswer, Receipt, SealingKey
from reports.notice_answers import MAX_PER_HOUR
from reports.notices import Answerer, AnswerKind
from reports.outcomes import ClosedReason, PublicState
from reports.tests import notices
from tests.rig.fixtures import ClientResponse
from tests.rig.routes import fill_route, is_public, walk_routes

VISIBLE = [state for state in PortalState if state.visible]
# One more, that has no catalogue: such a page is in English, and its portal's own words are marked.
WITHOUT_WORDS = "ps"
LANGUAGES = [*dict(settings.LANGUAGES), WITHOUT_WORDS]
# Written from left to right and from right to left, and without words of its own.
EACH_KIND = ("en", "ur", WITHOUT_WORDS)
BARE = "bare"
# The year of the published statistics.
YEAR = 2025
ADDRESS = "http://site.example/a-rather-long-address-that-a-reporter-copied?with=much&more=behind-it"
PHRASE = "phrase"
# Texts that the safety checks react to: a cry for help, personal data, and a picture pasted as text.
CRY = "I want to die"
PERSONAL = "My name is Ana Example, write to ana@example.org or call +1 202 555 0123."
PASTED = f"data:image/png;base64,{'QUJD' * 200}"
# An earlier release's picture, when SVG was accepted: a frame draws it, and a first visit's budget counts its bytes.
PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 90" width="240" height="24">'
    b'<rect width="900" height="90"/></svg>'
)
FORM = "application/x-www-form-urlencoded"
# Secrets of notices beside the usual one: about several hosts, and of none.
SEVERAL, NOWHERE, OFFICERS = b"s" * 16, b"n" * 16, b"o" * 16
# Who runs the portals; without SECURITY_CONTACT, which would make a page of security.txt.
HOTLINE = {
    "HOTLINE_WEBSITE": "https://hotline.example/",
    "HOTLINE_CONTACT": "mailto:a-rather-long-address@hotline.example",
    "HOTLINE_COMPLAINTS": "https://hotline.example/complaints",
    "HOTLINE_MARK": DEMO_MARK,
}
NGINX_PAGES = Path(settings.BASE_DIR, "deploy", "nginx", "pages")


@dataclass(frozen=True, slots=True)
class PublicPage:
    """`name` describes how to get there; no two pages have the same."""

    name: str
    status: int
    html: str = field(repr=False)
    policy: str = field(default="", repr=False)

    @property
    def language(self) -> str:
        return _html_attribute(self.html, "lang")

    @property
    def direction(self) -> str:
        return _html_attribute(self.html, "dir") or "ltr"


@dataclass(slots=True)
class Gathered:
    pages: dict[str, PublicPage] = field(default_factory=dict)
    # Answers that are no page (style sheets, pictures): by path.
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    # The results of each public route's paths.
    answers: dict[str, set[str]] = field(default_factory=dict)
    templates: set[str] = field(default_factory=set)
    # Sizes as they are sent, compressed and with their headers: by name of page.
    sizes: dict[str, int] = field(default_factory=dict)


def _html_attribute(html: str, name: str) -> str:
    found = re.search(rf'<html[^>]*\s{name}="([^"]*)"', html)
    return found[1] if found else ""


# Values of attributes are quoted, and a sign that ends a tag is escaped in them.
_TAG = re.compile(r"<(form|a|img|input|textarea|select)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


class Forms:
    """The forms of a page: where each goes, and the fields a browser would send of it as it is. And where it leads.

    Read by pattern: an HTML parser takes longer than all these pages together.
    """

    def __init__(self, html: str) -> None:
        self.found: list[tuple[str, dict[str, str]]] = []
        self.links: list[str] = []
        for tag, attributes in _TAG.findall(html):
            self._note_tag(tag, {name: unescape(value) for name, value in _ATTRIBUTE.findall(attributes)})

    def _note_tag(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            self.found.append((given["action"], {}))
        elif tag == "a" and given.get("href", "").startswith("/"):
            self.links.append(urlsplit(given["href"]).path)
        elif tag == "img":
            self.links.append(given["src"])
        elif self.found and tag in ("input", "textarea", "select") and given.get("type") not in ("checkbox", "radio"):
            self.found[-1][1][given["name"]] = given.get("value", "")


class Walk:
    """Visits everything, as one reporter after the other."""

    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self.client = Client()
        self.blank: set[tuple[str, ...]] = set()
        # The answer to each path that was asked for.
        self.statuses: dict[str, int] = {}

    def take[R: HttpResponse | ClientResponse](self, name: str, response: R) -> R:
        """Keep the response, if it is a page."""
        if response.headers.get("Content-Type", "").startswith("text/html") and response.content:
            policy = response.headers.get("Content-Security-Policy", "")
            self.gathered.pages[name] = PublicPage(name, response.status_code, response.content.decode(), policy)
        return response

    def get(self, path: str) -> ClientResponse:
        response = self.take(path, self.client.get(path))
        self.statuses[path] = response.status_code
        if response.status_code == 200 and path not in self.gathered.pages:
            self.gathered.files[path] = response.headers["Content-Type"], response.content
        return response

    def post(self, name: str, path: str, fields: dict[str, str]) -> ClientResponse:
        """Send it, and then the forms of what comes once more, left blank."""
        response = self._send(name, path, fields)
        for action, blank in Forms(response.content.decode()).found:
            self._leave_blank(f"{name}, then nothing", action, blank)
        return response

    def _send(self, name: str, path: str, fields: dict[str, str]) -> ClientResponse:
        return self.take(name, self.client.post(path, urlencode(fields), content_type=FORM))

    def _leave_blank(self, name: str, action: str, blank: dict[str, str]) -> None:
        if (key := (action, *sorted(blank))) not in self.blank:
            self.blank.add(key)
            self._send(name, action, blank)

    def crawl(self, starts: list[str]) -> None:
        """Pages that are read, those they link to, and what becomes of their forms when sent as they are."""
        waiting = list(starts)
        while waiting:
            path = waiting.pop()
            if path in self.statuses:
                continue
            response = self.get(path)
            if response.status_code != 200 or path not in self.gathered.pages:
                continue
            parsed = Forms(response.content.decode())
            for action, blank in parsed.found:
                self._leave_blank(f"{path} with nothing", action, blank)
            waiting += sorted({link for link in parsed.links if not link.startswith("/static/")})


def fields_of(response: ClientResponse, path: str) -> dict[str, str]:
    """The fields of the form that posts to `path`, unchanged."""
    forms = Forms(response.content.decode()).found
    return next(dict(fields) for action, fields in forms if action == path)


def _create_picture() -> Picture:
    """A wide picture, which uses all the space that a picture is given."""
    picture = build_picture(PICTURE, MediaType.SVG, *LOGO.fit(900, 90))
    picture.save()
    return picture


def _create_portals(picture: Picture) -> None:
    layouts = cycle(HeaderLayout)
    for state in VISIBLE:
        phrase = PHRASE if state is PortalState.RESTRICTED else ""
        fields = {"slug": state.value, "name": f"Land {state}", "country": "ZZ", "state": state}
        pictures = {"logo": picture, "crest": picture}
        look = {"accent_colour": "#f2a33a", "pattern": Pattern.WAVES, "header_layout": next(layouts)}
        portal = PortalFactory.create(**fields, **pictures, **look, access_phrase=phrase, launched_on=date(2026, 1, 31))
        for position, tag in enumerate(LANGUAGES):
            title = f"{language_name(tag)} – Example Reporting Portal"
            PortalTextFactory.create(portal=portal, language=tag, position=position, title=title, law="Law 1 of 2026.")
        for kind in ContactKind:
            site = "https://www.example.org/a/long/path/to/a/page"
            ContactFactory.create(portal=portal, kind=kind, name=f"Service for {kind.label}", website=site)
        for role in PartnerRole:
            site = "https://example.org/"
            PartnerFactory.create(portal=portal, name=f"{role.label} of it", role=role, website=site, logo=picture)
            PartnerFactory.create(portal=portal, name=f"{role.label} without a site", role=role)
    for service in ServiceKind:
        for limits in ({"max_age": 17}, {"min_age": 18}, {"phone": "+1 202 555 0123", "languages": "en es"}):
            HelpServiceFactory.create(kind=service, name=f"Service for {service.label}", countries="ZZ", **limits)
    # It has neither contacts nor services.
    bare = PortalFactory.create(slug=BARE, name="Bare", country="YY", state=PortalState.LIVE)
    for position, tag in enumerate(LANGUAGES):
        PortalTextFactory.create(portal=bare, language=tag, position=position, about="", welcome="")
    assert PortalText.objects.count() == len(LANGUAGES) * (len(VISIBLE) + 1)
    assert Partner.objects.count() == 4 * len(VISIBLE)


def _publish_statistics(year: int = YEAR) -> None:
    """A quarter and a year: a portal with numbers, one with hidden ones, one with few reports in the year."""
    shown = {
        measure.value: number for measure, number in zip(PublicMeasure, (120, 110, 50, 30, 20, 10, 45), strict=True)
    }
    hidden = dict.fromkeys(PublicMeasure, None)
    ids = [str(portal.id) for portal in published.portals_by_slug().values()]
    portals = {pk: shown if number % 2 else hidden for number, pk in enumerate(ids)}
    times = {"half_hours": 30, "within": [45, 90, 100]}
    for period, last, small in ((f"{year}Q1", date(year, 3, 31), []), (str(year), date(year, 12, 31), ids[:1])):
        figures = {"network": shown, "assessed": times, "removed": times, "portals": portals, "small": small}
        PublishedStatistics.objects.create(
            period=period, last_day=last, published_on=last + PUBLISHED_AFTER, figures=figures, digest="d" * 64
        )
    published.clear_cache()


def _walk_routes(walk: Walk, picture: Picture) -> None:
    """Every public route, in every portal and language."""
    names = {
        "digest": picture.digest,
        "ending": "svg",
        "situation": Situation.THREATS.value,
        "secret": notice_links.encode_secret(notices.SECRET),
        "year": str(YEAR),
    }
    for route, pattern in walk_routes():
        if not is_public(pattern) or route.startswith("health/"):
            continue
        came = walk.gathered.answers.setdefault(route, set())
        for slug in (*VISIBLE, BARE):
            for tag in LANGUAGES:
                path = fill_route(route, pattern, {**names, "slug": slug, "language": tag})
                # Another language changes words, and another state elements: together they add no link and no form.
                if tag in EACH_KIND or slug in (PortalState.LIVE, BARE):
                    walk.crawl([path])
                elif path not in walk.statuses:
                    walk.get(path)
                kind = "page" if path in walk.gathered.pages else "file" if path in walk.gathered.files else "other"
                came.add(f"{walk.statuses[path]} {kind}")
                if "language" not in route:
                    break
            if "slug" not in route:
                break


def _walk_catalogue(walk: Walk) -> None:
    """The landing page of each portal of the catalogue, which has the texts and contacts that are known of it."""
    call_command("load_catalogue", live=True, stdout=StringIO())
    published.clear_cache()
    # With countries that are on the map.
    _publish_statistics(YEAR + 1)
    for tag in interface_languages():
        walk.get(f"/network/{tag}/statistics/")
    for portal in published.portals_by_slug().values():
        walk.get(f"/{portal.slug}/frame.svg")
        for tag in portal.languages:
            page = walk.get(f"/{portal.slug}/{tag}/").content.decode()
            # Among them those of the portal for any country, to which a suspended one leads.
            for path in set(re.findall(r'src="(/[^"]*/pictures/[^"]*)"', page)) - walk.statuses.keys():
                walk.get(path)


def _walk_reports(walk: Walk, slug: str, tag: str) -> None:
    """A report, its details, its receipt in every public state, and a question of the hotline."""
    here = f"/{slug}/{tag}"
    phrase = {"phrase": PHRASE} if slug == PortalState.RESTRICTED else {}
    report, details, status = f"{here}/report/", f"{here}/details/", f"{here}/status/"
    form = walk.client.get(report)
    token = fields_of(form, report)
    unreadable = {**token, "token": "x", "addresses": ADDRESS, **phrase}
    walk.post(f"{here}: an invalid token", report, unreadable)
    walk.post(f"{here}: too long", report, {**token, "addresses": "x" * 20_001, **phrase})
    if phrase:
        walk.post(f"{here}: wrong phrase", report, {**token, "addresses": ADDRESS, "phrase": "no"})
    with override_settings(KEYRING=Path("/nonexistent")):
        walk.post(f"{here}: not stored", report, {**token, "addresses": ADDRESS, **phrase})
    stored = walk.post(f"{here}: stored", report, {**token, "addresses": ADDRESS, **phrase})
    assert stored.status_code == 200, stored.content.decode()
    walk.post(f"{here}: shown in this language", report, {**token, "addresses": ADDRESS, "show": "1", **phrase})
    walk.post(f"{here}: an account", report, {**token, "platform": "Example chat", "account": "example_17", **phrase})
    walk.post(f"{here}: nothing found", report, {**token, "addresses": "asdf", **phrase})
    code = re.search(r'id="receipt"[^>]*>([^<]+)<', stored.content.decode())
    assert code is not None
    more = {**fields_of(stored, details), "description": "Words", "facts": "child_in_danger"}
    assert walk.post(f"{here}: details stored", details, more).status_code == 200
    walk.post(f"{here}: details refused", details, {**more, "description": "x" * 20_001, "facts": "unknown"})
    for kind, text in {"cry": CRY, "personal": PERSONAL, "pasted": PASTED}.items():
        walk.post(f"{here}: {kind} in a report", report, {**token, "addresses": f"{ADDRESS}\n{text}", **phrase})
        walk.post(f"{here}: {kind} in details", details, {**more, "facts": "", "description": text})
    walk.post(f"{here}: details of no report", details, {**more, "token": ""})
    walk.post(f"{here}: mistyped code", status, {"code": "ABC"})
    walk.post(f"{here}: mistyped code and an answer", status, {"code": "ABC", "answer": "Words", "message": "x"})
    _looking_up(walk, f"{here}: receipt", status, receipts.parse_code(code[1]))


def _looking_up(walk: Walk, name: str, path: str, code: str) -> None:
    receipt = Receipt.objects.get(pk=receipts.derive_credentials(code).receipt_id)
    closed = PublicState.CLOSED.value
    several = [[closed, reason.value, 2] for reason in ClosedReason]
    several += [[state.value, "", 1] for state in PublicState if state.value != closed]
    alone = {state.value: [[state.value, "", 1]] for state in PublicState}
    for case, outcomes in (alone | {"several": several}).items():
        Receipt.objects.filter(pk=receipt.pk).update(outcomes=outcomes, changed_on="2026-11-20")
        assert walk.post(f"{name} {case}", path, {"code": code}).status_code == 200
    credentials = receipts.derive_credentials(code)
    message = Message.objects.create(
        receipt_id=receipt.pk,
        key=SealingKey.objects.filter(key_class=KeyClass.WORDS).order_by("-month")[0],
        sealed_for_reporter=sealing.seal_json(
            {"text": "On which page was it?\n\nThe first?"},
            to=credentials.mailbox.public(),
            info=actions.message_info(credentials.receipt_id),
        ),
        sealed_for_staff=b"for staff",
    )
    walk.post(f"{name} with a question", path, {"code": code})
    answer = {"code": code, "message": str(message.id)}
    walk.post(f"{name} with a blank answer", path, {**answer, "answer": ""})
    walk.post(f"{name} with an answer to nothing", path, {"code": code, "message": "x", "answer": " "})
    for case, text in {"": "The first.", " with a cry": CRY, " with personal data": PERSONAL}.items():
        walk.post(f"{name} answered{case}", path, {**answer, "answer": text})
    walk.post(f"{name} with more to answer", path, {**answer, "more": "1"})
    walk.post(f"{name} with an answer shown", path, {**answer, "answer": "Words", "show": "1"})
    again = {"code": code, "again": "It is on the second page."}
    Receipt.objects.filter(pk=receipt.pk).update(outcomes=alone[closed])
    walk.post(f"{name} with another look not offered", path, again)
    Receipt.objects.filter(pk=receipt.pk).update(outcomes=[[closed, ClosedReason.NOT_ILLEGAL.value, 1]])
    walk.post(f"{name} with another look offered", path, {"code": code})
    walk.post(f"{name} with a blank reason", path, {**again, "again": " "})
    walk.post(f"{name} with a mistyped code and a reason", path, {**again, "code": "ABC"})
    walk.post(f"{name} with personal data in the reason", path, {**again, "again": PERSONAL})
    assert walk.post(f"{name} with a reason stored", path, {**again, "again": CRY}).status_code == 200
    walk.post(f"{name} with another look asked for", path, {"code": code})
    details = path.replace("/status/", "/details/")
    walk.post(f"{name} with details to add", details, {"code": code, "show": "1"})


def _walk_replies(walk: Walk, tag: str) -> None:
    """A notice's link: one host or several, a link that leads nowhere, and every answer."""
    path, several, nowhere = (notices.path(secret, language=tag) for secret in (notices.SECRET, SEVERAL, NOWHERE))
    for each in (several, nowhere):
        walk.get(each)
    walk.post(f"{nowhere} with an answer", nowhere, {"kind": "removed", "text": "Words"})
    walk.post(f"{path}: too long", path, {"kind": "removed", "text": "x" * 5_001})
    with override_settings(KEYRING=Path("/nonexistent")):
        walk.post(f"{path}: not stored", path, {"kind": "removed", "text": "Words"})
    police = notices.path(OFFICERS, language=tag)
    walk.get(police)
    for kind in AnswerKind:
        of_kind = path if Answerer.HOST in kind.row.answerers else police
        walk.post(f"{path}: {kind} without words", of_kind, {"kind": kind, "text": ""})
        said = {"action": "limited", "ground": "terms"} if kind.row.asks_action else {}
        words = {"kind": kind, "text": f"Words in {tag}", "case_number": "12/26", **said}
        assert walk.post(f"{path}: {kind}", of_kind, words).status_code == 200
        walk.post(f"{path}: {kind} with an address", of_kind, {**words, "case_number": ADDRESS})
        walk.post(f"{path}: {kind} with what does not fit", of_kind, {**words, "action": "no_action", "ground": "?"})
    for number in range(MAX_PER_HOUR):
        walk.client.post(several, urlencode({"kind": "removed", "text": number}), content_type=FORM)
    full = walk.post(f"{several}: too many", several, {"kind": "removed", "text": "one more"})
    assert full.status_code == 429, full.content.decode()
    NoticeAnswer.objects.all().delete()


def _walk_flood(walk: Walk, tag: str) -> None:
    """A flood: wait, a question, then another one."""
    path = f"/{PortalState.LIVE}/{tag}/report/"
    token = fields_of(walk.client.get(path), path)
    with override_settings(PORTAL_REPORTS_A_MINUTE=0.000001):
        while rate_limit.take_permit(PortalState.LIVE, rate_limit.Pace.WAITED):
            pass
        wait = walk.post(f"{path}: wait", path, {**token, "addresses": ADDRESS})
        assert wait.status_code == 429, wait.content.decode()
        with override_settings(WAIT_SECONDS=0):
            for case in ("question", "another question"):
                fields = {**fields_of(wait, path), "addresses": ADDRESS, "reply": "no"}
                wait = walk.post(f"{path}: {case}", path, fields)
                assert 'name="reply"' in wait.content.decode()
    rate_limit.reset_buckets()


def _walk_errors(walk: Walk) -> None:
    """Error pages: of each portal, of none, and what is left when even those fail. And the web server's own."""
    for status in WORDS:
        for path in ["/x/", *(f"/{slug}/{tag}/x/" for slug in (PortalState.LIVE, BARE) for tag in LANGUAGES)]:
            walk.take(f"{status} at {path}", error_page(RequestFactory().get(path), status))
    walk.gathered.pages["last resort"] = PublicPage("last resort", 500, LAST_RESORT)
    for file in sorted(NGINX_PAGES.glob("*.html")):
        walk.gathered.pages[file.name] = PublicPage(file.name, 502, file.read_text(encoding="utf-8"))


def _weigh_pages(gathered: Gathered) -> None:
    """The cost of a first visit to the landing page, the form and the receipt, each with its style sheet."""
    client = Client(headers={"accept-encoding": "gzip"})

    def sent(response: ClientResponse) -> int:
        assert response.headers["Content-Encoding"] == "gzip"
        return len(response.content) + sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())

    for tag in LANGUAGES:
        here = f"/{PortalState.LIVE}/{tag}"
        form = client.get(f"{here}/report/")
        fields = {"token": token_of(gathered.pages[f"{here}/report/"]), "addresses": ADDRESS}
        answers = {
            "landing": client.get(f"{here}/"),
            "form": form,
            "receipt": client.post(
                f"{here}/report/", urlencode(fields), content_type="application/x-www-form-urlencoded"
            ),
        }
        for kind, response in answers.items():
            gathered.sizes[f"{kind} in {tag}"] = sent(response)


def token_of(page: PublicPage) -> str:
    return next(fields["token"] for _, fields in Forms(page.html).found)


@contextmanager
def _note_templates(into: set[str]) -> Iterator[None]:
    def note(template: Template, **kwargs: object) -> None:
        if template.name:
            into.add(template.name)

    template_rendered.connect(note)
    # The one transaction that all this happens in outlives its requests.
    request_started.disconnect(close_old_connections)
    try:
        yield
    finally:
        template_rendered.disconnect(note)
        request_started.connect(close_old_connections)


@contextmanager
def roll_back_afterwards() -> Iterator[None]:
    """A transaction that is rolled back, as Django's TestCase makes one: blocks that insist on being the outermost,
    to be sure of what they stored, may stand in it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined] # the same mark
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def gathered(django_db_setup: None, django_db_blocker: DjangoDbBlocker, keyring: tuple[Path, list[str]]) -> Gathered:
    """All pages, gathered once; the rows that this needs are rolled back."""
    result = Gathered()
    folder, ids = keyring
    names = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with (
        django_db_blocker.unblock(),
        override_settings(KEYRING=folder, STORAGES=names, DEMO=True, PORTAL_REPORTS_AT_ONCE=100_000, **HOTLINE),
        _note_templates(result.templates),
        roll_back_afterwards(),
    ):
        for key_id in ids:
            key_class, year, month, _ = key_id.split("-")
            SealingKey.objects.create(id=key_id, key_class=key_class, month=f"{year}-{month}-01")
        picture = _create_picture()
        _create_portals(picture)
        _publish_statistics()
        rate_limit.reset_buckets()
        notices.link()
        notices.link(SEVERAL, host="")
        notices.link(OFFICERS, answerer=Answerer.CLEARANCE)
        walk = Walk(result)
        _walk_routes(walk, picture)
        _walk_errors(walk)
        for tag in LANGUAGES:
            # Portals differ by a field and by sections that have none of the words.
            for slug in (PortalState.LIVE, PortalState.RESTRICTED, BARE) if tag in EACH_KIND else (PortalState.LIVE,):
                _walk_reports(walk, slug, tag)
        for tag in dict(settings.LANGUAGES):
            _walk_replies(walk, tag)
        _weigh_pages(result)
        _walk_catalogue(walk)
        with override_settings(PORTAL_REPORTS_AT_ONCE=10):
            rate_limit.reset_buckets()
            for tag in LANGUAGES:
                _walk_flood(walk, tag)
    published.clear_cache()
    rate_limit.reset_buckets()
    return result
