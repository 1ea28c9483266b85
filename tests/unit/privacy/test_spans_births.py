"""Birth dates and ages of persons; not of films, seasons or audiences."""

from __future__ import annotations

import pytest

from tests.unit.privacy.spans import expected, found, rows

VIEWER = rows(
    """
    born «3 May 1988» in Kiel
    born on «May 3rd, 1988»
    born on the «3rd of May 1988»
    i was born in «1990»
    i was born in «March 1990»
    born «'88» and proud
    b. «12/03/1988» here
    (b. «1988») here
    dob: «03/05/1988» here
    d.o.b. «3.5.1988» here
    date of birth «1988-05-03» here
    birthday is «4th July» here
    my birthday is on «May 3rd»
    bday: «3 May» here
    my bday's the «5th of march» here
    a lad's «AGE:5»
    i turned «AGE:18» yesterday
    year of birth: «1988»
    «12 March» is my birthday
    it was «3 May 1988» that day
    i'm «AGE:34» and bored
    im «AGE:19» lol
    i am «AGE:thirty-four years old»
    i'm a «AGE:34 year old» nurse
    i just turned «AGE:40»
    i'm almost «AGE:70» now
    she's «AGE:43 yrs old» now
    she's «AGE:43»
    he is «AGE:9», so nothing scary
    turning «AGE:7» in May
    turns «AGE:7» next week
    «AGE:46F» here
    [«AGE:34M»] here
    «AGE:f/34/london» here
    «AGE:34/m/leeds» here
    aged «AGE:71» here
    age: «AGE:71» here
    for a «AGE:nine-year-old» please
    a «AGE:6 year old» and a «AGE:4 yr old»
    a «AGE:7yo» and a «AGE:3 y/o»
    an «AGE:18 month old»
    «AGE:8 and 11 year olds» in the room
    kids aged «AGE:8 and 11»
    two boys, «AGE:5 and 8»
    the twins are «AGE:6»
    kids («AGE:8, 10 and 13») in the room
    i'm in my «AGE:forties»
    she is in her «AGE:late 60s»
    in my «AGE:mid-thirties» now
    it's her «AGE:40th» birthday
    since i was «AGE:12»
    when i was «AGE:five»
    i'm a «AGE:teenager»
    i'm a «AGE:pensioner»
    for Quellmark, age «AGE:6», who reads
    the eldest is Quellmark, «AGE:91»
    Quellmark, «AGE:55», from somewhere
    the profile (Quellmark, «AGE:10») shows it
    with Quellmark («AGE:83») tonight
    with Quellmark and Zorbly («AGE:9 and 11») tonight
    «AGE:62», retired, likes westerns
    «AGE:45», from here
    bday «04/07» again
    my birthday's on the «4/7»
    dob «4-7» he said
    ich bin «AGE:34 Jahre alt»
    j'ai «AGE:34 ans»
    tengo «AGE:34 años»
    ho «AGE:34 anni»
    ik ben «AGE:34 jaar»
    mam «AGE:34 lat»
    gonna be «AGE:30» soon
    she is going to turn «AGE:seven» next week
    my «AGE:30th» is coming up
    on my «AGE:thirtieth» birthday
    as «AGE:70-somethings» we like it slow
    i'm a «AGE:thirtysomething»
    a «AGE:teenager» here
    i'm in «AGE:year 9» now
    he's in «AGE:4th grade»
    a «AGE:year 9» student
    my «AGE:5th grader» loves it
    we are «AGE:72 and 74»
""",
)
OUTPUT = rows("""
    You're «AGE:34», so laugh.
    Born «3 May 1988», you know.
    Your «AGE:6 year old» will laugh.
    Born on «12/03/1988», you know.
""")
LEFT = rows("""
    a 90-minute film
    an 80s film, a 1990s thriller
    12 episodes, 3 seasons
    rated 15, or 12A
    for ages 8+
    for ages 8 and up
    aged 12 and over
    age 16+ only
    i'm 34 minutes in
    i'm 5 episodes in
    i'm 100% sure
    i am one of those
    it is 12 episodes
    the film is 12
    the rating is 15
    just one, please
    we are two adults
    party size is 3
    a 20-year-old franchise
    a 30 year old film
    the 50th anniversary
    best of 1988
    on Saturday, August 15th
    on 3 May
    out on 12 March 2021
    showing 7/21/2020
    24/7 all the way
    7 out of 10
    part 2 turns 3 friends into foes
    f/2.8 lens on 35mm
    cost 20M dollars, $46M
    Apollo 13, Room 237, District 9
    on Monday, 12, and Friday, 14, please
    Part (2) and Season (3)
    Sorry, 2, not 3
    Yes, 10 out of 10
    10, maybe 12 episodes
    a birthday film, 9/10
    my birthday is a 10 out of 10
    34 ansers to one question
    birthdays 1 to 12
    gonna be 30 degrees
    going to be a long one
    my 30th viewing
    a show about thirtysomethings
    films about a teenager
    year 9 of the war
    in year 3 of the series
    the 4th grade of film stock
    here is a minor point
""")
LEFT_IN_TITLES = rows("""
    Born 3 May 1988 in Kiel.
    A 12-year-old finds a map.
    Turning 30, she leaves.
    Thirty, flirty and 34 years old.
    The twins are 6.
    Born in 1990, he dies in 2010.
    Aged 71, he returns.
    Born on the Fourth of July
    She is in her late 60s.
    13 Going on 30
    The 40-Year-Old Virgin
    17 Again, Sixteen Candles
    This Is 40
    Boyhood follows him from 6 to 18.
    On 9 November 1989 the wall falls.
""")
LEFT_IN_OUTPUT = rows("""
    A 12-year-old finds a map.
    She is 34 and lost.
    The twins are 6.
    Aged 71, he returns.
    The 40-year-old comes home.
    In her late 60s, she leaves.
    Since he was 12, he waits.
    A nine-year-old, alone.
    Rated 15, for ages 12 and up.
    An 80s thriller of 90 minutes.
    Turning 30, she leaves.
    On the 3rd of May they meet.
    A teenager, a pensioner, a dog.
    The 50th birthday of a town.
    It is 12 episodes long.
""")


@pytest.mark.parametrize("row", VIEWER)
def test_when_a_viewer_or_theirs_were_born_is_found(row, engine):
    assert found(row, "viewer", engine) == expected(row, "DATE_OF_BIRTH")


@pytest.mark.parametrize("row", OUTPUT)
def test_the_readers_age_or_birth_is_found_in_a_models_text(row, engine):
    assert found(row, "output", engine) == expected(row, "DATE_OF_BIRTH")


@pytest.mark.parametrize("row", LEFT)
def test_ages_and_dates_of_things_are_left(row, engine):
    assert found(row, "viewer", engine) == ()


@pytest.mark.parametrize("row", LEFT_IN_TITLES)
def test_ages_and_dates_of_a_story_are_left_in_titles(row, engine):
    assert found(row, "title", engine) == ()


@pytest.mark.parametrize("row", LEFT_IN_OUTPUT)
def test_ages_of_characters_are_left_in_a_models_text(row, engine):
    assert found(row, "output", engine) == ()
