"""A viewer's family and household, with names or without; not the families of stories."""

from __future__ import annotations

import pytest

from tests.unit.privacy.spans import expected, found, rows

VIEWER = rows("""
    «my daughter Emma» loves whales
    «our son leo» loves whales
    «my late husband Tom» loved it
    with «my mother-in-law Jean» tonight
    with «my little sister Ada» tonight
    with «my sister, Ada», tonight
    with «my brother (Finn») tonight
    with «my two kids Ada and Finn» tonight
    «my twin girls Ada & Finn» sing
    «my mum Rose» hates gore
    «my daughter, called Emma», sings
    «grandma Jo» hates gore
    «uncle Bob» hates gore
    «auntie jean» hates gore
    «the twins Ada and Finn» sing
    «the kids, Ada and Finn», sing
    «i live with my two kids» here
    «i live alone» here
    «we have three children» here
    «i've got two boys» here
    «i have a toddler» here
    «i'm a single mum of three» here
    «as a mother of two» here
    a «family of five» here
    «my ex-husband» too
    «my late wife» too
    «my autistic son» likes trains
    «my pregnant sister» cries
    «my poorly gran» sleeps
    «my elderly mother» sleeps
    «my foster daughter» sings
    «my 9-year-old son» sings
    «My Daughter Emma» loves whales
    «my son Zorblax Thornbury» sings
    me and «my three kids»
    «our two boys» want cartoons
""")
LEFT = rows("""
    my husband wants something funny
    for my kids please
    for our kids, please
    with my wife's mother tonight
    with my eldest son tonight
    my girlfriend likes gore
    my grandparents like it slow
    my flatmate talks too much
    a mother and daughter story
    a story of brothers, sisters and sons
    loved My Sister's Keeper
    loved My Cousin Vinny
    seen My Big Fat Greek Wedding twice
    father of the bride, mother of tears
    the daughter of a king
    the kids are all right
    family films, please
    something for the family
    a husband and wife who spy
    her mother never calls
    the twins in it were great
    my favourite films
    my turn to choose
    our house is full
    little women and big brother
    brother bear and sister act
    uncles and aunts in black
    i have two tickets
    i live for horror
    we have a winner
    as a fan of horror
    an heir, an ex and a will
    baby driver, cousin bette
""")
TITLES = rows("""
    My daughter Emma loves whales.
    Our son Leo loves whales.
    A widower lives with his two kids.
    My Cousin Vinny, My Girl, My Left Foot.
    Grandma Jo and Uncle Buck.
    I live with my two kids.
    The twins Ada and Finn.
    Mother of two.
    My late husband Tom.
    We have three children.
    As a mother of two, she fights.
    My wife's mother comes.
    Family of five.
    Auntie Mame, Uncle Boonmee.
    The kids, Ada and Finn, sing.
""")


@pytest.mark.parametrize("row", VIEWER)
def test_a_viewers_family_goes_with_its_names_as_one(row, engine):
    assert found(row, "viewer", engine) == expected(row, "FAMILY")


@pytest.mark.parametrize("row", LEFT)
def test_families_of_stories_are_left(row, engine):
    assert found(row, "viewer", engine) == ()


@pytest.mark.parametrize("row", TITLES)
@pytest.mark.parametrize("side", ["title", "output"])
def test_families_in_titles_and_texts_are_nobodys(row, side, engine):
    assert found(row, side, engine) == ()
