"""The fixtures of these tests; those of the attacks use them too."""

from tests.access.fixtures import one_moment, undone, world

__all__ = ["one_moment", "undone", "world"]
