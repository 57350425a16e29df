"""GraphiQL in a real Chromium: the main query is its first tab and is answered, and no other host is asked."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from leds.governed import GRAPHIQL
from tests.end_to_end.demo import Demo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]

# A browser on a busy machine takes its time.
PATIENCE_MS = 120_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not (GRAPHIQL / "index.html").exists(), reason="GraphiQL is not built: run `make graphiql`"),
]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        context.set_default_timeout(PATIENCE_MS)
        yield await context.new_page()
        await browser.close()


async def test_the_main_query_is_answered_for_pasted_headers(demo: Demo, headers, page: Page, tmp_path: Path):
    hosts: set[str] = set()
    problems: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    await page.goto(f"{demo.origin}/graphiql")
    run = page.locator(".graphiql-execute-button").first
    await run.wait_for()
    assert "SYNTHETIC" in await page.locator("#world").inner_text()
    await page.locator(".graphiql-editor-tool .monaco-editor").last.click()
    await page.keyboard.press("Control+A")
    await page.evaluate("text => navigator.clipboard.writeText(text)", json.dumps(headers["officer"], indent=1))
    await page.keyboard.press("Control+V")
    async with page.expect_response("**/schema.graphql") as schema:
        await run.click()
    assert (await schema.value).status == 200
    # The editor draws only the lines in view: the beginning of the answer.
    await page.locator(".graphiql-response", has_text="XXXCAST080AB12CDE").wait_for()
    assert await page.get_by_role("tab", name="Roadside").count() == 1
    assert hosts == {demo.origin.removeprefix("http://")}
    assert problems == []
