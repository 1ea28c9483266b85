"""Models of the Hugging Face hub, brought into its local cache."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import huggingface_hub
from httpx import HTTPError
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from genservice.errors import ModelFilesError

_hub: Any = huggingface_hub
"""Its own types are only half known."""
_READ_BY_LOADING = ["*.safetensors", "*.json", "*.jinja", "*.txt", "*.model"]
_NOT_READ = ["*/*", "consolidated*"]
"""Folders below, and the same weights once more in the layout of their makers."""
_SHORT = re.compile(r"[0-9a-f]{7,39}")


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
            ignore_patterns=_NOT_READ,
        )
    except (LocalEntryNotFoundError, OfflineModeIsEnabled):
        raise ModelFilesError(model, _not_held(revision)) from None
    except GatedRepoError:
        detail = "its makers ask for consent: give it at the hub, then log in with `hf auth login`"
        raise ModelFilesError(model, detail) from None
    except RevisionNotFoundError:
        raise ModelFilesError(model, f"has no revision {revision!r}") from None
    except RepositoryNotFoundError:
        detail = "the hub has no such model, or shows it only to those who logged in"
        raise ModelFilesError(model, detail) from None
    except (HfHubHTTPError, HFValidationError, HTTPError, OSError) as error:
        raise ModelFilesError(model, f"cannot be fetched: {type(error).__name__}") from None
    return Path(folder)


def _not_held(revision: str | None) -> str:
    at = "" if revision is None else f" at {revision!r}"
    detail = f"not in the hub's local cache{at}, and the hub cannot be reached"
    if revision is not None and _SHORT.fullmatch(revision):
        detail += "; of a commit all 40 letters are needed"
    return detail
