"""What is written is read again as the same, in both formats and both languages."""

from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.challenges.exchange import workbook_in, workbook_out, yaml_in, yaml_out
from portal.challenges.exchange.content import Content, entry_of, plain, plain_call
from portal.challenges.exchange.document import Document
from portal.challenges.exchange.meaning import understand
from tests.challenges.exchange.made import NOW, calls

few = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def meant(document: Document, now: datetime = NOW) -> Content:
    """What a document without problems means."""
    read = understand(document, now)
    assert [one for one in document.troubles if not one.is_warning] == []
    assert read is not None
    entries = (entry_of(one.code, one.facts, read.settings) for one in read.challenges)
    return Content({**vars(read.settings), **_own(read.values)}, tuple(entries))


def _own(values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value not in (None, ())}


def same(one: Content, other: Content) -> None:
    assert plain_call(one.call) == plain_call(other.call)
    assert [plain(entry) for entry in one.challenges] == [plain(e) for e in other.challenges]


@few
@given(calls())
def test_yaml_is_read_as_it_was_written(content):
    data = yaml_out.write(content)
    read = meant(yaml_in.read(data))
    same(read, content)
    assert yaml_out.write(read) == data


@few
@given(calls(), st.sampled_from(["zh", "en"]))
def test_a_workbook_is_read_as_it_was_written(content, language):
    data = workbook_out.write(content, language)
    read = meant(workbook_in.read(data))
    same(read, content)
    assert workbook_out.write(read, language) == data
