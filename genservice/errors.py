"""Every error genservice raises on purpose.

    GenserviceError
    ├── InvalidInputError            what a caller sent or typed is wrong            400
    │   └── InvalidSignalError       a released signal's value has the wrong shape   400
    ├── DocumentError                a file cannot be read as what it should be
    │   ├── PolicyError              a policy set is invalid                         400 over HTTP
    │   ├── PromptError              a prompt file is invalid, or reads what it may not
    │   ├── PhraseError              the house phrases are invalid
    │   └── VocabularyError          the catalogue's vocabulary is invalid
    ├── ConsentStringError           a TC or GPP string cannot be read; never leaves `hear`
    ├── NotFoundError                nothing is held under that name                 404
    ├── ConflictError                the state forbids it                            409
    ├── PreconditionFailedError      If-Match did not match                          412
    ├── PreconditionRequiredError    If-Match must say what is meant to change       428
    ├── RateLimitedError             too many requests                               429
    ├── UnavailableError             try again later                                 503
    │   ├── NothingServedError       no text could be had, and none is stored
    │   ├── ContendedError           other transactions got in the way; nothing was written
    │   ├── ModelUnavailableError    the text model did not answer
    │   └── GuardUnavailableError    the guard could not screen; callers must refuse
    ├── ClientGoneError              nobody waits for the answer any more; nothing is answered
    ├── OutputError                  results cannot be written
    ├── StartError                   the service's processes do not get ready
    ├── ModelFilesError              a model folder is missing or corrupt; names the file
    └── SettingsError                a setting is wrong

No HTTP lives here; `genservice.api.problems` holds the one table from errors to answers. Messages
and fields never carry user text or personal data: positions, names from closed vocabularies, and
names of our own files only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong, and where.

    Files give `file`, `line` and `column` (from 1); requests and records give `pointer`.
    """

    detail: str
    pointer: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    """What to do about it, or what was probably meant."""
    related: tuple[Problem, ...] = ()
    """Other places that make it one, each with what stands there."""

    def __str__(self) -> str:
        where = ":".join(
            str(part) for part in (self.file, self.line, self.column) if part is not None
        )
        place = where or self.pointer or ""
        text = f"{place}: {self.detail}" if place else self.detail
        return f"{text} ({self.hint})" if self.hint else text


class GenserviceError(Exception):
    """Base of all. `str()` is safe to show and to log."""


class InvalidInputError(GenserviceError):
    """What a caller sent is wrong.

    Args:
        problems: At least one, each naming a pointer.
    """

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        count = len(problems)
        super().__init__("1 field is wrong." if count == 1 else f"{count} fields are wrong.")


class InvalidSignalError(InvalidInputError):
    """A released signal's value has the wrong shape. Withheld values are never read."""


class DocumentError(GenserviceError):
    """A file cannot be read as what it should be.

    Args:
        problems: Everything found wrong, in order of place.
    """

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class PolicyError(DocumentError):
    """A policy set is invalid. The set in force stays.

    Args:
        problems: Everything found wrong, in order of place.
        files: The texts that problems stand in, by name, as far as they are known.
    """

    def __init__(self, *problems: Problem, files: Mapping[str, str] | None = None) -> None:
        super().__init__(*problems)
        self.files: Mapping[str, str] = files or {}


class PromptError(DocumentError):
    """A prompt file is invalid, or reads a fact or signal that it does not declare."""


class PhraseError(DocumentError):
    """The house phrases are invalid."""


class VocabularyError(DocumentError):
    """The catalogue's vocabulary is invalid."""


class ConsentStringError(GenserviceError):
    """A TC or GPP string is malformed, or of a version that nobody here reads.

    Args:
        part: Where in the string, by the specifications' names; never anything of the string itself.
        detail: What is wrong there.
    """

    def __init__(self, part: str, detail: str) -> None:
        self.part = part
        self.detail = detail
        super().__init__(f"{part}: {detail}")


class NotFoundError(GenserviceError):
    """Nothing is held under that name."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"No such {what}.")


class ConflictError(GenserviceError):
    """The state of things forbids it."""


class PreconditionFailedError(GenserviceError):
    """If-Match named another revision than the one held."""


class PreconditionRequiredError(GenserviceError):
    """If-Match must say which state is meant to change."""


class RateLimitedError(GenserviceError):
    """More requests came than are taken.

    Args:
        retry_after: Seconds after which one more is.
    """

    def __init__(self, *, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__("Too many requests.")


Cause = Literal["busy", "late", "away", "closed", "failed"]
"""Why something is unavailable: too much to do, too slow, not to be reached, shut down, anything else."""


class UnavailableError(GenserviceError):
    """It cannot be done now.

    Args:
        message: What is unavailable.
        retry_after: Seconds after which trying again makes sense.
        cause: Why, for metrics.
    """

    def __init__(self, message: str, *, retry_after: int = 5, cause: Cause = "failed") -> None:
        self.retry_after = retry_after
        self.cause: Cause = cause
        super().__init__(message)


class NothingServedError(UnavailableError):
    """No text could be had for a title, and none is stored for it.

    Args:
        reason: Why the text asked for could not be.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        why = reason.replace("_", " ")
        super().__init__(f"No text can be served ({why}), and none is stored for this title.")


class ContendedError(UnavailableError):
    """Other transactions got in the way. Nothing was written, so trying again is safe."""


class ModelUnavailableError(UnavailableError):
    """The text model did not answer in time, or at all."""


class GuardUnavailableError(UnavailableError):
    """The guard could not screen a text. Nothing it should have screened may leave."""


class ClientGoneError(GenserviceError):
    """Nobody waits for the answer any more."""

    def __init__(self) -> None:
        super().__init__("The client hung up.")


class OutputError(GenserviceError):
    """Results cannot be written where they should go; the message names the place and the cause."""


class StartError(GenserviceError):
    """The processes of the service do not get ready.

    Args:
        problems: What each that failed said of it.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class ModelFilesError(GenserviceError):
    """A model folder is missing or corrupt.

    Args:
        file: The file or folder at fault.
        detail: What is wrong with it.
    """

    def __init__(self, file: str, detail: str) -> None:
        self.file = file
        super().__init__(f"{file}: {detail}")


class SettingsError(GenserviceError):
    """A setting is wrong; the message names it and says what it may be."""
