"""What proves who somebody is: a token's every claim, a provider's settings, a proxy's word, a cookie, a password."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from soc.access import passwords
from soc.access.accounts import Identity
from soc.access.cookies import cookie, cookie_of, no_cookie, token_in, token_of
from soc.access.id_tokens import KeyUnknown, TokenRefused, check_id_token, key_set
from soc.access.passwords import address_of_secret, hash_password, is_password, new_secret, step_of_code
from soc.access.providers import (
    Provider,
    check_providers,
    provider_of,
    providers,
    proxy_networks,
    role_table,
)
from soc.access.scopes import AccessRole, Scope
from soc.access.sessions import Seat
from soc.access.vouched import seat_of, vouched_for, without_claims
from soc.errors import ConfigurationError
from soc.settings import get_settings
from tests.access.signed_in import switch_on

NOW = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER, CLIENT, NONCE = "https://id.example", "soc", "nonce-1"
CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": CLIENT, "sub": "7", "exp": AT + 60, "iat": AT, "nonce": NONCE}
KEY, OTHER = ECKey.generate_key("P-256", {"kid": "one"}), ECKey.generate_key("P-256", {"kid": "two"})


@pytest.fixture(autouse=True)
def _settings_of_this_test() -> Iterator[None]:
    yield
    get_settings.cache_clear()


def _check(claims: dict[str, Any], *, key: Any = KEY, keys: KeySet | None = None, **header: Any) -> Any:
    token = jwt.encode({"alg": "ES256", "kid": key.kid, **header}, claims, key)
    return _said(token, keys)


def _said(token: str, keys: KeySet | None = None, nonce: str = NONCE) -> Any:
    known = keys or KeySet([KEY, OTHER])
    return check_id_token(token, known, issuer=ISSUER, client_id=CLIENT, nonce=nonce, now=NOW)


def test_a_token_holds_when_each_claim_is_what_we_began_with() -> None:
    for change in (
        {}, {"aud": [CLIENT]}, {"aud": [CLIENT, "x"], "azp": CLIENT}, {"azp": CLIENT}, {"exp": AT - 59}, {"iat": AT + 60},
        {"nbf": AT + 60}, {"sub": "x" * 255}, {"exp": AT + 0.5},
    ):  # fmt: skip
        assert _check({**CLAIMS, **change})["sub"]
    assert _check(CLAIMS, key=OTHER)["sub"] == "7"


def test_a_token_of_which_one_claim_is_wrong_proves_nothing_and_says_which_to_the_log_alone() -> None:
    for why, change in (
        ("issuer", {"iss": ISSUER + "/"}), ("issuer", {"iss": None}), ("audience", {"aud": "other"}), ("audience", {"aud": ["x"]}),
        ("another party", {"azp": "other"}), ("many audiences", {"aud": [CLIENT, "x"]}), ("over", {"exp": AT - 60}),
        ("over", {"exp": None}), ("over", {"exp": True}), ("over", {"exp": float("nan")}), ("over", {"exp": float("inf")}), ("over", {"exp": 10**400}),
        ("of the future", {"iat": AT + 61}),
        ("of the future", {"iat": "now"}), ("not yet", {"nbf": AT + 61}), ("not yet", {"nbf": "x"}), ("nonce", {"nonce": "other"}),
        ("nonce", {"nonce": None}), ("subject", {"sub": ""}), ("subject", {"sub": 7}), ("subject", {"sub": "x" * 256}),
        ("subject", {"sub": "a\nb"}),
    ):  # fmt: skip
        with pytest.raises(TokenRefused) as refused:
            _check({**CLAIMS, **change})
        assert why in refused.value.why, change
        assert refused.value.message == "The provider's answer does not prove who you are."
    with pytest.raises(TokenRefused, match="does not prove"):
        _said(jwt.encode({"alg": "ES256", "kid": "one"}, {**CLAIMS, "nonce": ""}, KEY), nonce="")


def test_only_a_public_key_of_the_provider_s_proves_a_token() -> None:
    stranger = ECKey.generate_key("P-256", {"kid": "three"})
    with pytest.raises(KeyUnknown):
        _check(CLAIMS, key=stranger)
    for wrong in (ECKey.generate_key("P-256", {"kid": "one"}), ECKey.generate_key("P-256", {"kid": "two"})):
        with pytest.raises(TokenRefused) as refused:
            _check(CLAIMS, key=wrong)
        assert not isinstance(refused.value, KeyUnknown)
    bare = jwt.encode({"alg": "ES256"}, CLAIMS, KEY)
    assert _said(bare, KeySet([KEY]))["sub"] == "7"
    with pytest.raises(KeyUnknown):
        _said(bare)  # which of the two?
    secret = jwt.encode({"alg": "HS256", "kid": "one"}, CLAIMS, OctKey.import_key("x" * 32))
    good = jwt.encode({"alg": "ES256", "kid": "one"}, CLAIMS, KEY)
    for text in ("", "a.b", "a.b.c", good + ".x", good[:-3] + "AAA", secret, "." * 2 + "x" * 70_000):
        with pytest.raises(TokenRefused):
            _said(text)


def test_of_a_provider_s_set_the_public_keys_that_sign_are_taken() -> None:
    one, two = ({**key.as_dict(private=False), "kid": name} for key, name in ((KEY, "one"), (OTHER, "two")))
    secret = {"kty": "oct", "k": "eHh4", "kid": "o"}
    keys = key_set(
        {
            "keys": [
                one,
                {**two, "use": "sig"},
                {**two, "kid": "enc", "use": "enc"},
                secret,
                {"kty": "EC"},
                {"kty": ["EC"]},
                "x",
            ]
        }
    )
    assert [key.kid for key in keys.keys] == ["one", "two"]
    for none in ({}, {"keys": []}, {"keys": "x"}, {"keys": [secret]}, [], None):
        with pytest.raises(TokenRefused) as refused:
            key_set(none)
        assert refused.value.why == "the provider names no key"


def _provided(monkeypatch: pytest.MonkeyPatch, *given: Any) -> tuple[Provider, ...]:
    text = given[0] if len(given) == 1 and isinstance(given[0], str) else json.dumps(list(given))
    switch_on(monkeypatch, "oidc", SOC_OIDC_PROVIDERS=text)
    return providers()


def test_a_provider_is_written_to_the_letter_and_no_value_of_it_is_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = {"issuer": f" {ISSUER} ", "client_id": " soc "}
    whole = {
        "issuer": "http://localhost:9/x", "client_id": "c", "client_secret": " s ", "name": " Ours ", "scopes": " openid ",
    }  # fmt: skip
    found = _provided(monkeypatch, short, whole)
    assert found == (
        Provider("id.example", ISSUER, "soc", "", "openid profile"),
        Provider("Ours", "http://localhost:9/x", "c", " s ", "openid"),
    )
    assert (provider_of(ISSUER), provider_of(ISSUER + "/")) == (found[0], None)
    canary = {"client_secret": "canary-secret"}
    for said, given in (
        ("https address", {**short, "issuer": "http://id.example", **canary}), ("https address", {**short, "issuer": "id.example"}),
        ("https address", {**short, "issuer": "wss://id.example"}),
        ("https address", {**short, "issuer": "https://"}), ("https address", {**short, "issuer": "https://[::1"}), ("client_id is missing", {"issuer": ISSUER, **canary}),
        ("secrets is not known", {**short, "secrets": "canary-secret"}), ("object of texts", {**short, "client_secret": 7}),
        ("object of texts", ["x"]), ("JSON list", "{"), ("JSON list", "[" * 100_000), ("JSON list", "[]"), ("JSON list", '{"a": "canary-secret"}'),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match=said) as refused:
            _provided(monkeypatch, given)
        assert "canary" not in f"{refused.value}{refused.value.hint}"
    with pytest.raises(ConfigurationError, match="once"):
        _provided(monkeypatch, short, {**whole, "issuer": ISSUER})
    switch_on(monkeypatch, "local")
    assert (providers(), provider_of(ISSUER)) == ((), None)


def test_groups_give_the_roles_that_are_written_beside_them(monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, SOC_ROLES="soc=analyst, cn=boss,a=b = admin")
    with pytest.raises(ConfigurationError, match="SOC_ROLES"):
        role_table()  # a comma parts entries: `cn=boss` names no role
    switch_on(monkeypatch, SOC_ROLES="soc=analyst,a=b = admin")
    assert role_table() == {"soc": AccessRole.ANALYST, "a=b": AccessRole.ADMIN}
    for wrong in ("soc", "=admin", "soc=king", " =viewer"):
        switch_on(monkeypatch, SOC_ROLES=wrong)
        with pytest.raises(ConfigurationError, match="SOC_ROLES"):
            check_providers()


def test_each_scope_covers_what_is_written_and_each_role_has_one() -> None:
    covered = {scope: {other for other in Scope if scope.covers(other)} for scope in Scope}
    read, act, lead, audit, admin = Scope.READ, Scope.ACT, Scope.LEAD, Scope.AUDIT, Scope.ADMIN
    assert covered == {
        read: {read}, act: {read, act}, lead: {read, act, lead}, audit: {read, audit}, admin: set(Scope),
    }  # fmt: skip
    assert {role.value: role.scope for role in AccessRole} == {
        "viewer": read, "analyst": act, "lead": lead, "admin": admin, "auditor": audit,
    }  # fmt: skip


def _scope(client: Any, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "client": client, "headers": list(headers), "scheme": "http"}


def test_a_proxy_is_believed_from_its_own_networks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    switch_on(monkeypatch, "proxy", SOC_PROXY_ADDRESSES="10.1.0.0/16,10.0.0.5", SOC_PROXY_USER_HEADER="X-User",
              SOC_PROXY_GROUPS_HEADER="X-Groups")  # fmt: skip
    user, groups = (b"x-user", b" anna "), (b"X_Groups", b"soc, ,boss,")
    for address in ("10.1.255.255", "10.0.0.5"):
        said = vouched_for(_scope((address, 1), user, groups, (b"x-groups", b"more")))
        assert said is not None
        assert (said.issuer, said.subject, said.name, said.groups) == (
            "proxy",
            "anna",
            "anna",
            ("soc", "boss", "more"),
        )
    ours = ("10.0.0.5", 1)
    for written in ("J\u00f3n".encode(), "J\u00f3n".encode("latin-1")):
        said = vouched_for(_scope(ours, (b"x-user", written), (b"x-groups", "führung".encode())))
        assert said == Identity("proxy", "J\u00f3n", "J\u00f3n", ("führung",))
    for client in (("10.2.0.0", 1), ("10.0.0.6", 1), None, ("", 1)):
        assert vouched_for(_scope(client, user)) is None
        kept = without_claims(_scope(client, user, groups, (b"X_USER", b"x"), (b"accept", b"*")))
        assert kept["headers"] == [(b"accept", b"*")]
    for headers in (
        (),
        (user, user),
        ((b"x-user", b" "),),
        ((b"x-user", b"a\x00b"),),
        ((b"x-user", b"x" * 201),),
    ):
        assert vouched_for(_scope(ours, *headers)) is None
    assert without_claims(_scope(ours, user))["headers"] == [user]
    switch_on(monkeypatch, "local")
    assert (proxy_networks(), vouched_for(_scope(ours, user))) == ((), None)
    switch_on(monkeypatch, "proxy", SOC_PROXY_ADDRESSES="10.0.0.5/8")
    with pytest.raises(ConfigurationError, match="SOC_PROXY_ADDRESSES cannot be used"):
        proxy_networks()
    switch_on(monkeypatch, "proxy", SOC_PROXY_ADDRESSES="")
    with pytest.raises(ConfigurationError, match="SOC_PROXY_ADDRESSES none"):
        check_providers()


def test_what_people_are_to_sign_in_by_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    one = json.dumps([{"issuer": ISSUER, "client_id": CLIENT}])
    for way, given, said in (
        ("local", {}, ""), ("proxy", {"SOC_PROXY_ADDRESSES": "10.0.0.5"}, ""), ("proxy", {"SOC_PROXY_ADDRESSES": ""}, "SOC_PROXY_ADDRESSES none"),
        ("oidc", {"SOC_OIDC_PROVIDERS": one}, ""), ("oidc", {"SOC_OIDC_PROVIDERS": "[]"}, "SOC_OIDC_PROVIDERS cannot be used"),
    ):  # fmt: skip
        switch_on(monkeypatch, way, **given)
        if said:
            with pytest.raises(ConfigurationError, match=said):
                check_providers()
        else:
            check_providers()


def test_a_session_that_a_proxy_vouched_for_needs_its_word_for_the_same_person_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    switch_on(monkeypatch, "proxy", SOC_PROXY_ADDRESSES="10.0.0.5", SOC_PROXY_USER_HEADER="X-User")
    ours, theirs = (
        Seat("ses-1", "acc-1", "per-1", "Bo", issuer, "bo", AccessRole.LEAD, NOW, NOW)
        for issuer in ("proxy", ISSUER)
    )
    for seat, said, sits in (
        (ours, b"bo", ours), (ours, b"anna", None), (ours, b"cy", None), (ours, None, None), (theirs, None, theirs),
        (theirs, b"anna", theirs), (None, b"bo", None),
    ):  # fmt: skip
        monkeypatch.setattr("soc.access.vouched.find_seat", lambda _token, seat=seat: seat)
        headers = [] if said is None else [(b"x-user", said)]
        assert seat_of(_scope(("10.0.0.5", 1), *headers)) == sits


def test_the_cookie_of_https_goes_first_and_the_plain_one_is_not_looked_at_there() -> None:
    assert cookie("t", secure=True) == "__Host-soc_session=t; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert cookie("t", secure=False) == "soc_session=t; Path=/; HttpOnly; SameSite=Lax"
    assert no_cookie(secure=True) == "__Host-soc_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure"
    assert no_cookie(secure=False) == "soc_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    assert token_in({"__Host-soc_session": "a", "soc_session": "b"}) == "a"
    assert (token_in({"soc_session": "b", "__Host-soc_session": ""}), token_in({})) == ("b", "")
    headers = [
        (b"accept", b"soc_session=no"),
        (b"Cookie", b"x=1; soc_session=p"),
        (b"cookie", b"soc_session=q;__Host-soc_session=s=s"),
    ]
    assert (token_of(headers, secure=False), token_of(headers, secure=True)) == ("p", "s=s")
    assert (token_of(headers[:2], secure=True), cookie_of(headers, "soc_sessio")) == ("", "")


def test_a_password_is_twelve_to_two_hundred_signs_of_four_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 64, 1))
    passwords._nobody.cache_clear()
    for weak in ("abcd1234567", "abc" * 4, "abcd" * 50 + "e"):
        with pytest.raises(ConfigurationError, match="cannot be used") as refused:
            hash_password(weak)
        assert "12 to 200" in refused.value.hint
    for good in ("abcdabcdabcd", "abcd" * 50):
        kept = hash_password(good)
        assert kept.startswith("$argon2id$")
        assert (is_password(good, kept), is_password(good + "x" if len(good) < 200 else good[:-1], kept)) == (
            True,
            False,
        )
    assert [is_password(text, "") for text in ("nobody's password", "")] == [False, False]
    assert not is_password("abcdabcdabcd", "no hash")
    passwords._nobody.cache_clear()


def test_a_code_is_of_this_half_minute_or_a_neighbour_and_its_step_is_told() -> None:
    secret = new_secret()
    totp, step = pyotp.TOTP(secret), AT // 30
    at = [NOW + timedelta(seconds=30 * number) for number in (-2, -1, 0, 1, 2)]
    assert [step_of_code(totp.at(moment), secret, NOW) for moment in at] == [0, step - 1, step, step + 1, 0]
    code = totp.at(NOW)
    assert step_of_code(f" {code[:3]} {code[3:]} ", secret, NOW) == step
    assert [step_of_code(text, secret, NOW) for text in ("", "x", code[:5], code + "0", "٣٣٣٣٣٣")] == [0] * 5
    assert (len(secret), address_of_secret(secret, "anna")) == (
        32, f"otpauth://totp/SOC%20operations:anna?secret={secret}&issuer=SOC%20operations",
    )  # fmt: skip
