"""QR codes as the path of an SVG; the modules themselves are the library's."""

from hypothesis import given
from hypothesis import strategies as st

from portal.core import qr


@given(st.text(min_size=1, max_size=300))
def test_a_path_has_every_dark_module_and_a_quiet_zone(text: str) -> None:
    modules = qr.grid(text)
    width, path = qr.path(modules)
    assert width == len(modules) + 8
    drawn = set()
    for part in path.split("M")[1:]:
        place, run = part.split("v")[0].split("h")
        x, y = (int(number) for number in place.split(" "))
        drawn |= {(row, y) for row in range(x, x + int(run))}
    dark = {
        (x + 4, y + 4) for y, row in enumerate(modules) for x, is_dark in enumerate(row) if is_dark
    }
    assert drawn == dark


def test_an_address_is_no_larger_than_it_can_be_read_from_paper() -> None:
    address = "https://jiebang.example/verify?index=1234567&commit=" + "0123456789abcdef" * 4
    assert len(qr.grid(address)) <= 49
