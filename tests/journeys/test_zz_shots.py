import os
from pathlib import Path
import pytest
from playwright.sync_api import Browser
from portal_site import roles
from tests.journeys.test_journey import sign_in
from tests.rig.installation import Installation
OUT = Path("/work/wt/tmp-network")
PAGES = os.environ.get("SHOTS", "").split()

@pytest.fixture(scope="module")
def base(installation):
    with installation.serving("public", role=roles.PUBLIC, SOURCE_URL="https://code.example.org/portals", SECURITY_CONTACT="mailto:flaws@example.org") as url:
        yield url

def test_shots(chromium: Browser, base: str) -> None:
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            context = chromium.new_context(viewport={"width": width, "height": 740 if width == 360 else 900}, base_url=base, color_scheme=scheme)
            page = context.new_page()
            for each in PAGES:
                name, path, *which = each.split("|")
                if which and f"{width}{scheme}" not in which: continue
                page.goto(path)
                page.screenshot(path=OUT / f"{name}-{width}-{scheme}.png", full_page=True)
            context.close()

def test_kit(chromium: Browser, installation: Installation) -> None:
    if not os.environ.get("KIT"): pytest.skip()
    with installation.serving("staff", role=roles.STAFF, PUBLIC_URL="https://report.example.org") as url:
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=url)
        page = context.new_page()
        sign_in(page, installation, "operator")
        for name, language in (("Belize", "en"), ("Pakistan", "ur"), ("Senegal", "fr")):
            page.goto("/admin/countries/portal/")
            page.locator("#result_list tbody").get_by_role("link", name=name, exact=True).click()
            page.goto(page.url.split("change/")[0] + "kit/")
            kit = page.url
            if name == "Belize": page.screenshot(path=OUT / "kit.png")
            for sheet in ("poster", "cards"):
                page.goto(f"{kit}{language}/{sheet}/")
                page.set_viewport_size({"width": 800, "height": 1130})
                page.screenshot(path=OUT / f"{sheet}-{language}.png", full_page=True)
            for ending in ("svg", "png"):
                (OUT / f"badge-{language}.{ending}").write_bytes(page.request.get(f"{kit}{language}/badge.{ending}").body())
            page.goto(f"{kit}{language}/badge.svg"); 
        page.set_content("<body style='background:#fff'>" + "".join(f"<p><img src='data:image/svg+xml;base64,{__import__('base64').b64encode((OUT / f'badge-{l}.svg').read_bytes()).decode()}'>" for l in ("en", "ur", "fr")))
        page.screenshot(path=OUT / "badges-svg.png")
        context.close()
