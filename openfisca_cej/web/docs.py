"""The documentation of the routes: OpenAPI, and Swagger UI or a plain page of our own."""

import importlib.util
from importlib import resources
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app

blueprint = Blueprint("docs", __name__)

#: Where the OpenAPI document is kept once it is written: it is long.
WRITTEN = "cej_openapi"

#: Where Swagger UI is, when the extra ``docs-ui`` is installed.
SWAGGER = "flask_openapi3_swagger"
SWAGGER_FILES = {
    "swagger-ui.css": ("css/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("js/swagger-ui-bundle.js", "text/javascript"),
}

#: Swagger UI writes styles in its elements and holds its images in itself.
SWAGGER_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
OWN_FILES = {"docs.js": "text/javascript"}


def application() -> Flask:
    """The application, not what stands for it."""
    proxy: Any = current_app
    return proxy._get_current_object()


def swagger() -> Path | None:
    """The folder of Swagger UI, None where it is not installed."""
    spec = importlib.util.find_spec(SWAGGER)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "templates" / "swagger"
    complete = all((folder / path).is_file() for path, _ in SWAGGER_FILES.values())
    return folder if complete else None


def page(app: Flask) -> Response:
    """The page: Swagger UI under its own policy, or the routes in the frame of the site."""
    # What is slow to import is imported by the route that needs it: workers start at once.
    from openfisca_cej.web.openapi import openapi_of
    from openfisca_cej.web.page import shown

    spec = openapi_of(app)
    if swagger() is not None:
        answer = shown("swagger.html", info=spec["info"])
        answer.headers["Content-Security-Policy"] = SWAGGER_POLICY
        return answer
    routes = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]
    return shown("docs.html", info=spec["info"], routes=routes)


def file(name: str) -> tuple[bytes, str] | None:
    """A file of the page and its type; None when there is no such file."""
    if name in OWN_FILES:
        own = resources.files("openfisca_cej.web") / "static" / name
        return own.read_bytes(), OWN_FILES[name]
    folder = swagger()
    if folder is None or name not in SWAGGER_FILES:
        return None
    path, media_type = SWAGGER_FILES[name]
    return (folder / path).read_bytes(), media_type


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document of all the routes."""
    from openfisca_cej.web.openapi import openapi_of

    app = application()
    text = app.extensions.get(WRITTEN)
    if text is None:
        servers = [{"url": app.config["CEJ_ADDRESS"] or "/"}]
        text = app.json.dumps({**openapi_of(app), "servers": servers})
        app.extensions[WRITTEN] = text
    return Response(text, content_type="application/json")


@blueprint.get("/cej/docs")
def docs() -> Response:
    """The routes to read and try: Swagger UI where it is installed, else a plain page."""
    return page(application())


@blueprint.get("/cej/docs/<name>")
def docs_file(name: str) -> Response:
    """A file of the documentation page."""
    found = file(name)
    if found is None:
        return current_app.aborter(404)
    content, media_type = found
    return Response(content, content_type=f"{media_type}; charset=utf-8")
