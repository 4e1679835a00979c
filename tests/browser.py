"""Debian's Chromium, headless, driven by Playwright; what needs it is skipped where it is not."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

SCREENSHOT = "HEYGEN_SCREENSHOT"
"""The variable with the file that the picture of a page goes to."""

MISSING = [
    name
    for name, there in (
        ("chromium (apt-get install chromium)", shutil.which("chromium")),
        ("playwright (pip install playwright)", importlib.util.find_spec("playwright")),
    )
    if not there
]

IN_BROWSER = [
    pytest.mark.real_time,
    pytest.mark.skipif(
        bool(MISSING) and os.environ.get("CI") != "true", reason=f"needs {' and '.join(MISSING)}"
    ),
]


@pytest.fixture
async def browser():
    assert not MISSING, f"CI needs {' and '.join(MISSING)}"
    from playwright.async_api import async_playwright

    options = [] if os.geteuid() else ["--no-sandbox"]  # root may not use the sandbox
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=options
        )
        yield running
        await running.close()


async def overflow(page):
    """Return by how many pixels the page is wider than its window."""
    return await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
