"""The ASGI application: the parts' routes, and the OpenAPI document of them. Shell."""

from collections.abc import Sequence
from importlib import metadata
from typing import Any

from fastapi import FastAPI

from call_control.parts import Part, Place
from call_control.register import Register
from call_control.settings import PROGRAM, Settings
from call_control.web.api import problems
from call_control.web.part import WebPart

__all__ = ["document", "site"]


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


def document() -> dict[str, Any]:
    """The OpenAPI document as it is served, whatever the settings say: of calls from the web; mod_httapi reads none."""
    place = Place(Settings.model_construct(), Register(""), lambda _: None, lambda: 0)
    return site([WebPart(place)]).openapi()
