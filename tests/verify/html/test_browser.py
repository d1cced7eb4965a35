"""The page of `pyvigor report` in a browser: desktop and phone, light and dark, and on paper."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.verify.html.pages import REFUTED

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESKTOP, PHONE = 1280, 390  # pixels

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="chromium or chromedriver is not installed: no page was shown in a browser",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    yield driver
    driver.quit()


def show(browser: webdriver.Chrome, file: Path, width: int, scheme: str = "light") -> None:
    """Show the page anew."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme_of_user = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme_of_user)
    browser.get("about:blank")
    browser.get(file.as_uri())


def asked(browser: webdriver.Chrome, expression: str, *arguments: object) -> Any:
    return browser.execute_script(f"return {expression}", *arguments)


def logged(browser: webdriver.Chrome) -> list[Any]:
    """What the console says, and did not say before."""
    return list(browser.get_log("browser"))  # type: ignore[no-untyped-call]  # selenium's


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_page_is_no_wider_than_the_screen(
    browser: webdriver.Chrome, file: Path, width: int
) -> None:
    show(browser, file, width)
    asked(browser, "document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert asked(browser, "document.documentElement.scrollWidth") <= width
    sticks_out = """Array.from(document.querySelectorAll('body *')).filter(e =>
        e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 &&
        !e.closest('.scroll, nav ul, .hidden')).map(e => e.outerHTML.slice(0, 200))"""
    assert asked(browser, sticks_out) == []


def test_what_is_too_wide_scrolls_in_a_box_of_its_own(
    browser: webdriver.Chrome, file: Path
) -> None:
    show(browser, file, PHONE)
    asked(browser, "document.querySelectorAll('details').forEach(d => { d.open = true })")
    tree = browser.find_element(By.CSS_SELECTOR, "[aria-label='Paths of process, nat']")
    assert asked(browser, "arguments[0].scrollWidth > arguments[0].clientWidth", tree)
    assert asked(browser, "getComputedStyle(arguments[0]).overflowX", tree) == "auto"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_what_is_behind_it(
    browser: webdriver.Chrome, file: Path, scheme: str
) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 or more."""
    show(browser, file, DESKTOP, scheme)
    asked(browser, "document.querySelectorAll('details').forEach(d => { d.open = true })")
    page = asked(browser, "getComputedStyle(document.body).backgroundColor")
    assert page == {"light": "rgb(247, 248, 249)", "dark": "rgb(18, 21, 24)"}[scheme]
    faint = browser.execute_script(
        """
        const rgb = text => text.match(/[\\d.]+/g).map(Number);
        const light = text => rgb(text).slice(0, 3).map(c => c / 255).map(
            c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
        ).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = e => {
            const colour = getComputedStyle(e).backgroundColor;
            return rgb(colour)[3] === 0 ? behind(e.parentElement) : colour;
        };
        const contrast = e => {
            const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        };
        const says = e => Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim());
        return Array.from(document.querySelectorAll('body *')).filter(
            e => says(e) && contrast(e) < 4.5
        ).map(e => `${contrast(e).toFixed(2)} ${e.className} ${e.textContent.slice(0, 40)}`);
        """
    )
    assert faint == []


def test_a_link_opens_what_it_leads_to(browser: webdriver.Chrome, file: Path) -> None:
    show(browser, file, DESKTOP)
    relied = f"document.getElementById('nf/nat.{REFUTED}').querySelector('.relied a')"
    link = asked(browser, relied)
    wanted = asked(browser, "decodeURIComponent(arguments[0].hash.slice(1))", link)
    target = browser.find_element(By.ID, wanted)
    assert not target.is_displayed()
    link.click()
    assert target.is_displayed()
    top = asked(browser, "arguments[0].getBoundingClientRect().top", target)
    assert 0 < top < 900


def test_every_internal_link_works(browser: webdriver.Chrome, file: Path) -> None:
    show(browser, file, DESKTOP)
    broken = """Array.from(document.querySelectorAll('a[href^="#"]')).filter(a =>
        !document.getElementById(decodeURIComponent(a.hash.slice(1)))).map(a => a.outerHTML)"""
    assert asked(browser, broken) == []
    assert asked(browser, "document.querySelectorAll('a[href^=\"#\"]').length") > 50


def test_the_console_is_silent_and_nothing_is_loaded(browser: webdriver.Chrome, file: Path) -> None:
    show(browser, file, DESKTOP)
    assert asked(browser, "performance.getEntriesByType('resource').length") == 0
    assert logged(browser) == []
    browser.execute_script("console.error('as a test of this one')")
    assert len(logged(browser)) == 1


def test_paper_has_what_is_closed_on_the_screen(browser: webdriver.Chrome, file: Path) -> None:
    show(browser, file, DESKTOP)
    standard = "document.querySelector('.box .prose')"
    assert not asked(browser, f"{standard}.checkVisibility({{contentVisibilityAuto: true}})")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = f"{standard}.checkVisibility({{contentVisibilityAuto: true}})"
    WebDriverWait(browser, 10).until(lambda _: asked(browser, shown))  # styles are applied later
    assert not asked(browser, "document.querySelector('nav').checkVisibility()")
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_picture_of_it_is_no_blank(
    browser: webdriver.Chrome, file: Path, width: int, tmp_path: Path
) -> None:
    show(browser, file, width)
    headline = browser.find_element(By.CSS_SELECTOR, ".headline")
    assert "refuted" in headline.text and headline.is_displayed()
    picture = tmp_path / "page.png"
    assert browser.save_screenshot(str(picture))
    assert picture.stat().st_size > 20_000  # a blank page has some 5,000 bytes
