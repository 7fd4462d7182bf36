"""An officer fills in the template of a call in a table program."""

from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

IMPORTED = "Sorting of scrap by sight"


def fill_in(template: Path, target: Path, cluster: str, city: str) -> None:
    """A call with one challenge; `city` is what is typed as the city's money."""
    book = load_workbook(BytesIO(template.read_bytes()))
    call, challenges = book["Call"], book["Challenges"]
    told = {"Number": "SL-JB-2026-02", "Title": "Second list", "Cluster": cluster, "Year": 2026}
    for head, value in call.iter_rows(min_row=2, max_col=2):
        value.value = told.get(plain(head.value))
    heads = {plain(cell.value): cell.column for cell in challenges[1]}
    for head, value in {"Code": "001", "Title": IMPORTED, "City funds (10,000 yuan)": city}.items():
        challenges.cell(2, heads[head]).value = value
    book.save(target)


def plain(head: object) -> str:
    """A head without the star of those that are needed."""
    return str(head).removesuffix(" *")
