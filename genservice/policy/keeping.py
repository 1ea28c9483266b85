"""What may be kept of a viewer: declared signals, in the shape they are declared in, for as long as they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from genservice.documents import suggestion
from genservice.errors import InvalidInputError, InvalidSignalError, Problem
from genservice.policy.ladders import release
from genservice.policy.values import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.domain import Signal
    from genservice.policy.values import PolicySet, Words

NEVER_USED = "never used, so never kept"
UNDECLARED = "not a declared signal"


def is_keepable(signal: Signal) -> bool:
    """Whether a signal may be kept at all: for a day at least, and with a level that something may use."""
    return signal.keep_days > 0 and signal.ladder != (NONE,)


def require_keepable(
    values: Mapping[str, Any], policies: PolicySet, *, words: Words, at: Mapping[str, str]
) -> dict[str, int]:
    """For how many days each of these signals may be kept.

    Every value is held to its signal's finest level: kind of value, vocabulary, size.

    Args:
        values: Signal -> value, as it would be sent in a request.
        policies: The set in force.
        words: The catalogue's vocabulary.
        at: Signal -> the pointer to its value in what was sent.

    Raises:
        InvalidInputError: Naming every signal that is not declared, that is never used, or whose value
            has another shape. Values are not shown.
    """
    problems: list[Problem] = []
    days: dict[str, int] = {}
    for name, value in values.items():
        signal = policies.signal(name)
        if signal is None:
            hint = suggestion(name, (signal.name for signal in policies.signals))
            problems.append(Problem(pointer=at[name], detail=UNDECLARED, hint=hint))
        elif not is_keepable(signal):
            problems.append(Problem(pointer=at[name], detail=NEVER_USED))
        else:
            days[name] = signal.keep_days
            problems += _misshapen(signal, value, words, at[name])
    if problems:
        raise InvalidInputError(*problems)
    return days


def _misshapen(signal: Signal, value: Any, words: Words, pointer: str) -> tuple[Problem, ...]:
    try:
        release(signal, signal.ladder[0], value, titles={}, words=words)
    except InvalidSignalError as error:
        return tuple(
            msgspec.structs.replace(problem, pointer=pointer) for problem in error.problems
        )
    return ()
