"""Models of the Hugging Face hub, brought into its local cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import huggingface_hub
from httpx import HTTPError
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
)

from genservice.errors import ModelFilesError

_hub: Any = huggingface_hub
"""Its own types are only half known."""
_READ_BY_LOADING = ["*.safetensors", "*.json", "*.jinja", "*.txt", "*.model"]


def fetch(model: str, revision: str | None = None, *, cache: Path | None = None) -> Path:
    """The folder of a hub model's files; its name is the commit they are of.

    Pickled weights and code are never fetched. Offline (`HF_HUB_OFFLINE=1`, which the hub's own
    client reads) only what the cache holds is found.

    Args:
        model: Hub id.
        revision: Branch, tag or commit; None is the main branch.
        cache: The hub's cache, if another one than usual.

    Raises:
        ModelFilesError: There is no such model or revision, or it cannot be reached.
    """
    try:
        folder: str = _hub.snapshot_download(
            model,
            revision=revision,
            cache_dir=cache,
            allow_patterns=_READ_BY_LOADING,
            ignore_patterns=["*/*"],
        )
    except (LocalEntryNotFoundError, OfflineModeIsEnabled):
        detail = "not in the hub's local cache, and the hub cannot be reached"
        raise ModelFilesError(model, detail) from None
    except (HfHubHTTPError, HFValidationError, HTTPError, OSError) as error:
        raise ModelFilesError(model, f"cannot be fetched: {type(error).__name__}") from None
    return Path(folder)
