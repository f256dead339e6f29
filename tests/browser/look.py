"""What is asked of a page in the browser after each change of its state."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
RUN = "() => axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations)"


def check_accessibility(page: Page) -> None:
    """Hold the page, as it is now, against axe's rules."""
    # Evaluated through the debugger: a script tag would be refused by the page's policy.
    page.evaluate(_axe())
    faults = [
        f"{rule['id']} at {node['target']}: {node['failureSummary']}"
        for rule in page.evaluate(RUN)
        for node in rule["nodes"]
    ]
    assert not faults, f"{page.url}: " + "; ".join(faults[:10])


def looks(page: Page) -> Iterator[str]:
    """Show the page in each colour scheme and width in turn; give the name of the look."""
    for scheme in ("light", "dark"):
        for device, (width, height) in WIDTHS.items():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": height})
            yield f"{device}-{scheme}"


def check_looks(page: Page) -> None:
    """Check accessibility in each look, and that nothing is wider than the window."""
    for look in looks(page):
        check_accessibility(page)
        wider = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, f"{page.url} is {wider} px too wide ({look})"


@cache
def _axe() -> str:
    return AXE.read_text()
