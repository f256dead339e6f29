"""The fixtures of these tests; those of the attacks use them too."""

from tests.access.fixtures import found, one_moment, undone, world

__all__ = ["found", "one_moment", "undone", "world"]
