"""The application: the parts' routes, and nothing that loads from elsewhere."""

from fastapi import APIRouter

from call_control.site import site


class Part:
    def __init__(self) -> None:
        self.router = APIRouter()
        self.router.add_api_route("/here", lambda: "", methods=["GET"])


def test_it_has_its_parts_routes_and_a_document_of_them() -> None:
    app = site([Part()])  # type: ignore[list-item]  # of a part it uses the routes alone
    assert "/here" in app.openapi()["paths"]
    pages = [getattr(route, "path", "") for route in app.routes]
    assert "/openapi.json" in pages
    assert not {"/docs", "/redoc"} & set(pages)
