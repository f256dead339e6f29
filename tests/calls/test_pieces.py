"""The same logs give the same calls, in whatever pieces and order their files come."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.calls.logs import LOG, MASTER, OLD_LOG, calls_of, content

EVENTS = OLD_LOG.read_bytes() + LOG.read_bytes()
ROWS = MASTER.read_bytes()
WHOLE = calls_of(EVENTS, ROWS)


def test_the_rotated_log_and_the_present_one_are_one_log() -> None:
    assert calls_of(*content([OLD_LOG, LOG, MASTER])) == WHOLE


@st.composite
def pieces(draw: st.DrawFn, whole: bytes) -> list[bytes]:
    """Cut a file at line ends into pieces that may overlap, some of them twice, in any order."""
    lines = whole.splitlines(keepends=True)
    cuts = draw(st.lists(st.integers(1, len(lines) - 1), max_size=6, unique=True))
    bounds = [0, *sorted(cuts), len(lines)]
    found = []
    for start, end in pairwise(bounds):
        overlap = draw(st.integers(0, 30))
        found.append(b"".join(lines[max(0, start - overlap) : end]))
    found += draw(st.lists(st.sampled_from(found), max_size=2))
    return draw(st.permutations(found))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=pieces(EVENTS), rows=pieces(ROWS), rows_first=st.booleans())
def test_pieces_that_overlap_in_any_order_make_the_same_calls(
    events: list[bytes], rows: list[bytes], rows_first: bool
) -> None:
    files = [*rows, *events] if rows_first else [*events, *rows]
    assert calls_of(*files) == WHOLE
