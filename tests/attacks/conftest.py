"""The fixtures of the attacks: the world of markers, and time that stands still."""

from tests.access.fixtures import found, one_moment, undone, world

__all__ = ["found", "one_moment", "undone", "world"]
