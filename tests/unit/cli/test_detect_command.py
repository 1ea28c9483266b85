"""`genservice detect`: exit codes, and what it says."""

from __future__ import annotations

import json

import pytest
import torch

from genservice.cli import main
from genservice.generation.reading import read_tokenizer
from genservice.generation.sampling import GumbelMax, Sampling
from genservice.generation.watermark import Watermark
from genservice.kept_secrets import kept_secrets
from genservice.settings import WATERMARK_FILE
from tests.unit.generation import tiny_models


@pytest.fixture
def model(tmp_path):
    return tiny_models.words(tmp_path / "model")


@pytest.fixture
def watermarked(tmp_path, model):
    """Plain words of the model's, all equally likely, drawn with the watermark."""
    (secret,) = kept_secrets(tmp_path / "keystore" / WATERMARK_FILE)
    tokenizer = read_tokenizer(model)
    words = torch.tensor(
        tokenizer.convert_tokens_to_ids([w for w in tiny_models.WORDS if w.isalpha()])
    )
    scores = torch.full((1, len(tokenizer)), float("-inf"))
    scores[0, words] = 0.0
    draw = GumbelMax(Sampling(temperature=1.0, top_p=1.0), [1], "", [Watermark(secret).row()])
    tokens = torch.zeros((1, 0), dtype=torch.long)
    for _ in range(200):
        following = draw(tokens, scores).argmax(dim=-1, keepdim=True)
        tokens = torch.cat([tokens, following], dim=1)
    return tokenizer.decode(tokens[0])


@pytest.fixture
def detected(tmp_path, model, capsys):
    def detected(*args):
        where = ["--model", str(model), "--keystore", str(tmp_path / "keystore")]
        with pytest.raises(SystemExit) as ended:
            main(["detect", *where, *args])
        return ended.value.code, *capsys.readouterr()

    return detected


def test_a_watermarked_text_is_something_found(detected, watermarked):
    code, out, _ = detected("--json", watermarked)
    assert code == 1
    told = json.loads(out)
    assert told["verdict"] == "watermarked"
    assert told["p_value"] < told["false_alarms"] == 0.001


def test_of_a_short_text_it_says_nothing_however_it_scores(detected, watermarked):
    words = watermarked.split()
    assert len(words) == 200
    short = " ".join(words[:90])
    code, out, _ = detected("--json", short)
    told = json.loads(out)
    assert (code, told["verdict"]) == (0, "too_short")
    assert told["p_value"] < told["false_alarms"]
    assert "too short to tell" in detected(short)[1]


def test_with_a_newer_secret_before_it_the_old_one_still_finds(tmp_path, detected, watermarked):
    file = tmp_path / "keystore" / WATERMARK_FILE
    file.write_text("A" * 43 + "\n" + file.read_text())
    code, out, _ = detected("--json", watermarked)
    (_, old) = kept_secrets(file)
    assert (code, json.loads(out)["watermark"]) == (1, Watermark(old).id)


def test_a_text_without_one_has_none(detected, watermarked):
    # Every other word: the four before a token are never those that it was drawn after.
    other = " ".join((watermarked.split() * 2)[::3])
    code, out, _ = detected(other)
    assert code == 0
    assert "no watermark found" in out


def test_without_the_secret_it_is_wrong_usage_and_makes_none(tmp_path, detected):
    code, _, err = detected("a text")
    assert code == 2
    assert WATERMARK_FILE in err
    assert not (tmp_path / "keystore").exists()


def test_it_wants_one_text(tmp_path, detected, watermarked):
    file = tmp_path / "text.txt"
    file.write_text(watermarked)
    assert detected()[0] == 2
    assert detected("--file", str(file))[0] == 1
    assert detected("a", "--file", str(file))[0] == 2
