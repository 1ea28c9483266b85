"""Texts near at hand: in this process, and in Valkey for all that share it; the database stays the truth.

A `TextCache` holds texts under their keys for a while and may lose any of them at any time. `Cached` puts
caches before the database; `Leases` lets one process at a time write under a key; `SharedCounters` count
requests of all processes. Whatever Valkey does, nothing here fails for it: each is done without.
"""

from genservice.cache.cached import Cached, Tally, TextCache
from genservice.cache.counters import SharedCounters
from genservice.cache.leases import Leases, Pace
from genservice.cache.memory import OVERHEAD, MemoryCache
from genservice.cache.opened import Caches, open_caches
from genservice.cache.shared import MOST_BYTES, ValkeyCache

__all__ = [
    "MOST_BYTES", "OVERHEAD", "Cached", "Caches", "Leases", "MemoryCache", "Pace", "SharedCounters", "Tally",
    "TextCache", "ValkeyCache", "open_caches",
]  # fmt: skip
