"""What workers do for sources beside their jobs: follow them, and forget what is old."""

from portal.calls.following.loop import follow
from portal.calls.forgetting import forget_old_lines
from portal.jobs.registry import beside, each_round

beside(follow)


@each_round
def forget() -> None:
    forget_old_lines()
