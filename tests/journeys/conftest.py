"""What every journey needs."""

import os

import pytest


@pytest.fixture(scope="session")
def program():
    """Where the browser is; None is Playwright's own."""
    if os.environ.get("JIEBANG_NO_BROWSER"):
        message = "NO BROWSER could be had: the journeys did not run."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    path = os.environ.get("JIEBANG_CHROMIUM", "")
    return path if path not in ("", "playwright") else None
