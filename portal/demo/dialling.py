"""Calls that the demo's dialers make, as rows of a Master.csv.

A campaign dials from an operator's phone over a line: its account code says for which dialer.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from zoneinfo import ZoneInfo

from portal.demo.cast import Campaign

ZONE = ZoneInfo("Europe/Warsaw")  # of the exchange
CONTEXT, LINE = "dialer-out", "northline"
PROVIDER = "Northline Telecom"  # whose line it is
_WEEKDAYS = (1.05, 1.1, 1.05, 1.0, 0.9, 0.3, 0.0)
_RESULTS = ("NO ANSWER", "BUSY", "FAILED")
_SHARES = (0.72, 0.21, 0.07)
_LOST = 0.07  # of those whom a predictive dialer reaches, no operator is free for
_PATIENCE = 38  # seconds for which a dialer lets a phone ring


def hours_of(campaign: Campaign, day: dt.date, chance: random.Random) -> list[float]:
    """Return at which hours of the day a campaign dials: a lull at noon, the most before closing.

    Who calls people decides when; nobody is called on a Sunday.
    """
    opens, closes = campaign.hours
    mean = campaign.daily * _WEEKDAYS[day.weekday()] * chance.uniform(0.9, 1.1)
    hours: list[float] = []
    while len(hours) < round(mean):
        hour = chance.uniform(opens, closes)
        evening = math.exp(-((hour - closes + 1.6) ** 2) / 5)
        noon = math.exp(-((hour - 12.8) ** 2) / 0.6)
        if chance.random() < 0.55 + 0.45 * evening - 0.3 * noon:
            hours.append(hour)
    return hours


class Attempt:
    """One attempt to reach somebody: how long it rang, what came of it, how long they talked.

    ``lost``: they answered, and no operator was free.
    """

    def __init__(self, campaign: Campaign, hour: float, chance: random.Random) -> None:
        # In the evening more people are at home.
        self.lost = False
        reached = campaign.reached * (0.8 + 0.4 * (hour - campaign.hours[0]) / 12)
        self.result, self.talk = "ANSWERED", 0
        if chance.random() < reached:
            self.ring = int(chance.uniform(4, 26))
            self.talk = max(6, int(chance.lognormvariate(math.log(campaign.talk) - 0.3, 0.8)))
            self.lost = campaign.predictive and chance.random() < _LOST
            if self.lost:
                self.talk = int(chance.uniform(2, 14))
            return
        (self.result,) = chance.choices(_RESULTS, _SHARES)
        rings = self.result == "NO ANSWER"
        self.ring = int(chance.uniform(22, _PATIENCE)) if rings else int(chance.uniform(1, 5))

    def row(self, campaign: Campaign, phone: str, number: str, start: float, serial: int) -> str:
        """Write the attempt as the exchange does, in its local time.

        Where no operator was free, the exchange's own channel held the client.
        """
        at = int(start)
        own = f"Local/{number}@{CONTEXT}" if self.lost else f"PJSIP/{phone}"
        call = f"{at}.{serial}"
        strings = (
            campaign.account,
            phone,
            number,
            CONTEXT,
            f'"" <{phone}>',
            f"{own}-{serial:08x}",
            f"PJSIP/{LINE}-{serial:08x}",
            "Dial",
            f"PJSIP/{number}@{LINE},{_PATIENCE}",
            _local(at),
        )
        answer = _quoted(_local(at + self.ring)) if self.result == "ANSWERED" else ""
        end = at + self.ring + self.talk
        rest = (_local(end), self.ring + self.talk, self.talk, self.result, "DOCUMENTATION", call)
        return ",".join(
            [
                *(_quoted(text) for text in strings),
                answer,
                *(str(one) if isinstance(one, int) else _quoted(one) for one in rest),
                f'"","","{call}",{serial}',
            ]
        )


def _local(second: int) -> str:
    return f"{dt.datetime.fromtimestamp(second, ZONE):%Y-%m-%d %H:%M:%S}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
