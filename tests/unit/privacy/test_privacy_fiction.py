"""What viewers say of stories stays, and everything that tells who they are still goes.

Read by the shipped tagger as the service puts it together.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genservice.privacy.fiction import fiction_in
from genservice.privacy.lexicon import load_lexicon, shipped_words
from genservice.privacy.presidio import Presidio
from genservice.privacy.quiet import nobody_in, quiet_in
from genservice.privacy.screening import screen
from genservice.privacy.tagger import shipped_tagger
from genservice.privacy.values import Finding

LEXICON = load_lexicon()
FICTION = fiction_in(LEXICON)
NAMES = sorted(shipped_words("name-words.txt"))


@pytest.fixture(scope="module")
def engine() -> Presidio:
    tagger = shipped_tagger(quiet=quiet_in(LEXICON), nobody=nobody_in(LEXICON))
    return Presidio((), deadline=20, tagger=tagger, fiction=FICTION)


def person(text: str, name: str) -> Finding:
    start = text.index(name)
    return Finding(start=start, end=start + len(name), type="PERSON", score=1.0)


@pytest.mark.parametrize(
    "text",
    [
        "like Fight Club",
        "The Perfect Weapon fans want more",
        "something like The Perfect Match, but sadder",
        "more of The Fifth Element",
        "between Army of Darkness and Dead Heat",
        "keep it light: The Replacement Killers was too much",
        "a bit like Year of the Gun",
        "Pixar and Disney",
        "anything that Studio Ghibli would make",
        "a western set in Texas",
        "films set in the old town of Kiel",
        "it takes place in Paris",
        "noir from the 40s",
    ],
)
def test_titles_in_everyday_words_the_trade_and_settings_stay(text: str, engine: Presidio) -> None:
    assert screen(text, "viewer", engine=engine).findings == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Fight Club fans like Tariq", "Fight Club fans like <PERSON>"),
        ("like Fight Club, for Priya Raghunathan", "like Fight Club, for <PERSON>"),
        ("Will And Grace Are My Kids", "<PERSON> And <PERSON> Are My Kids"),
        ("Pixar and Marvel Okonkwo", "Pixar and <PERSON>"),
        ("something set near me in Darlington", "something set near me in <LOCATION>"),
        ("i work at Netflix", "i work at <ORGANIZATION>"),
        ("i live in Paris and like films set in Texas",
         "i live in <LOCATION> and like films set in <LOCATION>"),
        ("we moved from Ouagadougou", "we moved from <LOCATION>"),
    ],
)  # fmt: skip
def test_who_somebody_is_goes(text: str, shown: str, engine: Presidio) -> None:
    assert screen(text, "viewer", engine=engine).text == shown


@pytest.mark.parametrize(
    "text", ["like The Perfect Match", "a western set in Texas", "the film that Pixar made"]
)
def test_a_model_may_not_name_even_these(text: str, engine: Presidio) -> None:
    """On its side a name came from nowhere: those of the title are slots."""
    assert screen(text, "output", engine=engine).findings


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my friend Perfect Weapon", "Perfect Weapon"),
        ("thanks, Perfect Weapon", "Perfect Weapon"),
        ("my name is Perfect Weapon", "Perfect Weapon"),
        ("Perfect Weapon said so", "Perfect Weapon"),
        ("somebody called Perfect Weapon", "Perfect Weapon"),
        ("tell Weapon", "Weapon"),
        ("Tell Weapon", "Weapon"),
        ("Perfect Zorblax", "Perfect Zorblax"),
        ("Perfect Emma", "Perfect Emma"),
        ("TELL PERFECT WEAPON NOW", "PERFECT WEAPON"),
        ("perfect weapon", "perfect weapon"),
        ("Perfect Weapon 2", "Perfect Weapon 2"),
    ],
)
def test_what_is_announced_or_stands_alone_or_may_be_a_name_is_no_title(text: str, name: str):
    assert not FICTION(text, person(text, name))


def test_the_same_words_unannounced_are_a_title() -> None:
    text = "like Perfect Weapon"
    assert FICTION(text, person(text, "Perfect Weapon"))


def test_a_film_may_be_called_something() -> None:
    text = "a film called Perfect Weapon"
    assert FICTION(text, person(text, "Perfect Weapon"))


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["Fight", "Perfect", "Daily", "Hunger", "Club"]),
    st.booleans(),
)
def test_no_title_holds_a_word_that_is_somebodys_name(name: str, other: str, first: bool):
    said = f"{name.title()} {other}" if first else f"{other} {name.title()}"
    assert not FICTION(f"like {said}", person(f"like {said}", said))


@settings(max_examples=200)
@given(st.text(max_size=60), st.data())
def test_any_stretch_of_any_text_can_be_asked_about(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    type_ = data.draw(st.sampled_from(["PERSON", "LOCATION", "ORGANIZATION", "ADDRESS"]))
    assert FICTION(text, Finding(start=start, end=end, type=type_, score=1.0)) in (True, False)
