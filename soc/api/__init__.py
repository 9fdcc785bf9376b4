"""The REST API, mounted at /api/v1. `soc.api.api` is the FastAPI application."""

from soc.api.application import api

__all__ = ["api"]
