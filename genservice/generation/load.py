"""From one setting to a text model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from genservice.errors import ModelFilesError, SettingsError
from genservice.generation.batching import Counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from genservice.generation.model import TextModel
    from genservice.generation.watermark import Detector

_ANY = 1_000
_HUB_ID = re.compile(r"(?P<id>[\w.-]+/[\w.-]+)(@(?P<revision>[\w-][\w.-]*(/[\w-][\w.-]*)*))?")


def embedded_folder() -> Path:
    """Where the weights of our own model lie."""
    return Path(__file__).resolve().parent / "embedded"


def is_elsewhere(source: str) -> bool:
    """Whether a setting names a model behind an address, not one that this process loads."""
    return source.startswith(("http://", "https://"))


def load_model(
    source: str,
    *,
    name: str = "",
    key: str = "",
    processor: Literal["own_server", "third_party"] = "third_party",
    deadline: float = 20.0,
    device: str | None = None,
    watermark: bytes | None = None,
) -> TextModel:
    """The text model that a setting names. Blocks while weights are read, or fetched from the hub.

    Args:
        source: `embedded`; a folder; a hub id, perhaps with a revision (`org/name@commit`); or the
            http address of an OpenAI-compatible server.
        name: Which model of such a server; empty means the first it lists.
        key: Bearer key for such a server.
        processor: Whose server it is.
        deadline: Most seconds between a request and its texts.
        device: Where a model in this process computes, as torch names it; by default a GPU where
            there is one.
        watermark: The secret of a watermark for the long texts of a model in this process that writes
            freely. A server's own sampling cannot be reached.

    Raises:
        ModelFilesError: A folder or hub id gives no loadable model; names the file.
        SettingsError: The source is none of these.
    """
    if is_elsewhere(source):
        from genservice.generation.patience import Patience
        from genservice.generation.remote import Remote

        # A large model on a slow machine needs most of its time for the first word.
        patience = Patience(deadline=deadline, silence=deadline)
        return Remote(source, name=name, key=key, processor=processor, patience=patience)

    folder, called = _folder(source)
    # torch and transformers take seconds to import; servers elsewhere do without.
    from genservice.generation.checkpoint import Checkpoint
    from genservice.generation.transformers_model import Transformers, written_by
    from genservice.generation.watermark import Watermark

    marked = None if watermark is None else Watermark(watermark)
    checkpoint = Checkpoint(folder, device=device, watermark=marked)
    return Transformers(checkpoint, name=called, deadline=deadline, batch=written_by(checkpoint))


def load_detector(source: str, secrets: Sequence[bytes]) -> Detector:
    """What finds the watermarks of these secrets in texts of the model that a setting names.

    Only the model's tokenizer is read. Blocks while it is, or is fetched from the hub.

    Raises:
        ModelFilesError: A folder or hub id gives no tokenizer; names the file.
        SettingsError: The source is no model whose texts can carry a watermark.
    """
    if source == "embedded" or is_elsewhere(source):
        raise SettingsError(
            "GENSERVICE_MODEL: only texts of a folder or a hub id carry a watermark; the embedded model "
            "has too little to choose among, and how a server draws cannot be reached"
        )
    folder, _ = _folder(source)
    from genservice.generation.model_files import check_folder
    from genservice.generation.reading import read_tokenizer
    from genservice.generation.watermark import Detector, Watermark

    check_folder(folder)
    return Detector([Watermark(secret) for secret in secrets], read_tokenizer(folder))


@runtime_checkable
class Elsewhere(Protocol):
    """What a text model behind an address has besides: it must be asked who it is."""

    @property
    def answering(self) -> bool:
        """Whether it answered when it was last asked."""
        ...

    async def connect(self, *, deadline: float | None = None) -> None:
        """Learn what the model is called, unless that is known."""
        ...


async def connect(model: TextModel, *, deadline: float | None = None) -> None:
    """Return once the model's revision names what writes, so that a key may be made of it.

    Args:
        model: Any; one in this process has its name from the start.
        deadline: Most seconds to wait for one that is elsewhere.

    Raises:
        ModelUnavailableError: It has not been told yet what it is, and does not answer.
    """
    if isinstance(model, Elsewhere):
        await model.connect(deadline=deadline)


def is_answering(model: TextModel) -> bool:
    """Whether the model answered when it was last asked, as far as it can be out of reach."""
    return not isinstance(model, Elsewhere) or model.answering


@runtime_checkable
class Queueing(Protocol):
    """What a text model has besides if it can say how much it has to do."""

    @property
    def held(self) -> int:
        """Requests under way and waiting."""
        ...


def held_by(model: TextModel) -> int:
    """How many requests a model has under way and waiting; 0 of one that does not say."""
    return model.held if isinstance(model, Queueing) else 0


@runtime_checkable
class Batched(Protocol):
    """What a text model has besides if it writes for many at once."""

    @property
    def counted(self) -> Counted:
        """What its batches have come to."""
        ...

    @property
    def waiting(self) -> int:
        """Requests that nothing has been written for yet."""
        ...

    @property
    def at_once(self) -> int:
        """Most texts that one request should ask for."""
        ...


def counted_by(model: TextModel) -> Counted:
    """What a model's batches have come to; nothing of one that is elsewhere."""
    return model.counted if isinstance(model, Batched) else Counted()


def waiting_for(model: TextModel) -> int:
    """How many requests nothing has been written for yet; 0 of a model that does not say."""
    return model.waiting if isinstance(model, Batched) else 0


def texts_at_once(model: TextModel) -> int:
    """How many texts to ask a model for at once; any number of one that does not say."""
    return model.at_once if isinstance(model, Batched) else _ANY


def _folder(source: str) -> tuple[Path, str]:
    """Where the files lie, fetched if need be, and what the model is called."""
    if source == "embedded":
        return embedded_folder(), "embedded"
    path = Path(source).expanduser()
    if source and path.is_dir():
        return path, path.resolve().name
    if source.startswith((".", "/", "~")):
        raise ModelFilesError(source, "there is no such folder")
    if found := _HUB_ID.fullmatch(source):
        from genservice.generation.hub import fetch

        folder = fetch(found["id"], found["revision"])
        return folder, f"{found['id']}@{folder.name}"
    raise SettingsError(
        "GENSERVICE_MODEL: not `embedded`, a folder that is there, a hub id, or an http address"
    )
