"""The dashboard in a real browser."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from tests.web.chromium import browser, bytes_of
from tests.web.serving import PROMPT, Served

COLOURS = 100
"""An empty page's picture has fewer different bytes."""


async def test_a_browser_shows_the_dashboard_and_nobody_else_hears_of_it(
    served: Served, tmp_path: Path
) -> None:
    async with browser(tmp_path / "profile") as page:
        await page.open(served.link)
        await page.see("1 session has ended")
        assert "token" not in await page.value("location.href")
        assert await page.value("document.cookie") == "", "no script can read it"
        home = await page.picture()
        assert len(set(bytes_of(home))) > COLOURS
        await page.press("a")
        await page.see(PROMPT)
        assert await page.picture() != home
        await page.press("?")
        await page.see("Nothing outside of this dashboard changes")

        before = await page.value("window.kept.terminal.cols")
        await page.ask(
            "Emulation.setDeviceMetricsOverride", width=800, height=600, deviceScaleFactor=1, mobile=False
        )
        await page.until(f"window.kept.terminal.cols < {before}")
        await page.press("q")
        await page.see(f"{PROMPT} +greet")

        # Keys that on a terminal stop the program.
        await page.press("\x1a")
        await page.press("q")
        await page.until("document.body.classList.contains('-closed')")
        await page.value("document.querySelector('.ended a').click()")
        await page.see("1 session has ended")

        assert {urlsplit(url).netloc for url in page.requested if not url.startswith("data:")} == {
            f"{served.host}:{served.port}"
        }
        assert page.complaints == []
        await page.open(served.link)
        await page.until("document.body.innerText === '403: Forbidden'")
