"""What the dialplan of the demo's exchange logs by itself: steps of menus, and tags of calls."""

from __future__ import annotations

import random
from collections.abc import Iterator

from portal.demo.cast import THEMES, Theme

# The themes whose lines begin with a menu, by what their dialplan calls it.
MENUS = {0: "velmora-menu", 3: "tarsin-menu", 6: "pixie-menu"}
# Of so many last days: what is older is no longer told apart by anybody.
MENU_DAYS, TAG_DAYS = 14, 30
_STEPS = {
    "pl": ("Powitanie", "Wybór tematu", "Numer klienta"),
    "tr": ("Karşılama", "Konu seçimi", "Müşteri numarası"),
    "en": ("Welcome", "Choice of topic", "Customer number"),
}
_TAGS = {
    "pl": ("reklamacja", "nowy klient", "do oddzwonienia", "rezygnacja"),
    "tr": ("şikâyet", "yeni müşteri", "geri aranacak", "iptal"),
    "en": ("complaint", "new customer", "call back", "cancellation"),
}


def menu_of(theme: Theme) -> str:
    """Return what the dialplan calls the menu of a theme; '' if it has none."""
    return MENUS.get(THEMES.index(theme), "")


def before_queue(theme: Theme, call: str, start: float, serial: int) -> Iterator[tuple[float, str]]:
    """Yield the steps that lead to a queue, and now and then somebody else's who hangs up."""
    chance = random.Random(serial)  # noqa: S311  # the same calls each time, nothing secret
    name, steps = menu_of(theme), _STEPS[theme.language]
    if not name:
        return
    through = steps if chance.random() < 0.3 else steps[:2]
    at = start - 7.0 * len(through)
    for step in through:
        yield at, _event(call, f"SCENARIO|{name}|{step}")
        at += chance.uniform(3, 7)
    if chance.random() < 0.12:
        gone = f"{int(start - 40)}.{serial}7"
        at = start - 40
        for step in steps[: chance.choice((1, 2, 2, 3))]:
            yield at, _event(gone, f"SCENARIO|{name}|{step}")
            at += chance.uniform(3, 9)
        yield at, _event(gone, f"SCENARIOEND|{name}|HANGUP")


def tags(theme: Theme, call: str, queue: str, agent: str, serial: int) -> list[str]:
    """Return the tags that an operator gives a call, as events: mostly none, at times two."""
    chance = random.Random(-serial)  # noqa: S311  # as above
    number = chance.choices((0, 1, 2), (60, 32, 8))[0]
    chosen = chance.sample(_TAGS[theme.language], number)
    return [f"{call}|{queue}|{agent}|TAG|{tag}" for tag in chosen]


def _event(call: str, rest: str) -> str:
    return f"{call}|NONE|NONE|{rest}"
