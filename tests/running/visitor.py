"""A person at the running portal, over plain HTTP: forms with their tokens, uploads that trickle."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from portal.accounts.models import Person
from tests.factories.accounts import PASSWORD

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
File = tuple[str, bytes]
"""The name that the browser gives, and the content."""


class Visitor:
    """One person's browser."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=60, trust_env=False)
        self._token = ""

    def get(self, path: str) -> httpx.Response:
        """A page, whose form's token is remembered."""
        answer = self._client.get(path)
        found = TOKEN.search(answer.text)
        self._token = found[1] if found else self._token
        return answer

    def post(
        self, path: str, data: Mapping[str, str], files: Mapping[str, File] | None = None
    ) -> httpx.Response:
        """Send a form."""
        return self._client.post(path, data={**data, "csrf_token": self._token}, files=files)

    def sign_in(self, person: Person) -> None:
        """Sign in through the page."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"email": person.email, "password": PASSWORD})
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        self.get("/account/mail")

    def trickle(
        self,
        path: str,
        data: Mapping[str, str],
        files: Mapping[str, File],
        meanwhile: Callable[[], None],
    ) -> httpx.Response:
        """Send a form whose body stops short of its end until `meanwhile` returns."""
        whole: dict[str, Any] = {"data": {**data, "csrf_token": self._token}, "files": files}
        made = self._client.build_request("POST", path, **whole)
        body = made.read()

        def pieces() -> Iterator[bytes]:
            yield body[:-100]
            meanwhile()
            yield body[-100:]

        return self._client.post(path, content=pieces(), headers=made.headers)

    def close(self) -> None:
        """Leave."""
        self._client.close()
