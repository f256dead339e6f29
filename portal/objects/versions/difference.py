"""What is different between two contents, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from portal.objects.versions.content import Part

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"


@dataclass(frozen=True)
class Change:
    """What became of one part; ``rows``: label, before and after of what is set differently."""

    how: str
    name: str
    rows: list[dict[str, Any]] = field(default_factory=list)


def difference(before: Iterable[Part], after: Iterable[Part]) -> list[Change]:
    """Return what was added, changed and moved in the order of ``after``, then what is gone."""
    old = {part.key: part for part in before}
    new = {part.key: part for part in after}
    stayed = [key for key in new if key in old and old[key].inside == new[key].inside]
    moved: set[str] = set()
    for inside in {new[key].inside for key in stayed}:
        here = [key for key in stayed if new[key].inside == inside]
        moved |= _moved([key for key in old if key in here], here)
    found = []
    for key, part in new.items():
        rows = _rows(old[key] if key in old else Part(key, ""), part)
        if key not in old:
            found.append(Change(ADDED, part.name, rows))
        elif rows or old[key].name != part.name:
            found.append(Change(CHANGED, part.name, rows))
        if key in moved:
            found.append(Change(MOVED, part.name))
    gone = [part for key, part in old.items() if key not in new]
    return [*found, *(Change(REMOVED, part.name, _rows(part, Part("", ""))) for part in gone)]


def _rows(old: Part, new: Part) -> list[dict[str, Any]]:
    labels = dict.fromkeys([*old.facts, *new.facts])
    return [
        {"label": label, "before": old.facts.get(label, ""), "after": new.facts.get(label, "")}
        for label in labels
        if old.facts.get(label, "") != new.facts.get(label, "")
    ]


def _moved(before: list[str], after: list[str]) -> set[str]:
    """Return as few keys as explain that the order is another one."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    kept = {
        key for block in matcher.get_matching_blocks() for key in after[block.b :][: block.size]
    }
    return set(after) - kept
