"""The portal in a real browser: a server for each test, and a page that reports every error.

The browser is ``CHROMIUM`` (a path), an installed Chromium, or Playwright's own. These tests run on
SQLite: the same pages are asked for on both databases by the tests without a browser.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from werkzeug.serving import make_server

from tests.page import Visitor

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
]
PATIENCE = 5_000  # milliseconds; for a whole page four times that, on machines that do much else
# A refused form is answered 422 and a stale one 409; the browser logs that as an error.
EXPECTED = re.compile(r"Failed to load resource: .* status of (409|422)\b")
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`));
"""


def chromium(playwright: Playwright) -> str:
    """Return the path of the browser; fail with one line where there is none."""
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, INSTALLED)]
    for path in (*found, playwright.chromium.executable_path):
        if path and Path(path).exists():
            return path
    pytest.fail(
        "The browser tests need Chromium: install chromium, or set CHROMIUM to its path",
        pytrace=False,
    )


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, stores: Any) -> Iterator[Any]:
    store = stores.database(request.param)
    yield store
    store.reset()


@pytest.fixture(scope="session")
def browser_type_launch_args(playwright: Playwright) -> dict[str, Any]:
    return {"executable_path": chromium(playwright), "headless": True, "args": FLAGS}


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    return {
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-GB",
        "timezone_id": "Europe/Warsaw",
        "reduced_motion": "reduce",
        "color_scheme": "light",
    }


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """Serve the portal; give its address."""
    served = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def page(server: str, context: BrowserContext) -> Iterator[Page]:
    """Give a page that fails the test on any error in the console or against the policy.

    It stands on ``server``, so that it is closed before the server stops.
    """
    with watched(context) as tab:
        yield tab


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    """Open a page; what the browser has reported by its end is an error."""
    errors: list[str] = []
    context.add_init_script(WATCH_POLICY)
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.set_default_navigation_timeout(4 * PATIENCE)
    expect.set_options(timeout=PATIENCE)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda message: _note(errors, message))
    yield tab
    tab.close()
    assert not errors, f"the browser reported: {errors}"


def _note(errors: list[str], message: Any) -> None:
    if message.type == "error" and not EXPECTED.search(message.text):
        errors.append(message.text)


@pytest.fixture
def signed_in(page: Page, server: str, visitor: Callable[..., Visitor]) -> Callable[..., Page]:
    """Let a person use the page: ``signed_in("magda@example.org", "her password")``."""

    def sign_in(email: str, password: str | None = None, url: str = "/") -> Page:
        enter(page, visitor(email, password), server)
        page.goto(server + url)
        return page

    return sign_in


@pytest.fixture
def elsewhere(
    server: str, new_context: Callable[..., BrowserContext], visitor: Callable[..., Visitor]
) -> Iterator[Callable[..., Page]]:
    """Let a person use a browser of their own: ``elsewhere("ola@example.org")``."""
    with ExitStack() as opened:

        def sign_in(email: str, password: str | None = None, url: str = "/") -> Page:
            tab = opened.enter_context(watched(new_context()))
            enter(tab, visitor(email, password), server)
            tab.goto(server + url)
            return tab

        yield sign_in


def enter(page: Page, person: Visitor, server: str) -> None:
    """Give the page's browser the cookies of ``person``."""
    for name, value in person.cookies().items():
        page.context.add_cookies([{"name": name, "value": value, "url": server}])
