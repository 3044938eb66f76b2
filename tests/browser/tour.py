"""The tour: what the tests see on their way, in three languages, for docs/tour/.

    DESK_TOUR=1 bin/test tests/browser/test_main_job.py tests/browser/test_days.py -n0

Without the variable nothing is drawn.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.visitor import Visitor

VARIABLE = "DESK_TOUR"
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "tour"
LANGUAGES = ("uk", "ru", "en")
SCREEN: ViewportSize = {"width": 1280, "height": 800}
QUALITY = 0.8
# Chromium draws PNG; it writes the far smaller WebP itself when asked through a canvas.
TO_WEBP = """async ([source, quality]) => {
    const image = new Image();
    image.src = `data:image/png;base64,${source}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext("2d").drawImage(image, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/webp", quality });
    const reader = new FileReader();
    await new Promise((done) => { reader.onload = done; reader.readAsDataURL(blob); });
    return reader.result.split(",")[1];
}"""
Prepare = Callable[[Page], object]


class Tour:
    """Draws pages as their reader sees them, at browsers of the same sign-in."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.is_on = os.environ.get(VARIABLE) == "1"

    def show(
        self,
        visitor: Visitor,
        name: str,
        prepare: Prepare | None = None,
        *,
        size: ViewportSize | None = None,
        theme: str = "light",
    ) -> None:
        """Draw the open page in each language; `prepare` brings a fresh one to the point."""
        if not self.is_on:
            return
        state = visitor.page.context.storage_state()
        for language in LANGUAGES:
            context = self.browser.new_context(
                storage_state=state,
                viewport=size or SCREEN,
                reduced_motion="reduce",
            )
            page = context.new_page()
            Visitor(visitor.desk, page, "tour").speak(language, theme)
            page.goto(visitor.page.url.split("#")[0])
            if prepare is not None:
                prepare(page)
            page.evaluate("document.fonts.ready.then(() => scrollTo(0, 0))")
            _keep(page, FOLDER / language / f"{name}.webp")
            context.close()


def _keep(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = b64encode(page.screenshot()).decode()
    page.goto("about:blank")
    path.write_bytes(b64decode(page.evaluate(TO_WEBP, [drawn, QUALITY])))
