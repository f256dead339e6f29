"""The calls of the demo: the same for a seed, believable, and read as what they are."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from portal.demo import dialling
from portal.demo.cast import CAMPAIGNS, THEMES
from portal.demo.traffic import Team, written
from tests.calls.logs import calls_of

LAST = dt.datetime(2026, 11, 22, 20, tzinfo=dt.UTC)  # a Sunday
DAYS = 14


def lines(seed=1):
    agents = {f"Agent {number}": str(2101 + number) for number in range(8)}
    teams = [Team(theme, list(theme.queues), agents) for theme in THEMES]
    return list(written(teams, LAST, DAYS, seed))


@pytest.fixture(scope="module")
def outbound():
    """Return the calls of the Master.csv, as the import builds them."""
    rows = "".join(f"{line}\n" for file, line in lines() if file == "Master.csv")
    return calls_of(rows.encode(), zone=dialling.ZONE)


def test_a_seed_gives_the_same_calls_and_another_one_others():
    assert lines() == lines()
    assert lines() != lines(seed=2)
    assert {file for file, _ in lines()} == {"queue_log", "Master.csv"}


def test_each_campaign_dials_out_with_every_result(outbound):
    kinds = {(call.direction, call.trunk, len(call.visits)) for call in outbound}
    assert kinds == {("out", f"PJSIP/{dialling.LINE}", 1)}
    results = defaultdict(Counter)
    for call in outbound:
        results[call.account][call.result] += 1
    assert set(results) == {campaign.account for campaign in CAMPAIGNS}
    assert len({campaign.theme for campaign in CAMPAIGNS}) >= 3
    for campaign in CAMPAIGNS:
        found = results[campaign.account]
        attempts = sum(found.values())
        assert set(found) <= {"answered", "no_answer", "busy", "failed"}
        assert abs(found["answered"] / attempts - campaign.reached) < 0.15
        assert 0.5 < attempts / (campaign.daily * DAYS * 6.4 / 7) < 1.4
    assert {result for found in results.values() for result in found} == {
        *("answered", "no_answer", "busy", "failed")
    }


def test_dialers_keep_to_their_hours_and_rest_on_sundays(outbound):
    by_account = {campaign.account: campaign for campaign in CAMPAIGNS}
    hours = Counter()
    for call in outbound:
        moment = dt.datetime.fromtimestamp(call.started, dialling.ZONE)
        campaign = by_account[call.account]
        assert moment.weekday() != 6
        # Istanbul's clock is two hours ahead of the exchange's and London's one behind.
        assert campaign.hours[0] - 2 <= moment.hour <= campaign.hours[1] + 1
        hours[moment.hour] += 1
    assert max(hours.values()) > 2 * hours[8]
    assert hours[12] + hours[13] < hours[16] + hours[17]


def test_no_operator_dials_two_numbers_at_once(outbound):
    calls = sorted(
        (call.visits[0].agent, call.account, call.started, call.ended) for call in outbound
    )
    for one, other in pairwise(calls):
        if one[:2] == other[:2]:
            assert one[3] <= other[2]
