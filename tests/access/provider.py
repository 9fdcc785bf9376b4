"""A small OpenID Connect provider on loopback: people, codes, PKCE, tokens; and each way in which a token can lie.

`python -m tests.access.provider 9000` serves it for a browser.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "soc", "a secret of the client"
PEOPLE = {"anna": ["soc-leads"], "bo": ["soc-viewers"], "mallory": []}


class Provider:
    """Runs while the block lasts. `lie` changes the claims of the next tokens, `sign` how they are signed."""

    def __init__(self, port: int = 0) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.lie: Callable[[dict[str, Any]], None] = lambda _claims: None
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        #: What its metadata say beside the usual.
        self.declares: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Provider:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        self._server.serve_forever()

    @property
    def host(self) -> str:
        """For SOC_ALLOWED_HOSTS."""
        return self.issuer.removeprefix("http://")

    def settings(self) -> dict[str, str]:
        one = {"name": "Test provider", "issuer": self.issuer, "client_id": CLIENT, "client_secret": SECRET}
        return {
            "SOC_OIDC_PROVIDERS": json.dumps([one]),
            "SOC_ALLOWED_HOSTS": self.host,
            "SOC_ROLES": "soc-leads=lead,soc-viewers=viewer,soc-admins=admin",
        }

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def unsigned(self, claims: dict[str, Any]) -> str:
        head, body = (_b64(json.dumps(part).encode()) for part in ({"alg": "none"}, claims))
        return f"{head}.{body}."

    def forged(self, claims: dict[str, Any]) -> str:
        """By a key of somebody else's, under the name of ours."""
        return jwt.encode({"alg": "RS256", "kid": "first"}, claims, RSAKey.generate_key(2048))

    def confused(self, claims: dict[str, Any]) -> str:
        """HMAC with our public key as its secret, which everybody has. The library makes none: this is how an attacker would."""
        head = {"alg": "HS256", "kid": self.key.kid}
        said = ".".join(_b64(json.dumps(part).encode()) for part in (head, claims))
        return f"{said}.{_b64(hmac.digest(self.key.as_pem(private=False), said.encode(), 'sha256'))}"

    def changed(self, claims: dict[str, Any]) -> str:
        """A true signature over other claims."""
        head, _, signature = self.signed(claims).split(".")
        return f"{head}.{_b64(json.dumps({**claims, 'sub': 'anna'}).encode())}.{signature}"

    def claims(self, about: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": about["sub"], "aud": CLIENT, "exp": now + 300, "iat": now,
            "nonce": about["nonce"], "name": about["sub"].title(), "groups": PEOPLE.get(about["sub"], []),
        }  # fmt: skip
        self.lie(claims)
        return claims


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, asked = (
                urlsplit(self.path).path,
                {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()},
            )
            provider.asked.append(path)
            if path == "/.well-known/openid-configuration":
                here = provider.issuer
                self._json({"issuer": here, "authorization_endpoint": f"{here}/authorize", "jwks_uri": f"{here}/jwks",
                            "token_endpoint": f"{here}/token", **provider.declares})  # fmt: skip
            elif path == "/jwks":
                self._json({"keys": [provider.key.as_dict(private=False)]})
            elif path == "/authorize" and "as" in asked:
                code = secrets.token_urlsafe(16)
                provider.codes[code] = {**asked, "sub": asked["as"]}
                back = urlencode({"code": code, "state": asked["state"]})
                self._send(302, b"", Location=f"{asked['redirect_uri']}?{back}")
            else:
                links = "".join(f"<p><a href='{self.path}&as={name}'>{name}</a></p>" for name in PEOPLE)
                self._send(200, f"<h1>Who are you?</h1>{links}".encode(), **{"Content-Type": "text/html"})

        def do_POST(self) -> None:
            form = {
                k: v[0]
                for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
            }
            begun = provider.codes.pop(form.get("code", ""), None)  # each code is good once
            basic = base64.b64encode(b"soc:a%20secret%20of%20the%20client").decode()
            challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
            if (
                begun is None
                or self.headers["Authorization"] != f"Basic {basic}"
                or (challenge, "S256") != (begun["code_challenge"], begun["code_challenge_method"])
                or form["redirect_uri"] != begun["redirect_uri"]
            ):
                self._json({"error": "invalid_grant"}, 400)
                return
            token = provider.sign(provider.claims(begun))
            self._json({"id_token": token, "access_token": "a", "token_type": "Bearer"})

        def _json(self, value: object, status: int = 200) -> None:
            self._send(status, json.dumps(value).encode(), **{"Content-Type": "application/json"})

        def _send(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None: ...

    return Handler


if __name__ == "__main__":
    running = Provider(int(sys.argv[1]))
    for name, value in running.settings().items():
        print(f"export {name}='{value}'", flush=True)
    running.serve()
