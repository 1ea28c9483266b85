"""Load on a service that really listens: its process, what is asked of it, and wrk, which asks.

wrk is a program of its own, made by others (Debian's package `wrk`). It keeps a fixed number of
connections, each of which asks again as soon as it was answered (a closed loop), and tells how long
answers took. Its percentiles are corrected for what a stalled answer kept from being asked, as
HdrHistogram does it, by the mean interval of a connection.
"""

from benchmarks.load.asking import AUDIENCES, promos
from benchmarks.load.driving import Load, drive, wrk_version
from benchmarks.load.listening import Listening, bare, service
from benchmarks.load.turns import Side, driven, in_turns

__all__ = [
    "AUDIENCES",
    "Listening",
    "Load",
    "Side",
    "bare",
    "drive",
    "driven",
    "in_turns",
    "promos",
    "service",
    "wrk_version",
]
