"""Structured logs on stderr: events and names from closed sets, never what was sent.

What this service logs has a fixed event and fields that hold no text of anybody's. Libraries word
their messages as they like, and may quote what they were given: of theirs only level, logger and place
are told, with the kind of an error and where it happened.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec
import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["json", "console"]

_FRAMES = 8
_QUOTED = ("uvicorn", "genservice")
"""Loggers whose messages are fixed words: the server's own, which knows no body."""
_MANNERED = ("aiosqlite", "asyncio", "httpcore", "httpx", "presidio-analyzer", "sqlalchemy")
"""Libraries that log what they handle below WARNING, whoever may turn the level of all others down."""


def configure_logging(*, level: Level = "info", form: Format = "json") -> None:
    """Have one line per event on stderr, those of libraries from WARNING on.

    Args:
        level: From which on our own events are logged.
        form: JSON for machines, or lines for people.
    """
    render = _renderer(form)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=_lines,
        # Loggers are asked for anew each time: events are rare, and one that kept an earlier set of
        # processors would go past whoever set up logging since.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OfLibraries(render))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _MANNERED:
        logging.getLogger(name).setLevel(logging.WARNING)


def frames_of(error: BaseException) -> list[str]:
    """Where an error was raised, innermost last: files of packages, lines and functions, no values."""
    places: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        file = code.co_filename.rpartition("site-packages/")[2]
        file = file.rpartition("/genservice/")[2] if "/genservice/" in file else file
        places.append(f"{file}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-_FRAMES:]


class _Lines(structlog.PrintLogger):
    """Lines on stderr. One that cannot be written, for a disk is full, is left out and fails nothing."""

    def msg(self, message: str) -> None:
        """Write a line, in one piece."""
        with contextlib.suppress(OSError):
            self._file.write(message + "\n")
            self._file.flush()

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def _lines(*_: object) -> _Lines:
    return _Lines(sys.stderr)


def _without_values(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """An error by its kind and its frames: what it says may quote what was sent."""
    said = event.pop("exc_info", None)
    error = sys.exc_info()[1] if said is True else said
    if isinstance(error, tuple):
        error = cast("tuple[Any, Any, Any]", error)[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["where"] = frames_of(error)
    return event


class _OfLibraries(logging.Formatter):
    """Records of the standard library's logging, in the form of our own."""

    def __init__(self, render: structlog.typing.Processor) -> None:
        super().__init__()
        self._render = render
        self._stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

    def format(self, record: logging.LogRecord) -> str:
        quoted = record.name.partition(".")[0] in _QUOTED
        event: MutableMapping[str, Any] = {
            "event": record.getMessage().strip() if quoted else "a library logged",
            "logger": record.name,
            "place": f"{record.module}:{record.lineno}",
            "level": record.levelname.lower(),
        }
        if record.exc_info:
            event["exc_info"] = record.exc_info
        event = _without_values(None, "", event)
        return str(self._render(None, "", self._stamp(None, "", event)))


def _json(event: Any, **_by_default: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


def _renderer(form: Format) -> structlog.typing.Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(serializer=_json)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
