"""Workers follow the sources of all companies, beside their jobs."""

from portal.calls.following.loop import follow
from portal.jobs.registry import beside

beside(follow)
