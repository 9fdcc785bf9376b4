"""Signing in by a provider and by a proxy's word, and each lie that either is told with."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from soc import clock
from soc.access.accounts import LOCAL, Identity, account_of, apply_table, disable_person
from soc.access.providers import check_providers, role_table
from soc.access.scopes import AccessRole
from soc.access.sessions import find_seat
from soc.domain.actor import AT_THE_SHELL
from soc.errors import ConfigurationError
from soc.serving import front_door, guarded_routes, sign_in_gate
from soc.serving.signin.oidc import forget_documents
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.people.accounts import find_account
from tests.access.provider import Provider
from tests.access.signed_in import switch_on

OWN = "http://127.0.0.1:8501"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture
def app(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    migrate()
    forget_documents()
    provider.lie, provider.sign = lambda _claims: None, provider.signed
    switch_on(monkeypatch, "oidc", **provider.settings())
    return _served()


def _served() -> Starlette:
    page = Route(
        "/{path:path}", lambda request: PlainTextResponse(str(request.headers.get("x-forwarded-user")))
    )
    return Starlette(
        routes=[*guarded_routes(listens_beyond_loopback=False), page],
        middleware=[front_door(listens_beyond_loopback=False), sign_in_gate(listens_beyond_loopback=False)],
    )


def _browser(app: Starlette, address: str = "127.0.0.1") -> TestClient:
    return TestClient(app, base_url=OWN, follow_redirects=False, client=(address, 5000))


def _leave(client: TestClient, provider: Provider, onto: str = "/rules") -> str:
    """The provider's address that the browser is led to."""
    return client.get("/signin/start", params={"issuer": provider.issuer, "next": onto}).headers["location"]


def _at_the_provider(address: str, name: str) -> str:
    """What the browser comes back with, once somebody said who they are."""
    back = httpx.get(f"{address}&as={name}").headers["location"]
    assert back.startswith(f"{OWN}/signin/callback?")
    return back.removeprefix(OWN)


def _sign_in(app: Starlette, provider: Provider, name: str = "bo") -> tuple[TestClient, Any]:
    client = _browser(app)
    return client, client.get(_at_the_provider(_leave(client, provider), name))


def test_who_the_provider_names_comes_in_with_the_role_of_their_groups(
    app: Starlette, provider: Provider
) -> None:
    client, came = _sign_in(app, provider)
    assert (came.status_code, came.headers["location"]) == (303, "/rules")
    seat = find_seat(client.cookies["soc_session"])
    assert seat is not None
    assert (seat.issuer, seat.subject, seat.name, seat.role) == (
        provider.issuer,
        "bo",
        "Bo",
        AccessRole.VIEWER,
    )
    assert client.get("/rules").status_code == 200
    assert client.get("/api/v1/rules").status_code == 200
    refused = client.post("/api/v1/rules/reorder", json={"ids": []})
    assert (refused.status_code, "lead" in refused.json()["hint"]) == (403, True)
    with write_session() as session:
        disable_person(session, seat.person_id, actor=AT_THE_SHELL, now=clock.now())
    assert client.get("/rules").status_code == 401
    assert _sign_in(app, provider)[1].status_code == 403
    assert _sign_in(app, provider, "mallory")[1].status_code == 403  # of no group


