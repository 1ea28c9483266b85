"""What grows with what: latency and memory by titles, viewers, rules and requests at once.

Every figure is of a service that listens, in a process of its own, asked over HTTP, over a folder that
was filled beforehand. See docs/benchmarks.md.
"""

from benchmarks.growth.curves import Curve, Point
from benchmarks.growth.requests import by_requests
from benchmarks.growth.rules import by_rules
from benchmarks.growth.titles import by_titles
from benchmarks.growth.viewers import by_viewers

__all__ = ["Curve", "Point", "by_requests", "by_rules", "by_titles", "by_viewers"]
