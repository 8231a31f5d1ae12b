"""The HTTP API of calls from the web: routes, their answers, and who stands behind a request.

Shell. FastAPI reads and documents; what may be done is the desk's to say. Every refusal is a problem (RFC 9457), those
that FastAPI and Starlette find included.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import compile_path
from starlette.types import Message, Receive

from call_control.web.addresses import Network, client
from call_control.web.desk import Desk, Visitor
from call_control.web.feed import Change
from call_control.web.limits import Limit
from call_control.web.models import Call, GuestToken, GuestTokenRequest, NewCall, StartedCall, Watch
from call_control.web.problems import MEDIA_TYPE, Fault, Problem, ProblemDetails
from call_control.web.tokens import Keyring, Scope
from lampfield_bus.instants import rfc3339

__all__ = ["Door", "problems", "router"]

MAX_BODY: Final = 4_096  # bytes; a call is a hundred
REQUESTS_PER_MINUTE: Final = 600  # of one token, whatever they are
GUEST_PATH: Final = "/guest-tokens"


class Door(NamedTuple):
    """What the routes are given. `keyring` is asked for at every request: tokens come and go."""

    desk: Desk
    keyring: Callable[[], Keyring]
    trusted: Sequence[Network]
    now: Callable[[], int]


# --- problems ---------------------------------------------------------------------------------------------------------


def problems(app: FastAPI) -> None:
    """Has the application tell every error as a problem, and document what that is."""
    app.add_exception_handler(Problem, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(StarletteHTTPException, _answer)
    document = app.openapi

    def openapi() -> dict[str, Any]:
        made = document()
        schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        made.setdefault("components", {}).setdefault("schemas", {}).update(schema.pop("$defs", {}), Problem=schema)
        return made

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the document


async def _answer(request: Request, error: Exception) -> Response:
    return _told(request, error)


def _told(request: Request, error: Exception) -> Response:
    match error:
        case Problem():
            details, headers = error.details, error.headers
        case RequestValidationError():
            errors = [Fault(field=_place(fault["loc"]), detail=str(fault["msg"])) for fault in error.errors()[:20]]
            details, headers = Problem("invalid", errors=errors).details, {}
        case StarletteHTTPException():
            details = ProblemDetails(type="about:blank", title=str(error.detail), status=error.status_code)
            headers = dict(error.headers or {})
            if error.status_code == 405 and (methods := _methods(request)):
                headers["Allow"] = ", ".join(methods)
        case _:
            raise error
    body = details.model_dump_json(exclude_none=True)
    return Response(body, details.status, headers=headers, media_type=MEDIA_TYPE)


def _place(path: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in path)


def _methods(request: Request) -> list[str]:
    """What may be asked of this path: Starlette names the methods of one route alone."""
    for template, methods in request.app.openapi()["paths"].items():
        if compile_path(template)[0].fullmatch(request.url.path):
            return sorted(method.upper() for method in methods)
    return []


def _documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Those problems in the OpenAPI document; `problems` adds the schema."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    every = sorted({401, 403, 413, 422, 429, *statuses})
    return {status: {"description": "a problem", "content": content} for status in every}


# --- a request --------------------------------------------------------------------------------------------------------


class _Route(APIRoute):
    """A route whose body is small."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            return await handle(Request(request.scope, _bounded(request.receive)))

        return bounded


def _bounded(receive: Receive) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise HTTPException(413, f"The body is longer than {MAX_BODY} bytes")
        return message

    return counted


_bearer: Final = HTTPBearer(auto_error=False, description="A token made by `call-control token add`.")


def router(door: Door) -> APIRouter:
    """The routes."""
    guard = _Guard(door)
    made = APIRouter(route_class=_Route)
    made.include_router(_calls(door, guard))
    made.include_router(_guests(door, guard))
    return made