def test_whoever_signs_out_is_offered_to_sign_out_at_the_provider_where_it_says_how(
    app: Starlette, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = f"{provider.issuer}/logout?realm=soc"
    for declares, offered in (
        ({}, False),
        ({"end_session_endpoint": there}, True),
        ({"end_session_endpoint": "javascript:alert(1)"}, False),
    ):
        forget_documents()
        monkeypatch.setattr(provider, "declares", declares)
        client, _came = _sign_in(app, provider)
        gone = client.post("/signout", headers={"Origin": OWN})
        assert gone.headers["location"].startswith("/signin?left=")
        said = client.get(gone.headers["location"]).text
        assert "You are signed out here." in said
        assert ("Sign out at Test provider too" in said) is offered
        assert "javascript:" not in said
    address = unescape(_address_of_the_button(client, provider, monkeypatch, there))
    assert address.startswith(f"{there}&")
    assert parse_qs(urlsplit(address).query) == {
        "realm": ["soc"], "client_id": ["soc"], "post_logout_redirect_uri": [f"{OWN}/signin"],
    }  # fmt: skip
    assert "signed out" not in client.get("/signin", params={"left": "https://evil.example"}).text


def _address_of_the_button(
    client: TestClient, provider: Provider, monkeypatch: pytest.MonkeyPatch, there: str
) -> str:
    """The address of the button on the page after signing out."""
    forget_documents()
    monkeypatch.setattr(provider, "declares", {"end_session_endpoint": there})
    said = client.get("/signin", params={"left": provider.issuer}).text
    return said.split("You are signed out here.")[1].split("href='")[1].split("'")[0]


def test_a_token_that_lies_lets_nobody_in(app: Starlette, provider: Provider) -> None:
    lies: dict[str, Any] = {
        "expired": lambda claims: claims.update(exp=claims["iat"] - 120),
        "of no end": lambda claims: claims.pop("exp"),
        "of the future": lambda claims: claims.update(iat=claims["iat"] + 3600),
        "for others": lambda claims: claims.update(aud="another"),
        "for many": lambda claims: claims.update(aud=["soc", "another"]),
        "of another party": lambda claims: claims.update(azp="another"),
        "by another": lambda claims: claims.update(iss="https://id.example"),
        "of another sign-in": lambda claims: claims.update(nonce="n"),
        "of no sign-in": lambda claims: claims.pop("nonce"),
        "of nobody": lambda claims: claims.update(sub=""),
    }
    for lie in lies.values():
        provider.lie = lie
        assert _sign_in(app, provider)[1].status_code == 401, lie
    provider.lie = lambda _claims: None
    for sign in (
        provider.unsigned,
        provider.forged,
        provider.confused,
        provider.changed,
        lambda _claims: "a.b.c",
    ):
        provider.sign = sign
        client, came = _sign_in(app, provider)
        assert came.status_code == 401, sign
        assert "soc_session" not in client.cookies
    with read_session() as session:
        assert find_account(session, provider.issuer, "bo") is None
    provider.sign = provider.signed
    assert _sign_in(app, provider)[1].status_code == 303


def test_what_no_database_holds_is_no_part_of_a_name_and_no_group(app: Starlette, provider: Provider) -> None:
    group = "soc-viewers"
    told: dict[str, Any] = {"sub": "odd", "name": "O\0dd", "groups": [f"{group}\0"]}
    provider.lie = lambda claims: claims.update(told)
    assert _sign_in(app, provider)[1].status_code == 403  # it is another group, not this one
    told["groups"] = [group, f"{group}\0"]
    client, came = _sign_in(app, provider)
    assert came.status_code == 303
    seat = find_seat(client.cookies["soc_session"])
    assert seat is not None
    assert seat.name == "O dd"
    with read_session() as session:
        account = find_account(session, provider.issuer, "odd")
        assert account is not None
        assert account.groups == [group]
    told["sub"] = "odd\0"
    assert _sign_in(app, provider)[1].status_code == 401


def test_a_provider_whose_words_cannot_be_read_is_away(
    app: Starlette, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = "https://[::1"
    wrong: list[dict[str, Any]] = [
        {"authorization_endpoint": one} for one in (half, "https://id/\0", "https://id\u2100.example", [half])
    ]
    wrong += [{name: half} for name in ("token_endpoint", "jwks_uri", "userinfo_endpoint")]
    provider.lie = lambda claims: claims.pop("groups", None)
    for declared in (*wrong, {"token_endpoint_auth_methods_supported": 5, "end_session_endpoint": half}):
        forget_documents()
        monkeypatch.setattr(provider, "declares", declared)
        if declared not in wrong:
            provider.lie = lambda _claims: None
        client = _browser(app)
        left = client.get("/signin/start", params={"issuer": provider.issuer})
        if "authorization_endpoint" not in declared:
            left = client.get(_at_the_provider(left.headers["location"], "bo"))
        assert left.status_code == (502 if declared in wrong else 303), declared
    assert _browser(app).get("/signin", params={"left": provider.issuer}).status_code == 200
    for answer, status in ((b"[" * 100_000, 200), (b"{}", 403), (b"\xff", 200)):
        forget_documents()
        says = _says(answer, status)
        monkeypatch.setattr("soc.serving.signin.oidc.shared_client", lambda says=says: says)
        assert _browser(app).get("/signin/start", params={"issuer": provider.issuer}).status_code == 502


def _says(body: bytes, status: int) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(status, content=body)))


def test_whom_a_provider_names_is_kept_to_the_letter(app: Starlette, provider: Provider) -> None:
    for subject in ("a  b", " ab ", "x" * 255):
        told = {"sub": subject, "groups": ["soc-viewers"], "name": ""}
        provider.lie = lambda claims, told=told: claims.update(told)
        for _time in range(2):
            client, came = _sign_in(app, provider)
            assert came.status_code == 303
            seat = find_seat(client.cookies["soc_session"])
            assert seat is not None
            assert (seat.subject, len(seat.name) <= 200) == (subject, True)


