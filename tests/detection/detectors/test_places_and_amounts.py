"""An account in two countries, and data that leaves, at their edges."""

from __future__ import annotations

import json

from tests.logs.reading import read

_SENT = 'date=2026-03-01 time=02:{m:02d}:00 devname="fw1" type="traffic" srcip={ip} dstip={to} dstport=443 action="close" app="ssl" sentbyte={n} rcvdbyte={back}\n'


def act(minute: int, ip: str, country: str, user: str = "eve", **more: str) -> str:
    moment = f"2026-03-01T{2 + minute // 60:02d}:{minute % 60:02d}:00Z"
    said = {"time": moment, "action": "tunnel up", "user": user, "src_ip": ip, "src_country": country}
    return json.dumps({**said, **more}) + "\n"


def test_an_account_in_two_countries_is_told_with_what_it_did_in_the_later_one() -> None:
    away = act(20, "198.51.100.4", "Chile") + act(25, "198.51.100.4", "Chile", action="file read")
    done = read(act(0, "203.0.113.9", "Norway") + away + act(22, "203.0.113.77", "Norway", "bob"))
    (found,) = done.of("auth.two-countries")
    assert found.title == "eve used from Chile and Norway at once, from 198.51.100.4"
    assert (found.entity, found.score, found.count) == ("198.51.100.4", 8, 2)
    assert found.reasons[0].title == "eve acted from Chile (198.51.100.4) and from Norway within 120 min"


def test_time_to_travel_four_countries_refused_logins_shared_accounts_and_ones_own_network_are_no_two_places() -> (
    None
):
    home = act(0, "203.0.113.9", "Norway")
    many = "".join(act(n, f"198.51.100.{n}", f"Country {n}") for n in range(3))
    for log in (
        home + act(121, "198.51.100.4", "Chile"),
        home + many,
        home + act(5, "198.51.100.4", "Chile", outcome="failure"),
        home.replace("eve", "guest") + act(5, "198.51.100.4", "Chile", "guest"),
        home + act(5, "10.0.0.4", "Chile"),
    ):
        assert read(log).of("auth.two-countries") == [], log
    assert read(home + act(120, "198.51.100.4", "Chile")).of("auth.two-countries")


def sent(
    count: int, ip: str = "10.0.0.9", to: str = "203.0.113.9", n: int = 100_000_000, back: int = 40_000
) -> str:
    return "".join(_SENT.format(m=at, ip=ip, to=to, n=n, back=back) for at in range(count))


def test_what_leaves_is_told_with_how_much_it_is_and_to_whom() -> None:
    done = read(sent(20) + sent(3, to="203.0.113.8", n=5_000) + sent(2, ip="10.0.0.8"))
    (found,) = done.incidents
    assert found.title == "2.0 GB sent to 203.0.113.9 from 10.0.0.9"
    assert (found.score, found.count) == (8, 20)
    assert found.reasons[0].title == "10.0.0.9 sent 2.0 GB to 203.0.113.9"


def test_what_comes_back_as_much_what_comes_in_and_small_pieces_do_not_leave() -> None:
    for log in (
        sent(20, back=25_000_000), sent(20, ip="203.0.113.7"), sent(20, n=999_999), sent(10) + sent(10, ip="10.0.0.8"),
    ):  # fmt: skip
        assert read(log).of("data.leaving") == [], log[:200]
