"""The log's tree against the vectors of Certificate Transparency and the definitions themselves."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.audit.tree import (
    EMPTY,
    Edge,
    Node,
    complete_subtrees,
    consistency_needs,
    extends,
    includes,
    inclusion_needs,
    root_needs,
)
from portal.core.crypto import leaf
from tests.audit import naive

INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
LEAVES = [leaf(bytes.fromhex(text)) for text in [*INPUTS, "606162636465666768696a6b6c6d6e6f"]]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
NODES = {  # of the eight leaves
    (1, 1): "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    (1, 2): "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    (1, 3): "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    (2, 0): "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    (2, 1): "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
}


def stored(leaves: list[bytes]) -> dict[Node, bytes]:
    """What the database would have."""
    edge, nodes = Edge(), {}
    for index, one in enumerate(leaves):
        nodes[0, index] = one
        nodes.update(edge.append(one))
    return nodes


KNOWN = stored(LEAVES)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_known_ones(size: int) -> None:
    edge = Edge()
    for one in LEAVES[:size]:
        edge.append(one)
    assert edge.root().hex() == ROOTS[size]
    assert root_needs(size).hashes(KNOWN)[0].hex() == ROOTS[size]
    assert Edge.stored(size, KNOWN).root().hex() == ROOTS[size]


def test_nodes_are_the_known_ones() -> None:
    assert {node: KNOWN[node].hex() for node in NODES} == NODES


@pytest.mark.parametrize("sizes", CONSISTENCY, ids=str)
def test_consistency_proofs_are_the_known_ones(sizes: tuple[int, int]) -> None:
    proof = consistency_needs(*sizes).hashes(KNOWN)
    assert [one.hex() for one in proof] == CONSISTENCY[sizes]


MOST = 130
MANY = [leaf(str(number).encode()) for number in range(MOST)]
STORED = stored(MANY)
ALL_ROOTS = [naive.root(MANY[:size]) for size in range(MOST + 1)]


def test_every_root_is_that_of_the_definition() -> None:
    for size, root in enumerate(ALL_ROOTS):
        assert root_needs(size).hashes(STORED) == [root]


SIZES = [*range(1, 34), 63, 64, 65, 127, 128, 129]


def test_every_inclusion_proof_is_that_of_the_definition_and_holds() -> None:
    for size in SIZES:
        for index in range(size):
            proof = inclusion_needs(index, size).hashes(STORED)
            assert proof == naive.path(index, MANY[:size])
            assert includes(ALL_ROOTS[size], size, index, MANY[index], proof)


def test_every_consistency_proof_is_that_of_the_definition_and_holds() -> None:
    for new in SIZES:
        for old in range(new + 1):
            proof = consistency_needs(old, new).hashes(STORED)
            assert proof == (naive.proof(old, MANY[:new]) if old else [])
            assert extends(ALL_ROOTS[old], old, ALL_ROOTS[new], new, proof)


INDICES = st.integers(0, MOST - 1)


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit).to_bytes(32)


@settings(max_examples=200)
@given(data=st.data(), size=st.integers(2, MOST), bit=st.integers(0, 255))
def test_nothing_else_is_included(data: st.DataObject, size: int, bit: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_needs(index, size).hashes(STORED)
    root, one = ALL_ROOTS[size], MANY[index]
    assert not includes(flipped(root, bit), size, index, one, proof)
    assert not includes(root, size, index, flipped(one, bit), proof)
    assert not includes(root, size, index, one, [*proof, one])
    assert not includes(root, size, index, one, proof[:-1])
    place = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:place], flipped(proof[place], bit), *proof[place + 1 :]]
    assert not includes(root, size, index, one, changed)
    others = [other for other in range(-1, size + 2) if other != index]
    assert not any(includes(root, size, other, one, proof) for other in others)
    assert not includes(root, size, size, one, proof)


@settings(max_examples=200)
@given(data=st.data(), new=st.integers(2, MOST), bit=st.integers(0, 255))
def test_nothing_else_is_a_beginning(data: st.DataObject, new: int, bit: int) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_needs(old, new).hashes(STORED)
    before, after = ALL_ROOTS[old], ALL_ROOTS[new]
    assert not extends(flipped(before, bit), old, after, new, proof)
    assert not extends(before, old, flipped(after, bit), new, proof)
    assert not extends(before, old, after, new, [*proof, before])
    assert not extends(before, old, after, new, proof[:-1])
    assert not extends(before, old, after, new, [])
    place = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:place], flipped(proof[place], bit), *proof[place + 1 :]]
    assert not extends(before, old, after, new, changed)
    assert not extends(after, new, before, old, proof)
    wrong = [other for other in range(1, new + 1) if other != old]
    assert not any(extends(before, other, after, new, proof) for other in wrong)


def test_the_empty_tree_is_the_beginning_of_all() -> None:
    assert extends(EMPTY, 0, ALL_ROOTS[5], 5, [])
    assert not extends(ALL_ROOTS[1], 0, ALL_ROOTS[5], 5, [])
    assert not extends(EMPTY, 0, ALL_ROOTS[5], 5, [EMPTY])
    assert extends(ALL_ROOTS[5], 5, ALL_ROOTS[5], 5, [])
    assert not extends(ALL_ROOTS[5], 5, ALL_ROOTS[4], 5, [])
    assert hashlib.sha256(b"").digest() == EMPTY


def test_what_does_not_exist_is_refused() -> None:
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion_needs(index, size)
    for old, new in ((6, 5), (-1, 5)):
        with pytest.raises(ValueError, match="older"):
            consistency_needs(old, new)
    with pytest.raises(ValueError, match="edge"):
        Edge(3, [b""])
    with pytest.raises(KeyError):
        root_needs(MOST + 1).hashes(STORED)


@settings(max_examples=300)
@given(first=st.integers(0, 10**7), length=st.integers(0, 10**7))
def test_a_range_is_made_of_complete_subtrees(first: int, length: int) -> None:
    parts = complete_subtrees((first, first + length))
    ends = [(index << level, (index + 1) << level) for level, index in parts]
    assert [end for _, end in ends[:-1]] == [start for start, _ in ends[1:]]
    if ends:
        assert (ends[0][0], ends[-1][1]) == (first, first + length)


@settings(max_examples=300)
@given(data=st.data(), size=st.integers(1, 10**9))
def test_answers_cost_the_logarithm(data: st.DataObject, size: int) -> None:
    bits = size.bit_length()
    index = data.draw(st.integers(0, size - 1))
    assert len(inclusion_needs(index, size).nodes) <= 2 * bits
    assert len(consistency_needs(index, size).nodes) <= 2 * bits
    assert len(root_needs(size).nodes) <= bits


def test_appending_completes_one_node_on_average() -> None:
    edge = Edge()
    added = [len(edge.append(one)) for one in MANY]
    assert sum(added) < len(MANY)
    assert max(added) == MOST.bit_length() - 1


def test_an_edge_that_was_stored_goes_on() -> None:
    for size in range(MOST):
        edge = Edge.stored(size, STORED)
        completed = dict(edge.append(MANY[size]))
        assert completed.items() <= STORED.items()
        assert edge.root() == ALL_ROOTS[size + 1]


def test_every_node_is_completed_once() -> None:
    edge, seen = Edge(), []
    for one in MANY:
        seen += [node for node, _ in edge.append(one)]
    assert len(seen) == len(set(seen)) == len(STORED) - MOST
    assert all(first < second for first, second in pairwise(edge_sizes(seen)))


def edge_sizes(nodes: list[Node]) -> list[int]:
    """Where the level-1 nodes end: in order."""
    return [(index + 1) << level for level, index in nodes if level == 1]
