"""The fixtures of the attacks: the world of markers, and time that stands still."""

from tests.access.fixtures import one_moment, undone, world

__all__ = ["one_moment", "undone", "world"]