class _Guard:
    """Who may come in: the token, its scope, its page, its pace."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._rate = Limit(REQUESTS_PER_MINUTE)

    def needs(self, *scopes: Scope) -> Callable[..., Awaitable[Visitor]]:
        """Lets in whose token has one of these scopes. Raises Problem."""

        async def visitor(  # async: FastAPI would run it in a thread
            request: Request, credentials: Annotated[Any, Depends(_bearer)]
        ) -> Visitor:
            return self.admit(request, credentials and credentials.credentials, scopes)

        return visitor

    def admit(self, request: Request, secret: str | None, scopes: Sequence[Scope]) -> Visitor:
        """Whoever brings this token. Raises Problem."""
        door, at = self._door, self._door.now()
        grant = door.keyring().find(secret, at) if secret else None
        if grant is None:
            detail = "it is unknown or has expired" if secret else None
            raise Problem("no-token", detail, headers={"WWW-Authenticate": "Bearer"})
        origin = request.headers.get("origin")
        if grant.origins is not None and origin not in grant.origins:
            raise Problem("origin-not-allowed", "its pages are named in the tokens' file")
        wait = self._rate.wait(grant.name, at)
        if wait:
            raise Problem("too-many", headers={"Retry-After": str(-(-wait // 1000))})
        self._rate.take(grant.name, at)
        if not any(grant.may(scope) for scope in scopes):
            raise Problem("scope-missing", f"it needs {' or '.join(scopes)}")
        peer = request.client.host if request.client else ""
        return Visitor(grant, client(peer, request.headers.get("x-forwarded-for", ""), door.trusted))


# --- calls ------------------------------------------------------------------------------------------------------------

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", pattern=r"^[!-~]{1,128}$", description="the same key again starts no second call"),
]


_EVENTS: Final[dict[str, Any]] = {
    "description": "events `call`, each with a Call as its data",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


def _calls(door: Door, guard: _Guard) -> APIRouter:
    routes = APIRouter(tags=["calls"], route_class=_Route)
    desk = door.desk

    @routes.post("/calls", status_code=202, responses=_documented(502, 503), operation_id="startCall")
    async def start(
        body: NewCall,
        response: Response,
        visitor: Annotated[Visitor, Depends(guard.needs("calls:create"))],
        key: Key = None,
    ) -> StartedCall:
        """Ring `from`; when it answers, dial `to`. What becomes of it is told where `watch` says."""
        call = await desk.start(visitor, body, key)
        response.headers["Location"] = f"/calls/{call.id}"
        return StartedCall.model_validate(
            {**Call.of(call).model_dump(), "watch": Watch(call=f"/calls/{call.id}", events=f"/events?call={call.id}")}
        )

    @routes.get("/calls/{id}", responses=_documented(404), operation_id="getCall")
    async def get(
        id: str,  # noqa: A002 (the path's name)
        visitor: Annotated[Visitor, Depends(guard.needs("calls:read", "calls:any"))],
    ) -> Call:
        """A call that lives, or ended within the last ten minutes."""
        return Call.of(desk.get(visitor, id))

    @routes.delete("/calls/{id}", status_code=202, responses=_documented(404, 503), operation_id="endCall")
    async def end(
        id: str,  # noqa: A002 (the path's name)
        visitor: Annotated[Visitor, Depends(guard.needs("calls:end", "calls:any"))],
    ) -> Call:
        """Hang up. The call ends a moment later, and is told as any change is; one that has ended stays as it is."""
        return Call.of(desk.end(visitor, id))

    @routes.get(
        "/events",
        responses={200: _EVENTS, **_documented(503)},
        response_class=StreamingResponse,
        operation_id="watchCalls",
    )
    async def watch(
        request: Request,
        visitor: Annotated[Visitor, Depends(guard.needs("events:read"))],
        call: Annotated[str | None, Query(max_length=128, description="this call alone, until it has ended")] = None,
        last: Annotated[
            str | None, Header(alias="Last-Event-ID", max_length=64, description="go on after this event")
        ] = None,
    ) -> StreamingResponse:
        """Calls as they change (server-sent events): first those that there are, or those that changed since
        `Last-Event-ID`. A comment every 15 s says that it lives.
        """
        changes = desk.watch(visitor, last, call)
        secret = request.headers.get("authorization", "").partition(" ")[2].strip()
        admitted = lambda: door.keyring().find(secret, door.now()) is not None  # noqa: E731
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_stream(changes, admitted, only=call), media_type="text/event-stream", headers=headers)

    return routes


async def _stream(
    changes: AsyncIterator[Change | None], admitted: Callable[[], bool], *, only: str | None
) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    async for change in changes:
        if not admitted():  # the token was taken away meanwhile
            return
        if change is None:
            yield ": still here\n\n"
            continue
        yield f"id: {change.number}\nevent: call\ndata: {Call.of(change.call).model_dump_json()}\n\n"
        if only is not None and change.call.state == "ended":
            return


# --- guests -----------------------------------------------------------------------------------------------------------


def _guests(door: Door, guard: _Guard) -> APIRouter:
    """The one route that a public page may ask: browsers are told which pages (CORS)."""

    def allowed(origin: str | None) -> dict[str, str]:
        if origin is None or origin not in door.keyring().origins:
            return {"Vary": "Origin"}
        return {"Vary": "Origin", "Access-Control-Allow-Origin": origin}

    class Page(_Route):
        """A problem is for the page to read, too."""

        def get_route_handler(self) -> Callable[[Request], Any]:
            handle = super().get_route_handler()

            async def told(request: Request) -> Response:
                try:
                    response: Response = await handle(request)
                except (Problem, RequestValidationError, StarletteHTTPException) as error:
                    response = _told(request, error)
                response.headers.update(allowed(request.headers.get("origin")))
                return response

            return told

    routes = APIRouter(tags=["guests"], route_class=Page)

    @routes.post(GUEST_PATH, status_code=201, responses=_documented(502, 503), operation_id="inviteGuest")
    async def invite(
        body: GuestTokenRequest,
        response: Response,
        visitor: Annotated[Visitor, Depends(guard.needs("guests:invite"))],
    ) -> GuestToken:
        """A token with which a visitor of a web page may ring `to`, once and soon: header `X-Guest-Token` of his
        INVITE.
        """
        guest = await door.desk.invite(visitor, body.to)
        response.headers["Cache-Control"] = "no-store"
        return GuestToken(
            token=guest.token, to=guest.to, expires_at=rfc3339(guest.expires_at), expires_in=guest.seconds
        )

    @routes.options(GUEST_PATH, status_code=204, include_in_schema=False)
    async def preflight(request: Request) -> Response:
        """What a browser asks before it sends a page's POST."""
        if request.headers.get("origin") not in door.keyring().origins:
            raise Problem("origin-not-allowed")
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Methods": "POST",
                "Access-Control-Allow-Headers": "Authorization, Content-Type",
                "Access-Control-Max-Age": "600",
            },
        )

    return routes
