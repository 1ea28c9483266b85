"""Structured logs on stderr: events and names from closed sets, never what was sent."""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logging(*, level: int = logging.INFO) -> None:
    """One JSON line per event on stderr, the standard library's records included."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        # Loggers are asked for anew each time: events are rare, and one that kept an earlier set of
        # processors would go past whoever set up logging since.
        cache_logger_on_first_use=False,
    )
    # Libraries log at their own wish; their warnings are kept, their chatter is not.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
