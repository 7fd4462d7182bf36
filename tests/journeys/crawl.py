"""Every page that a person can reach by links, opened once: none may be broken or heavy."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup

from portal.demo.walk.story import password

HEAVIEST = 100_000
"""Bytes of a page before its pictures."""
ALIKE = 1
"""How many pages of one kind are opened by one reader: lists lead to many of the same, and the
readers come by different ways to different ones."""
KEYS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z]{2,3}-[A-Z0-9-]+|(?<=/)\d+")
LINKS = re.compile(r"<a\s[^>]*?href=\"([^\"]*)\"")
"""Read without a parser, which would take longer than the portal takes for the page."""


def problems(address: str, email: str, language: str) -> Iterator[str]:
    """What is wrong with the pages that this person reaches; no e-mail is a stranger."""
    with httpx.Client(
        base_url=address, headers={"Accept-Language": language}, trust_env=False, timeout=30
    ) as client:
        if email:
            _sign_in(client, email)
        seen, kinds, waiting = set[str](), Counter[str](), deque(["/"])
        while waiting:
            path = waiting.popleft()
            answer = client.get(path)
            if answer.status_code != httpx.codes.OK:
                yield f"{email or 'a stranger'} {path}: {answer.status_code}"
            if "text/html" not in answer.headers["content-type"]:
                continue
            if len(answer.content) > HEAVIEST:
                yield f"{email} {path}: {len(answer.content)} bytes"
            for link in LINKS.findall(answer.text):
                target = target_of(path, unescape(link))
                kind = KEYS.sub("*", target.split("?")[0])
                if target.startswith("/") and target not in seen and kinds[kind] < ALIKE:
                    seen.add(target)
                    kinds[kind] += 1
                    waiting.append(target)


def target_of(path: str, link: str) -> str:
    """Where a link of a page leads on this site; empty when it leads elsewhere."""
    whole = urlsplit(urljoin(f"http://here{path}", link))
    if whole.netloc != "here":
        return ""
    return f"{whole.path}?{whole.query}" if whole.query else whole.path


def _sign_in(client: httpx.Client, email: str) -> None:
    page = BeautifulSoup(client.get("/sign-in").text, "lxml")
    token = page.select_one("[name=csrf_token]")["value"]
    told = {"csrf_token": token, "email": email, "password": password()}
    assert client.post("/sign-in", data=told).status_code == httpx.codes.SEE_OTHER
