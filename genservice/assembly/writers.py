"""What writes and what screens: the models and the guard that settings describe."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genservice.assembly.files import read_files
from genservice.generation import TextModel, is_elsewhere, load_model
from genservice.kept_secrets import kept_secrets
from genservice.privacy import Guard, allowed_words, build_guard
from genservice.settings import WATERMARK_FILE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from genservice.assembly.files import Files
    from genservice.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Writers:
    """Who writes, who writes instead when it does not answer, and who reads all of it."""

    guard: Guard
    model: TextModel
    reserve: TextModel


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Writers that are in memory before a service is opened; what is None is loaded when it is."""

    guard: Guard | None = None
    model: TextModel | None = None
    reserve: TextModel | None = None


def load_writers(settings: Settings) -> Loaded:
    """Guard and models, for processes that are forked from this one and share what is loaded here.

    Starts no thread. Models that compute on a GPU are left to each process: none survives a fork there.

    Raises:
        PhraseError, PromptError, VocabularyError: A file is invalid; names file, line and column.
        DocumentError: A file of the guard's is invalid, or names a model that is not here.
        ModelFilesError: The model's folder is missing or corrupt; names the file.
        SettingsError: A setting of theirs is wrong.
    """
    # torch takes most of a second to import; commands that write nothing do without.
    from genservice.generation.cores import on_one_core
    from genservice.generation.placement import this_machine

    with on_one_core():
        guard = _build_guard(settings, read_files(settings))
        machine = this_machine()
        if machine.cuda or machine.mps:
            return Loaded(guard=guard)
        if is_elsewhere(settings.model):
            return Loaded(guard=guard, reserve=load_model("embedded"))
        model = _load_model(settings)
        embedded = settings.model == "embedded"
        return Loaded(
            guard=guard, model=model, reserve=model if embedded else load_model("embedded")
        )


@asynccontextmanager
async def opened_writers(
    settings: Settings,
    files: Files,
    *,
    guard: Guard | None,
    model: TextModel | None,
    reserve: TextModel | None,
) -> AsyncGenerator[Writers]:
    """Guard and models, those given or those that `settings` describe, until the block ends.

    Raises:
        DocumentError: A file of the guard's is invalid, or names a model that is not here.
        ModelFilesError: The model's folder is missing or corrupt; names the file.
        SettingsError: A setting of theirs is wrong.
    """
    async with AsyncExitStack() as stack:
        guard = guard or await asyncio.to_thread(_build_guard, settings, files)
        stack.callback(guard.close)
        model = model or await asyncio.to_thread(_load_model, settings)
        stack.push_async_callback(model.close)
        if reserve is None:
            embedded = settings.model == "embedded"
            reserve = model if embedded else await asyncio.to_thread(load_model, "embedded")
            stack.push_async_callback(reserve.close)
        yield Writers(guard=guard, model=model, reserve=reserve)


def _build_guard(settings: Settings, files: Files) -> Guard:
    engine_file, registry_file = settings.guard_files()
    return build_guard(
        ordinary=files.said,
        allowed=allowed_words(files.vocabulary),
        engine_file=engine_file,
        registry_file=registry_file,
        deadline=settings.guard_timeout,
    )


def _load_model(settings: Settings) -> TextModel:
    marked = settings.watermark == "on"
    return load_model(
        settings.model,
        name=settings.model_name,
        key=settings.model_key,
        processor=settings.model_processor,
        deadline=settings.model_timeout,
        watermark=kept_secrets(settings.keystore / WATERMARK_FILE)[0] if marked else None,
    )
