"""A catalogue overnight: every title for every audience, over the one path, in parts that outlive a crash."""

from genservice.batch.audiences import Audience, AudienceFile, read_audiences, require_known
from genservice.batch.engine import Engine, InProcess, Summary, run
from genservice.batch.on_ray import OnRay, connected, cpus_of
from genservice.batch.output import Output, failures_of, opened
from genservice.batch.plan import PART_ITEMS, Manifest, Part, Plan, Terms
from genservice.batch.preparing import Prepared, Source, prepare, terms_here
from genservice.batch.prewriting import Prewritten, prewrite
from genservice.batch.rows import Failure, Formats, Record, Row, Written, arrow, kind_of
from genservice.batch.worker import Orders
from genservice.batch.writing import Patience, Writing

__all__ = [
    "PART_ITEMS",
    "Audience",
    "AudienceFile",
    "Engine",
    "Failure",
    "Formats",
    "InProcess",
    "Manifest",
    "OnRay",
    "Orders",
    "Output",
    "Part",
    "Patience",
    "Plan",
    "Prepared",
    "Prewritten",
    "Record",
    "Row",
    "Source",
    "Summary",
    "Terms",
    "Writing",
    "Written",
    "arrow",
    "connected",
    "cpus_of",
    "failures_of",
    "kind_of",
    "opened",
    "prepare",
    "prewrite",
    "read_audiences",
    "require_known",
    "run",
    "terms_here",
]
