"""The documentation page: Swagger UI from local files, or a plain page of our own."""

import functools
import importlib.util
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from flask import Flask

from openfisca_cej.web.openapi import openapi_of

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
PLAIN_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"

OWN_FILES = {"docs.css": "text/css", "docs.js": "text/javascript"}


def swagger() -> Path | None:
    """The folder of Swagger UI, None where it is not installed."""
    spec = importlib.util.find_spec(SWAGGER)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "templates" / "swagger"
    complete = all((folder / path).is_file() for path, _ in SWAGGER_FILES.values())
    return folder if complete else None


@functools.cache
def templates() -> jinja2.Environment:
    """The templates of the pages; everything written in them is escaped."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("openfisca_cej.web", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(app: Flask) -> tuple[str, str]:
    """The page and its content security policy."""
    if swagger() is not None:
        return templates().get_template("swagger.html").render(), SWAGGER_POLICY
    spec = openapi_of(app)
    routes = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]
    found: dict[str, Any] = {"info": spec["info"], "routes": routes}
    return templates().get_template("docs.html").render(**found), PLAIN_POLICY


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
