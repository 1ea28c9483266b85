"""Streets, flats, boxes and postcodes of a dozen countries, and titles that only sound like one."""

from __future__ import annotations

import pytest

from tests.unit.privacy.spans import expected, found, rows

VIEWER = rows("""
    i live at «12 Harbour Street» now
    i live at «12 harbour street» now
    at «221B Baker Street» they say
    at «5 St John's Road» they say
    at «14 The Avenue» they say
    at «7a Mill Lane» they say
    at «23-25 Rose Crescent» they say
    at «1600 Pennsylvania Ave NW» they say
    at «350 Fifth Avenue» they say
    at «742 Evergreen Terrace» they say
    at «100 W 42nd St» they say
    at «88 Wattle Grove» they say
    at «9 Rathmines Road» they say
    at «1200 Sunset Blvd, apt 4B» they say
    i am in «flat 4b» here
    i am in «Apartment 7A» here
    send it to «PO Box 123» please
    send it to «P.O. Box 4411» please
    send it to «Postfach 1234» please
    at «Holtenauer Straße 14» they say
    at «Hauptstr. 12a» they say
    at «Lindenallee 3» they say
    at «Am Markt 5, 24103 Kiel» they say
    at «Keizersgracht 123» they say
    at «Storgatan 12» they say
    at «Vesterbrogade 44» they say
    at «Mannerheimintie 5» they say
    at «12 rue de la Paix» they say
    at «5 bis, avenue Victor Hugo» they say
    at «Via Roma 12» they say
    at «Piazza Garibaldi, 3» they say
    at «Calle Mayor 5» they say
    at «Avenida de la Constitución, 20» they say
    at «Rua Augusta 12» they say
    at «ul. Marszałkowska 10/5» they say
    near «YO21 3PU» they say
    near «yo21 3pu» they say
    near «SW1A1AA» they say
    near «M1 1AE» they say
    postcode is «SE15» here
    i live in «SE15» here
    near «K1A 0B1» they say
    in «CA 90210» they say
    in «Texas 75001» they say
    zip «90210» they say
    zip code: «10001-1234» they say
    in «10001-1234» they say
    in «24103 Kiel» they say
    in «D-24103» they say
    in «SE-111 22» they say
    in «DK-2100» they say
    in «PL-00-001» they say
    in «1012 AB Amsterdam» they say
    in «00-001 Warszawa» they say
    in «111 22 Stockholm» they say
    in «1000-001 Lisboa» they say
    in «1010 Wien» they say
    in «2100 Copenhagen» they say
    plz «24103» they say
    near «D02 X285» they say
    in «Sydney NSW 2000» they say
    in «Mumbai 400001» they say
    write to «12 Harbour Street, Whitby, YO21 3PU» please
    «94103» is my zip
    «60614» zip code
    «OX11 7QH» is our postcode
""")
IN_TITLES = rows("""
    Send it to «12 Harbour Street, Whitby, YO21 3PU».
    Send it to «12 Harbour Street, Whitby YO21 3PU».
    Send it to «1600 Pennsylvania Ave NW, Washington, DC 20500».
    Send it to «350 Fifth Avenue, New York, NY 10118».
    Send it to «24 Sussex Drive, Ottawa, ON K1M 1M4».
    Send it to «Holtenauer Straße 14, 24103 Kiel».
    Send it to «Keizersgracht 123, 1015 CJ Amsterdam».
    Send it to «Storgatan 12, 111 22 Stockholm».
""")
LEFT = rows("""
    a street by the sea, a road movie, the long way
    i saw 3 films in a row
    only 2 hours of the way in
    90 minutes of pure drive
    about 10 people on the street
    5 stars all the way
    12 years a slave, 28 days later
    the 2 of them on the road
    3D anywhere close to me
    10 minutes from the end of the road
    90 2 min episodes
    the 100 season 7
    10000 BC and 20000 Leagues
    apollo 13, district 9, die hard 2
    2019 UK thriller and 1994 US remake
    1080 HD print, 4K UHD
    season s1 2nd episode
    90-120 minutes of it
    s01e10 1080p
    it is 21:15 in the park
    in room 237 of a hotel
    24 and 30 rock
    the last 5 minutes drive me mad
    1917 and 1984 and 2001
    part 2 the way of water
    7 days in hell, 8 mile
    that is my zip file
    what is your postcode
    this film is my postcode lottery
""")
LEFT_IN_TITLES = rows("""
    10 Rillington Place, 90210
    21 Jump Street and 22 Jump Street
    10 Cloverfield Lane
    84 Charing Cross Road
    Room 237, Flat 3, Apartment 7A
    1408 and 1600 Penn
    Unit 731, Flight 93, Apollo 13
    A Nightmare on Elm Street 4
    13 Hours, 8 Mile, 16 Blocks, 12 Rounds
    2 Days in Paris, 5 Flights Up, 20 Feet from Stardom
    Set in Vienna in 1950 and in 1938 Berlin.
    District 13 and Route 666
    12 Angry Men sit in a New York court.
    The House at 1313 Mockingbird Lane
    Beverly Hills 90210
    Via Dolorosa (1937), Avenue Montaigne (2006)
    7 Zwerge in Hamburg 2004
""")


@pytest.mark.parametrize("row", VIEWER)
def test_where_a_viewer_lives_is_found(row, engine):
    assert found(row, "viewer", engine) == expected(row, "ADDRESS")


@pytest.mark.parametrize("row", VIEWER)
def test_where_somebody_lives_is_found_in_a_models_text(row, engine):
    assert found(row, "output", engine) == expected(row, "ADDRESS")


@pytest.mark.parametrize("row", IN_TITLES)
@pytest.mark.parametrize("side", ["viewer", "title", "output"])
def test_a_street_with_number_and_postcode_is_found_on_every_side(row, side, engine):
    assert found(row, side, engine) == expected(row, "ADDRESS")


@pytest.mark.parametrize("row", LEFT)
def test_what_viewers_say_of_films_is_no_address(row, engine):
    assert found(row, "viewer", engine) == ()


@pytest.mark.parametrize("row", LEFT_IN_TITLES)
def test_addresses_that_are_titles_are_left(row, engine):
    assert found(row, "title", engine) == ()
