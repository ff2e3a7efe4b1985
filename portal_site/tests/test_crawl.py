"""Every page that a link leads to, where only the packages of a lock are installed: no error and no dead link.

The demo has the packages of requirements-demo.txt, a release those of requirements.txt and no file of a test. A release
opens all public pages, the demo three of each route: it has the same rows. Each role opens one staff page of each
route, and the analyst two, as one incident differs from another; all together open one of each set of filters, and in a
release, of each route.
"""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import packages_distributions
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.urls import Resolver404, resolve

from portal_site.database import roles
from tests.proofs.visitor import HttpVisitor, Page
from tests.rig.crawler import Crawl
from tests.rig.installation import ROOT, Installation, set_up
from tests.rig.locked import lock_environment
from tests.rig.locked.sitecustomize import names_in_lock, normalise_name

DEMO_LOCK = ROOT / "requirements-demo.txt"
RELEASE_LOCK = ROOT / "requirements.txt"
SITE = "portal_site.wsgi"
LOGIN = "/accounts/login/"
# One account of each role (`analysts.demonstration.staff`).
USERS = ("analyst", "senior", "operator", "partner", "auditor", "welfare", "administrator", "translator")
EVERY_PAGE = sys.maxsize
# Files that the Dockerfile copies (.dockerignore), and the lock.
RELEASED = (
    *("manage.py", "pyproject.toml", "portal_site", "audit", "countries", "reports", "analysts", "templates"),
    *("static", "locale", "deploy"),
)


@pytest.fixture(scope="module")
def demonstration() -> Iterator[Installation]:
    """One that no other test has changed: a suspended portal's links lead nowhere."""
    with set_up() as installation:
        yield installation


def kind_of(path: str) -> str:
    """The route of a path, and the names of its filters."""
    parts = urlsplit(path)
    try:
        route = resolve(parts.path).route
    except Resolver404:
        return path
    return f"{route}?{'&'.join(sorted({name for name, _ in parse_qsl(parts.query)}))}"


def crawl_public(url: str, *, most: int) -> list[str]:
    """The dead links of the public pages."""
    with closing(HttpVisitor("127.0.0.1", urlsplit(url).port or 80)) as visitor:
        crawl = Crawl(visitor.get, kind_of, most)
        crawl.follow("/bz/en/")
        crawl.follow("/")
    assert {"/bz/en/", "/bz/en/privacy/", "/network/en/privacy/", "/bz/en/report/"} <= crawl.statuses.keys()
    return crawl.dead_links()


def crawl_staff(url: str, user: str, installation: Installation, *, most: int, kinds: Counter[str]) -> list[str]:
    """The dead links of the pages that this user reaches."""
    with closing(HttpVisitor("127.0.0.1", urlsplit(url).port or 80)) as visitor:
        token = visitor.get(LOGIN).field("csrfmiddlewaretoken")
        fields = {"csrfmiddlewaretoken": token, "login": user, "password": installation.accounts()[user]}
        assert visitor.post(LOGIN, fields).status == 302
        crawl = Crawl(visitor.get, kind_of, most, kinds)
        crawl.follow("/admin/")
    assert crawl.statuses["/admin/"] == 200
    return crawl.dead_links()


def test_demo_with_its_packages_alone_has_no_dead_link(demonstration: Installation) -> None:
    dead: dict[str, list[str]] = {}
    filtered = Counter[str]()
    with demonstration.serving("all", role="postgres", site=SITE, **lock_environment(DEMO_LOCK)) as url:
        for user in USERS:
            kinds = Counter(filtered)
            dead[user] = crawl_staff(url, user, demonstration, most=1 if dead else 2, kinds=kinds)
            filtered |= Counter({kind: number for kind, number in kinds.items() if not kind.endswith("?")})
        dead["reporter"] = crawl_public(url, most=3)
    assert {user: links for user, links in dead.items() if links} == {}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder with the files of a release, from which `deploy/keep` removes those that a surface does not run on."""
    subprocess.run(["cp", "-Rp", *RELEASED, str(tmp_path)], cwd=ROOT, check=True)
    return tmp_path


def keep(surface: str, source: Path) -> None:
    subprocess.run([source / "deploy" / "keep", surface], check=True)
    # As .dockerignore does.
    for folder in [*source.rglob("tests")]:
        shutil.rmtree(folder)


RELEASE = {"DEMO": "0", "REQUIRE_MFA": "0", **lock_environment(RELEASE_LOCK)}


def test_public_release_with_its_packages_alone_has_no_dead_link(demonstration: Installation, release: Path) -> None:
    keep("public", release)
    with demonstration.serving("public", role=roles.PUBLIC, site=SITE, source=str(release), **RELEASE) as url:
        assert crawl_public(url, most=EVERY_PAGE) == []


def test_staff_release_with_its_packages_alone_has_no_dead_link(demonstration: Installation, release: Path) -> None:
    keep("staff", release)
    kinds = Counter[str]()
    with demonstration.serving("staff", role=roles.STAFF, site=SITE, source=str(release), **RELEASE) as url:
        dead = {user: crawl_staff(url, user, demonstration, most=1, kinds=kinds) for user in USERS}
    assert {user: links for user, links in dead.items() if links} == {}


@pytest.mark.parametrize("lock", [DEMO_LOCK, RELEASE_LOCK], ids=lambda lock: lock.stem)
def test_process_of_a_lock_finds_the_modules_of_its_packages_and_no_others(lock: Path) -> None:
    """Every module at the top of any installed package, as Python lists them."""
    packages = {
        module: any(normalise_name(name) in names_in_lock(lock) for name in names)
        for module, names in packages_distributions().items()
        if module.isidentifier() and module not in sys.stdlib_module_names
    }
    assert packages["django"]
    assert not packages["pytest"]
    code = "import importlib.util, sys; print(*[n for n in sys.argv[1:] if importlib.util.find_spec(n)])"
    done = subprocess.run(
        [sys.executable, "-c", code, *packages],
        env=lock_environment(lock),
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(done.stdout.split()) == sorted(module for module, is_locked in packages.items() if is_locked)


def test_crawl_names_errors_and_dead_links_with_the_page_that_offers_them() -> None:
    html = {"content-type": "text/html; charset=utf-8"}
    site = {
        "/": Page(200, html, b'<a href="here/?a=1&amp;b=2">x</a> <a href="https://elsewhere.example/">x</a>'),
        "/here/?a=1&b=2": Page(200, html, b'<img src="/broken.png"><a href="/gone/">x</a><a href="/old/#x">x</a>'),
        "/broken.png": Page(500, {}, b""),
        "/gone/": Page(404, html, b""),
        "/old/": Page(302, {"location": "/refused/"}, b""),
        "/refused/": Page(403, html, b""),
    }
    crawl = Crawl(site.__getitem__, kind_of=str, most=1)
    crawl.follow("/")
    assert sorted(crawl.statuses) == sorted(site)
    assert crawl.dead_links() == [
        "500 /broken.png (offered on /here/?a=1&b=2)",
        "404 /gone/ (offered on /here/?a=1&b=2)",
        "403 /refused/ (offered on /old/)",
    ]
