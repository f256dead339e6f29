"""Which names a pattern covers, and which of several is the more exact."""

from __future__ import annotations

import random
import re
import time
from itertools import product

import pytest

from portal.calls.patterns import MOST_STARS, Pattern, exactly, pattern, read
from portal.objects.fields import FaultError

NAMES = ["7000", "7012", "7099", "7100", "70123", "sales", "sales-", "sales-eu", "PJSIP/103", ""]


def covered(text: str) -> list[str]:
    return [name for name in NAMES if pattern(text).covers(name)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("70xx", ["7000", "7012", "7099"]),
        ("701X", ["7012"]),
        ("7000-7099", ["7000", "7012", "7099"]),
        ("7012-7099", ["7012", "7099"]),
        ("70*", ["7000", "7012", "7099", "70123"]),
        ("*", NAMES),
        ("sales", ["sales"]),
        ("sales-*", ["sales-", "sales-eu"]),
        ("PJSIP/101-115", ["PJSIP/103"]),
        ("PJSIP/1xx", ["PJSIP/103"]),
        ("*a*e*", ["sales", "sales-", "sales-eu"]),
        ("(70|71)..", []),
    ],
)
def test_a_pattern_covers_names(text: str, names: list[str]) -> None:
    assert covered(text) == names


@pytest.mark.parametrize(
    "name",
    [
        "line2x", "7000-7099", "7099-7000", "*97", "a.b[c]", "Łódź \"'=1+1", "\\d+", "x", "2023-1",
        "٣x", "9" * 40 + "-" + "9" * 40, "a\nb",
    ],
)  # fmt: skip
def test_whatever_a_name_is_a_rule_of_that_text_covers_it(name: str) -> None:
    assert pattern(name).covers(name)
    assert name.startswith(pattern(name).start)
    assert exactly(name).is_exact


def test_what_a_pattern_covers_begins_with_its_start() -> None:
    for text in ("70xx", "7000-7099", "PJSIP/101-115", "sales-*", "*", "+48xx"):
        one: Pattern = pattern(text)
        for name in NAMES:
            assert not one.covers(name) or name.startswith(one.start)


def test_the_more_exact_pattern_has_the_greater_rank() -> None:
    texts = ["*", "s*", "sales-*", "sales-eu*", "7xxx", "70xx", "7000-7009", "7001"]
    assert sorted(texts, key=lambda text: pattern(text).rank) == texts
    assert pattern("7000-7099").rank == pattern("70xx").rank


@pytest.mark.parametrize("text", ["7099-7000", "99-100", "*" * (MOST_STARS + 1)])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(FaultError):
        read(text)


@pytest.mark.parametrize("name", ["line-12-3", "PJSIP/9-1", "line-30-12"])
def test_a_name_that_looks_like_a_range_is_that_name(name: str) -> None:
    assert read(name) == name
    assert pattern(name).covers(name)
    assert not any(pattern(name).covers(f"{name[:-3]}{number}") for number in range(100))


def test_many_stars_take_no_time() -> None:
    assert not pattern("*a*a*ab").covers("a" * 128)
    began = time.process_time()
    for text in ("***" + "9" * 125, "*1xxxx*1xxxx*1xxxxb", "*1xxxxxxxxx*1xxxxxxxx*1xxxxxxxx9"):
        assert not any(pattern(text).covers("1" * 127 + end) for end in "23456780")
    assert time.process_time() - began < 0.1


def test_stars_cover_what_they_would_if_all_ways_were_tried() -> None:
    texts = ["".join(letters) for size in range(1, 6) for letters in product("a1x*", repeat=size)]
    names = ["".join(letters) for size in range(6) for letters in product("a17", repeat=size)]
    chance = random.Random(5)
    for text in chance.sample([one for one in texts if one.count("*") <= MOST_STARS], 150):
        found = pattern(text)
        ways = "".join(
            re.sub("[xX]", "[0-9]", run) if run[:1] == "1" else run.replace("*", ".*")
            for run in re.split("(1[1x]*)", text)
        )
        for name in names:
            told = found.covers(name)
            assert told == (name == text or re.fullmatch(ways, name) is not None), (text, name)
