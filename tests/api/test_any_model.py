"""Any model in the service: what it writes badly ends in the twin, and what it writes well is served."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import huggingface_hub
import pytest
import torch

from genservice.generation import Scripted, load_model
from genservice.generation.checkpoint import Checkpoint
from genservice.generation.model_files import folder_digest
from genservice.generation.remote import Remote
from genservice.generation.transformers_model import Transformers
from tests.api.test_twins import listening
from tests.small_service import small_settings
from tests.unit.generation.local_server import completion, running
from tests.unit.generation.tiny_models import FAMILIES, by_heart
from training.convert_llama2c import convert

STORIES = Path(__file__).parents[3] / "shared" / "data" / "stories260k"
CRIME = {"genre_affinity": ["crime"]}
GOOD = "A [MOOD] [GENRE]: [TITLE]."
SERVED = "A tense crime drama: Cold Quay."
TWIN = "Cold Quay: a crime drama."
TILE = {"channel": "tile", "length": "short"}
PIECES = ("A ", "[MOOD] ", "[GENRE]: ", "[TITLE].")
COMMIT = "0123456789abcdef0123456789abcdef01234567"

torch.set_num_threads(1)


class Heard:
    """A model, and all that it ever said."""

    def __init__(self, model):
        self._model = model
        self.texts = []

    def __getattr__(self, name):
        return getattr(self._model, name)

    async def write(self, request):
        texts = await self._model.write(request)
        self.texts += texts
        return texts


def ask(small, model, **place):
    """One attempt, for a text and for its twin; then the reserve has the word."""
    reserve = Scripted(lambda request, seed: "[TITLE]: a [GENRE].", revision="reserve 1")
    small.put_in(model=model, reserve=reserve, attempts=1)
    return small.ask("cold-quay", CRIME, **place)


def assert_it_is_the_twin(answer, reason):
    (blurb,) = answer.blurbs
    assert (blurb.source, blurb.reason, blurb.text) == ("twin", reason, TWIN)
    assert not blurb.personalised
    assert answer.receipt.statement.model == "reserve 1"
    assert answer.receipt.statement.used == ()


SCRIPTS = {
    "somebody famous": "Humphrey Bogart returns. " + GOOD,
    "another film": "As in Casablanca: " + GOOD,
    "half a slot at the end": GOOD + " [TITL",
    "half a slot at the beginning": "[TITL" + GOOD,
    "the other half": GOOD + " TITLE].",
    "a slot in small letters": "A [MOOD] [GENRE]: [title].",
    "a slot with blanks": "A [MOOD] [GENRE]: [ TITLE ].",
    "a slot within a slot": "A [MOOD] [GENRE]: [[TITLE]].",
    "a slot that was not offered": GOOD + " With [LEAD].",
    "a slot that nobody has": GOOD + " For [VIEWER].",
    "nothing": "",
    "blanks": " \n\t ",
    "a zero": "\x00" + GOOD,
    "a bell": "A [MOOD]\x07 [GENRE]: [TITLE].",
    "colours of a terminal": GOOD + "\x1b[31m",
    "letters that turn the line": "A [MOOD] [GENRE]\u202e: [TITLE].",
    "letters that nobody sees": "A [MOOD] [GENRE]\u200b: [TITLE].",
    "a letter that looks Latin": "A [MOOD] [GENRE], \u0441rime: [TITLE].",
    "half an emoji": GOOD + "\ud83c",
    "an emoji": GOOD + " \U0001f3ac",
    "Cyrillic": "Фильм " + GOOD,
    "Japanese": "映画 " + GOOD,
    "Arabic": "فيلم " + GOOD,
    "ten thousand letters": (GOOD + " " + "word " * 2000)[:10_000],
    "the same again and again": (GOOD + " ") * 350,
    "a preamble": "Sure! Here is your promo: " + GOOD,
    "a line for the title": "Title: [TITLE]\nA [MOOD] [GENRE].",
    "a heading": "# [TITLE]\nA [MOOD] [GENRE].",
    "a list": "- A [MOOD] [GENRE]\n- [TITLE]",
    "a fence": "```\n" + GOOD + "\n```",
    "bold letters": "**A [MOOD] [GENRE]**: [TITLE].",
    "reasoning": "<think>Crime sells.</think>" + GOOD,
    "a count": GOOD + " (120 characters)",
    "HTML": "<b>" + GOOD + "</b>",
    "a script": GOOD + "<script>alert(1)</script>",
    "a template": "{{ title }} " + GOOD,
    "a link": GOOD + " Visit https://example.com.",
    "an address": GOOD + " Write to ann@example.com.",
    "praise": "The best [MOOD] [GENRE]: [TITLE].",
    "the reader": "Because you watched crime: [TITLE]. A [MOOD] [GENRE].",
    "an end in the midst": GOOD.removesuffix(".") + ", and the",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_text_with_something_wrong_is_never_served(shared, script) -> None:
    # Under a name of its own, so that no text of another script stands in its place.
    model = Scripted(lambda request, seed: SCRIPTS[script], revision=script)
    assert_it_is_the_twin(ask(shared, model, length="medium"), "check_failed")
    assert model.requests


def test_the_same_text_with_nothing_wrong_is_served(small) -> None:
    answer = ask(small, Scripted(lambda request, seed: GOOD), length="medium")
    assert (answer.blurbs[0].source, answer.blurbs[0].text) == ("written", SERVED)


def test_a_prompt_that_comes_back_is_never_served(small) -> None:
    def echo(request, seed):
        return "\n".join(turn.content for turn in request.prompt.turns)

    assert_it_is_the_twin(ask(small, Scripted(echo)), "check_failed")


REFUSING = {"gpt2": "model_unavailable", "bart": "model_unavailable"}
"""Their tables of positions end before the prompt does, which is never cut."""


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_that_writes_noise_ends_in_the_twin(small, tmp_path, family) -> None:
    folder = FAMILIES[family](tmp_path / family)
    model = Heard(Transformers(Checkpoint(folder, device="cpu"), name=family))
    answer = ask(small, model, **TILE)
    assert_it_is_the_twin(answer, REFUSING.get(family, "check_failed"))
    assert bool(model.texts) == (family not in REFUSING)
    assert not any(text and text in str(answer) for text in model.texts)
    small.run(model.close())


WRAPPED = [
    "{}",
    "\u201c{}\u201d",
    "Sure! Here is your promo:\n\n**{}**",
    "<think>Hm.\n</think>\n{}",
]


@pytest.mark.parametrize("wrapping", WRAPPED, ids=repr)
def test_a_folders_good_text_is_served_whatever_is_around_it(small, tmp_path, wrapping) -> None:
    before, _, after = wrapping.partition("{}")
    pieces = [piece for piece in (before, *PIECES, after) if piece]
    folder = by_heart(tmp_path / "by-heart", *pieces)
    model = load_model(str(folder), device="cpu")
    answer = ask(small, model)
    (blurb,) = answer.blurbs
    assert (blurb.source, blurb.text, blurb.angle) == ("written", SERVED, "genre_affinity")
    assert answer.receipt.statement.model == f"by-heart sha256:{folder_digest(folder)[:16]}"
    small.run(model.close())


def test_a_servers_good_text_is_served_whatever_is_around_it(small) -> None:
    around = f'<think>Hm.</think>\n\nSure! Here is a short promo:\n\n"{GOOD}"\n\n(31 characters)'
    with running() as server:
        server.say = lambda body: completion(around)
        model = Remote(server.address, processor="own_server", name="tiny")
        answer = ask(small, model)
        small.run(model.close())
    assert (answer.blurbs[0].source, answer.blurbs[0].text) == ("written", SERVED)


def promo(client, purpose="promos", **changes):
    context = {
        "region": "DE",
        "age_band": "age_25_34",
        "consents": ["content_profile", "content_use"],
    }
    order = {"title_id": "cold-quay", "context": context, "audience": {"signals": CRIME}}
    response = client.post(f"/v1/{purpose}", json={**order, **changes})
    assert response.status_code == 200
    return response.json()


def test_the_receipt_states_a_hub_models_id_commit_and_digest(tmp_path, monkeypatch) -> None:
    place = tmp_path / "hub" / "models--acme--by-heart"
    snapshot = by_heart(place / "snapshots" / COMMIT, *PIECES)
    download = huggingface_hub.snapshot_download
    monkeypatch.setattr(
        huggingface_hub,
        "snapshot_download",
        lambda *args, **kwargs: download(*args, **{**kwargs, "cache_dir": tmp_path / "hub"}),
    )
    settings = small_settings(tmp_path, model=f"acme/by-heart@{COMMIT}", twins="")
    with listening(settings) as client:
        answer = promo(client)
    assert answer["blurbs"][0]["text"] == SERVED
    digest = folder_digest(snapshot)[:16]
    assert answer["receipt"]["statement"]["model"] == f"acme/by-heart@{COMMIT} sha256:{digest}"


@pytest.fixture(scope="module")
def stories(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stories") / "stories260k"
    convert(STORIES / "stories260K.bin", STORIES / "tok512.bin", folder)
    return folder


with_stories = pytest.mark.skipif(
    not STORIES.is_dir(), reason="../shared/data/stories260k is not here"
)


@with_stories
def test_real_weights_for_which_the_prompt_is_too_long_are_not_given_half_of_it(
    tmp_path, stories
) -> None:
    """Their window is 512 tokens: a prompt that lost its end would have lost facts or bans."""
    settings = small_settings(tmp_path, model=str(stories), twins="")
    with listening(settings) as client:
        for purpose in ("promos", "synopses"):
            answer = promo(client, purpose, length="short")
            (blurb,) = answer["blurbs"]
            assert (blurb["source"], blurb["reason"]) == ("twin", "model_unavailable")
            statement = answer["receipt"]["statement"]
            assert statement["model"] == "reserve 1"
            digest = hashlib.sha256(blurb["text"].encode()).hexdigest()
            assert statement["blurbs"][0]["sha256"] == digest


@with_stories
@pytest.mark.parametrize("purpose", ["promo", "synopsis"])
def test_real_weights_that_know_no_slots_end_in_the_twin(small, tmp_path, stories, purpose) -> None:
    folder = tmp_path / "stories260k"
    shutil.copytree(stories, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 8192}))
    model = Heard(load_model(str(folder), device="cpu", deadline=120))
    assert model.revision == f"stories260k sha256:{folder_digest(folder)[:16]}"
    assert folder_digest(folder) != folder_digest(stories)
    answer = ask(small, model, purpose=purpose, **TILE)
    assert_it_is_the_twin(answer, "check_failed")
    assert any(model.texts)
    assert not any(text and text in str(answer) for text in model.texts)
    small.run(model.close())
