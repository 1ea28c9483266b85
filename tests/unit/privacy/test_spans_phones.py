"""Telephone numbers as people write them, in some thirty countries, and what only looks like one."""

from __future__ import annotations

import pytest

from tests.unit.privacy.spans import expected, found, rows

EVERYWHERE = rows("""
    ring «+44 (0)7700 900 123» please
    it is «+44 20 7946 0958», after six
    the number «0044 20 7946 0958» rang
    from abroad «0049 30 901820»
    she answers «+49 151 23456789»
    write to «+33 6 12 34 56 78»
    at «+34 612 345 678» or never
    and «+39 333 123 4567» too
    or «+31 6 12345678»
    or «+48 512 345 678»
    or «+351 912 345 678»
    or «+46 70 123 45 67»
    or «+353 85 123 4567»
    or «+91 98765 43210»
    or «+61 412 345 678»
    or «+55 (11) 98765-4321»
    or «+81-90-1234-5678»
    or «+971 50 123 4567»
    or «+1.415.555.0132»
    on «020 7946 0958» please
    on «(020) 7946 0958» please
    on «07700 900 123»
    on «06 12 34 56 78» in Paris
    on «01.42.68.53.00» in Paris
    on «030 / 901820-11» in Berlin
    on «0172-1234567» in Kiel
    on «070-123 45 67» in Malmo
    on «040 123 4567» in Turku
    on «0722 123 456» in Cluj
    on «0412 345 678» in Perth
    on «090-1234-5678» in Kobe
    on «010-1234-5678» in Busan
    on «0532 123 45 67» in Izmir
    on «082 123 4567» in Durban
    on «212-555-0142» now
    on «212.555.0142» now
    on «(415) 555-0132» now
    on «(415) 555-0132 ext 4» now
    on «1-800-555-0199» now
    on «０７７００ ９００１２３» now
    on «+44‑7700‑900‑123» now
""")
VIEWER = rows("""
    it is «07700900123»
    it is «0612345678»
    it is «612 345 678» in Madrid
    it is «612 34 56 78» in Madrid
    it is «412 34 567» in Bergen
    it is «22 12 34 56» in Oslo
    it is «98765 43210» in Pune
    it is «9876543210» in Pune
    it is «138 1234 5678» in Wuhan
    it is «9123 4567» in Singapore
    it is «555-0132», ask for me
    it is «07700*900*123»
    it is «07700_900_123»
    it is «0 7 7 0 0 9 0 0 1 2 3»
    call me on «123456» any time
    my mobile number is «4155550132»
    whatsapp: «55 1234 5678»
    tel. «022 345 67»
    it is «oh seven seven double oh nine double oh one two three»
    it is «zero 7 7 zero zero nine hundred 1 2 3»
    it is «zero seven seven, zero zero, nine zero zero, one two three»
    it is «five five five oh one three two»
    it is «O77OO 9OO123»
    it is «07700 9OOl23»
    ring «07700nine00123»
    ring «07700 nine 00 one 23»
    on «oh7700900one23»
""")
LEFT = rows("""
    the best of 1994-2004 and 2010 - 2019
    seasons 2012 2013 2014
    shown in 1920x1080 or 3840x2160
    for 1,000,000 dollars or 12,500,000 euros
    for £250 000 000 worldwide
    about 250 000 people saw it
    rated 8.5/10 by me
    it runs 90 minutes, or 142 in the long cut
    S01E10 and s02e05 are best
    3:10 to Yuma at 20:15
    24/7 since 9/11
    one two three four five six seven
    two and a half hours of it
    one in a million, two of a kind, three billboards
    imdb tt0111161 is my favourite
    isbn 978-0-306-40615-7 is the book
    isbn 0306406152 is the book
    Apollo 13, Room 237, Fahrenheit 451 and 2001
    mark 5 out of 10, 6 of 10
    scores of 3-2 and 21-19, 18-21
    at 24 fps in 35mm or 70mm
    7even and 2gether and 4one
    12one or 3three films
""")
LEFT_IN_TITLES = rows("""
    In 1984 Agent 007 leaves Room 237 for Apollo 13 and Flight 93.
    3:10 to Yuma, 12 Angry Men, 2001: A Space Odyssey, Fahrenheit 451.
    It grossed $1,234,567,890 against a budget of $120 000 000.
    Filmed from 12 March 1994 to 3 May 1995, released 1996-05-03.
    The 1920x1080 print runs 1994-2004.
    Unit 731, District 9, 21 Jump Street, 10 Rillington Place.
    One two three four five six seven, all good children.
    U-571 and THX 1138 meet K-19 in 20,000 Leagues.
    ISBN 0306406152, ISBN 978-0-306-40615-7.
    The pilot drew 12 345 678 viewers.
    Between 1.200.000 and 3.400.000 saw it.
    Prisoner 24601 and inmate 87 45 12 escape.
    Oceans 11, 12 and 13; Seven, Se7en; 50 First Dates.
    Order 66, code 46, 8 1/2, 127 hours, 1408.
    1914-1918, 1939-1945, 1968/69.
""")


@pytest.mark.parametrize("side", ["viewer", "title", "output"])
@pytest.mark.parametrize("row", EVERYWHERE)
def test_a_number_with_an_unmistakable_shape_is_found_on_every_side(row, side, engine):
    assert found(row, side, engine) == expected(row, "PHONE_NUMBER")


@pytest.mark.parametrize("row", VIEWER)
def test_a_viewers_number_is_found_in_whatever_form(row, engine):
    assert found(row, "viewer", engine) == expected(row, "PHONE_NUMBER")


@pytest.mark.parametrize("row", LEFT)
def test_other_numbers_of_viewers_are_left(row, engine):
    assert found(row, "viewer", engine) == ()


@pytest.mark.parametrize("row", LEFT_IN_TITLES)
def test_numbers_of_films_are_left(row, engine):
    assert found(row, "title", engine) == ()
