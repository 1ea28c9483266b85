"""What /metrics tells, in the words of Prometheus. Scrapers add processes up.

    caching      what the caches of texts found
    policies     the policy set, the shadow and the decision log
    path         requests, and the steps of the path: a listener of `genservice.watch`
    workers      the metrics of several workers behind one socket, told by whichever of them is asked
    waiting      what waits: model, guard, database connections

Everything is in a registry of our own, so that two services in one process do not meet. Labels come
from closed sets: templates of routes, never paths; kinds, never values.
"""

from genservice.metrics.caching import cache_metrics
from genservice.metrics.path import PathMetrics
from genservice.metrics.policies import policy_metrics
from genservice.metrics.waiting import waiting_metrics
from genservice.metrics.workers import Among, Figures

__all__ = ["Among", "Figures", "PathMetrics", "cache_metrics", "policy_metrics", "waiting_metrics"]
