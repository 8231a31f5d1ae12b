"""The ASGI application: the parts' routes, and the OpenAPI document of them. Shell."""

from collections.abc import Sequence
from importlib import metadata

from fastapi import FastAPI

from call_control.parts import Part
from call_control.settings import PROGRAM
from call_control.web.api import problems

__all__ = ["site"]


def site(parts: Sequence[Part]) -> FastAPI:
    """The application. The pages that FastAPI would add load scripts from elsewhere: there are none."""
    app = FastAPI(
        title="Lampfield call-control",
        version=metadata.version(f"lampfield-{PROGRAM}"),
        docs_url=None,
        redoc_url=None,
    )
    problems(app)
    for part in parts:
        app.include_router(part.router)
    return app