def test_an_answer_belongs_to_the_browser_that_asked_and_is_taken_once(
    app: Starlette, provider: Provider
) -> None:
    mine, other = _browser(app), _browser(app)
    back = _at_the_provider(_leave(other, provider), "anna")
    assert mine.get(back).status_code == 401  # somebody else's answer, planted
    _leave(mine, provider)
    assert mine.get(back).status_code == 401
    assert other.get(back).status_code == 303
    assert other.get(back).status_code == 401
    asked = parse_qs(urlsplit(_leave(mine, provider, "//evil.example")).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{OWN}/signin/callback"]
    kept = mine.cookies["soc_signin"]
    assert not [one for one in (asked["state"][0], asked["nonce"][0]) if one in kept]
    assert mine.get("/signin/start", params={"issuer": "https://evil.example"}).status_code == 404
    assert mine.get(f"/signin/callback?error=access_denied&state={asked['state'][0]}").status_code == 401


def test_a_provider_that_has_a_new_key_is_asked_for_it_once(app: Starlette, provider: Provider) -> None:
    for kid in ("second", "third"):
        assert _sign_in(app, provider)[1].status_code == 303
        provider.key = type(provider.key).generate_key(2048, {"kid": kid, "use": "sig"})
        before = provider.asked.count("/jwks")
        assert _sign_in(app, provider)[1].status_code == 303
        assert provider.asked.count("/jwks") == before + 1


def test_the_table_of_roles_applies_to_groups_of_the_last_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    switch_on(monkeypatch, "local", SOC_ROLES="a=viewer, b=lead")
    now = clock.now()
    with write_session() as session:
        row = account_of(session, Identity("https://a", "1", groups=("a", "b")), role_table(), now=now)
        assert row is not None
        assert row.role == "lead"
        changed = apply_table(session, {"a": AccessRole.VIEWER}, actor=AT_THE_SHELL)
        assert [(one.id, one.role) for one in changed] == [(row.id, "viewer")]


def test_a_proxy_is_believed_from_its_own_address_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate()
    switch_on(monkeypatch, "proxy", SOC_PROXY_ADDRESSES="10.0.0.5", SOC_ROLES="soc-leads=lead")
    monkeypatch.setattr("soc.serving.signin.gate.exposed", lambda *_args, **_more: False)
    app = _served()
    anna = {"X-Forwarded-User": "anna", "X-Forwarded-Groups": "soc-leads,others"}
    proxied = _browser(app, "10.0.0.5")
    assert proxied.get("/signin?next=/rules", headers=anna).headers["location"] == "/rules"
    assert proxied.get("/rules", headers=anna).text == "anna"
    other = {**anna, "X-Forwarded-User": "bo"}
    assert proxied.get("/rules", headers=other).status_code == 401  # the cookie is another's
    assert proxied.get("/rules").status_code == 401  # the proxy does not vouch any more
    stolen = proxied.cookies["soc_session"]
    stranger = _browser(app, "10.0.0.6")
    for spelled in (anna, {"X_Forwarded_User": "anna", "X_Forwarded_Groups": "soc-leads"}):
        assert "soc_session" not in stranger.get("/signin", headers=spelled).headers.get("set-cookie", "")
        headers = {**spelled, "Cookie": f"soc_session={stolen}"}
        assert stranger.get("/rules", headers=headers).status_code == 401
        assert stranger.get("/api/v1/rules", headers=headers).status_code == 401


def test_settings_that_nobody_could_sign_in_by_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "kept to ourselves"
    for wrong in ("", "{}", "[]", "[1]", '[{"issuer": "http://id.example", "client_id": "soc"}]', '[{"issuer": "https://id.example"}]',
                  f'[{{"issuer": "https://id.example", "client_id": "soc", "secret": "{secret}"}}]'):  # fmt: skip
        switch_on(monkeypatch, "oidc", SOC_OIDC_PROVIDERS=wrong)
        with pytest.raises(ConfigurationError) as refused:
            check_providers()
        assert secret not in str(refused.value)
    switch_on(monkeypatch, "proxy", SOC_PROXY_ADDRESSES="")
    with pytest.raises(ConfigurationError):
        check_providers()
    for wrong in ("soc-leads", "soc-leads=boss", "=lead"):
        switch_on(monkeypatch, LOCAL, SOC_ROLES=wrong)
        with pytest.raises(ConfigurationError):
            check_providers()
