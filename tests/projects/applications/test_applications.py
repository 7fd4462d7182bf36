"""The record of an application: its figures, and pictures that tell nothing but what is seen."""

import struct
import zlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed
from portal.core.files import FileStore, Upload
from portal.projects.applications import pictures, service
from portal.projects.applications.rules import Changed, check_record
from portal.projects.applications.service import Record
from portal.projects.rules import ProjectState
from tests.factories.awards import lead_of, officer_of
from tests.factories.bids import PDF
from tests.factories.projects import make_project
from tests.refusal import refused

SECRET = b"Comment\0taken at 39.9N 116.2E"
TODAY = date(2026, 11, 30)
FIGURE = Changed("制作周期", Decimal(10), Decimal(2), "天")


def chunk(kind: bytes, content: bytes) -> bytes:
    whole = kind + content
    return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))


def png(width: int = 4, height: int = 2, claimed: int | None = None) -> bytes:
    """A grey picture with a comment beside it; its head may claim another width."""
    head = struct.pack(">IIBBBBB", claimed or width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress(b"".join(b"\0" + b"\x80" * width for _ in range(height)))
    parts = chunk(b"IHDR", head) + chunk(b"tEXt", SECRET) + chunk(b"IDAT", lines)
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b"")


def upload(content: bytes) -> Upload:
    return Upload(BytesIO(content), "现场.png")


def test_a_picture_is_drawn_anew_smaller_and_without_what_stood_beside_it() -> None:
    drawn = pictures.redrawn(upload(png(2560, 640)), "photos").stream.read()
    assert SECRET in png(2560, 640)
    assert b"116.2E" not in drawn
    assert b"tEXt" not in drawn
    assert struct.unpack(">II", drawn[16:24]) == (1280, 320)
    small = pictures.redrawn(upload(png()), "photos").stream.read()
    assert struct.unpack(">II", small[16:24]) == (4, 2)


def lying(orientation: int) -> bytes:
    """A JPEG of 16 by 8 points, its left half black and its right half white, as a phone writes it:
    with the side that is up, and with the place."""
    turned = struct.pack("<HHII", 0x0112, 3, 1, orientation)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + turned + bytes(4) + SECRET
    parts = [
        (0xE1, exif),
        (0xDB, b"\0" + b"\xff" * 64),
        (0xC0, struct.pack(">BHHB", 8, 8, 16, 1) + b"\1\x11\0"),
        (0xC4, b"\0\1\1" + bytes(14) + b"\3\4"),
        (0xC4, b"\x10\1" + bytes(15) + b"\0"),
        (0xDA, b"\1\1\0\0\x3f\0"),
    ]
    marked = (struct.pack(">BBH", 0xFF, mark, len(part) + 2) + part for mark, part in parts)
    return b"\xff\xd8" + b"".join(marked) + b"\x35\x0f\xff\xd9"


@pytest.mark.parametrize(("orientation", "corner"), [(6, 0), (8, 255)])
def test_a_picture_of_a_phone_stands_upright_and_does_not_tell_where_it_was_taken(
    orientation: int, corner: int
) -> None:
    drawn = pictures.redrawn(upload(lying(orientation)), "photos").stream.read()
    assert b"116.2E" in lying(orientation)
    assert struct.unpack(">II", drawn[16:24]) == (8, 16)
    lengths = drawn.index(b"IDAT")
    points = zlib.decompress(
        drawn[lengths + 4 :][: struct.unpack(">I", drawn[lengths - 4 : lengths])[0]]
    )
    assert abs(points[1] - corner) < 8
    assert not any(mark in drawn for mark in (b"116.2E", b"Exif", b"eXIf"))


@pytest.mark.parametrize(
    "content", [PDF, png()[:40], png(claimed=70_000)], ids=["no picture", "cut off", "too large"]
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        pictures.redrawn(upload(content), "photos")
    assert refusal.value.field == "photos"


def test_the_size_of_a_jpeg_stands_in_its_frame() -> None:
    head = b"\xff\xd8\xff\xe1\x00\x06Exif" + b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", 300, 400)
    assert pictures._jpeg(head) == (400, 300)


@pytest.mark.parametrize(
    ("effects", "since", "photos", "wrong"),
    [
        ([], TODAY, 0, "effects"),
        ([Changed("", Decimal(1), Decimal(2), "")], TODAY, 0, "effects.0.name"),
        ([FIGURE, Changed("人次", None, Decimal(2), "")], TODAY, 0, "effects.1.before"),
        ([FIGURE], TODAY + timedelta(days=1), 0, "since"),
        ([FIGURE], TODAY, 13, "photos"),
    ],
)
def test_a_record_that_lacks_something_is_refused(
    effects: list[Changed], since: date, photos: int, wrong: str
) -> None:
    check_record([FIGURE], TODAY, 12, TODAY)
    with pytest.raises(InvalidInput) as refusal:
        check_record(effects, since, photos, TODAY)
    assert [problem.field for problem in refusal.value.problems] == [wrong]


def test_the_lead_keeps_the_record_with_its_pictures(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project()
    lead, officer = lead_of(project.bid), officer_of(project.challenge)
    told = Record("首钢园", "运营公司", TODAY - timedelta(days=30), [FIGURE], "", "", "现场")
    refused(NotAllowed, service.record, officer, project.id, told, [], store, now)
    service.record(lead, project.id, told, [upload(png())], store, now)
    kept = service.record(lead, project.id, told, [upload(png())], store, now)
    assert [photo.position for photo in kept.photos] == [1, 2]
    assert [effect.after for effect in kept.effects] == [Decimal(2)]
    service.remove_photo(lead, kept.photos[0].id, now)
    session.refresh(kept)
    assert len(kept.photos) == 1
    project.state = ProjectState.FAILED
    session.commit()
    refused(IllegalMove, service.record, lead, project.id, told, [], store, now)


def test_a_picture_is_public_when_its_project_has_passed(
    client: FlaskClient, session: Session, sign_in
) -> None:
    project = make_project(finished=True)
    lead = session.get_one(Person, project.bid.started_by)
    session.commit()
    sign_in(client, lead)
    path = f"/projects/{project.code}/application"
    typed = {
        "site": "首钢园",
        "used_by": "运营公司",
        "since": "2026-09-01",
        "effects-0-name": "制作周期",
        "effects-0-before": "10",
        "effects-0-after": "2",
        "effects-0-unit": "天",
    }
    page = client.post(path, data={**typed, "effects-0-after": ""})
    assert page.status_code == 422
    photo = {"photos": (BytesIO(png()), "现场.png"), "caption": "三号高炉"}
    assert client.post(path, data={**typed, **photo}).status_code == 303
    session.refresh(project)
    assert project.application is not None
    picture = f"/application-photos/{project.application.photos[0].id}"
    assert picture in client.get(path).text
    assert client.get(picture).mimetype == "image/png"
    client.post("/sign-out")
    assert client.get(picture).status_code == 404
    project.state = ProjectState.ACCEPTED
    session.commit()
    assert client.get(picture).status_code == 200
