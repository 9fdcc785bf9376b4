"""Paths of requests: what a page brings with it is asked for by browsers, not by people."""

from __future__ import annotations

#: Pictures, styles, scripts and fonts: a browser asks for dozens of them at once.
STATIC = r"(?i)\.(?:png|jpe?g|gif|svg|ico|webp|avif|bmp|css|js|mjs|map|woff2?|ttf|eot|otf|mp[34]|webm|ts|m3u8|m4s|wasm|webmanifest)$"
