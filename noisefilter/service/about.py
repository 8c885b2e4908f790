"""Endpoints that tell of the service: words, model, health, metrics, API description and page."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, send_from_directory, url_for
from werkzeug.exceptions import NotFound

from noisefilter.labels import PRESETS, Flag, Kind, Label, Reason
from noisefilter.model import load_model
from noisefilter.service import metrics as metrics_module
from noisefilter.service.backend import Backend
from noisefilter.service.docs import api_page
from noisefilter.service.metrics import Metrics
from noisefilter.service.openapi import description
from noisefilter.service.problems import KINDS
from noisefilter.service.settings import Settings

HERE = Path(__file__).parent
PUBLIC = frozenset(
    f"about.{name}"
    for name in ("alive", "ready", "index", "page", "openapi", "docs", "docs_style", "problem")
)
"""Endpoints that need no token: a browser can send none for a page, and probes have none."""

MEANINGS: Mapping[Label, str] = MappingProxyType({
    Label.CONTENT: "what the author wrote for the reader",
    Label.TITLE: "the page's own headline",
    Label.BYLINE: "author, desk or the author's biography",
    Label.DATE: "time of publication or update, reading time",
    Label.CAPTION: "caption or credit of a picture",
    Label.AD: "advertisement, sponsored or injected line",
    Label.SPAM: "casino, loans, pharmacy, stuffed keywords",
    Label.RELATED: "read also, teasers of other pages",
    Label.CTA: "newsletter, app, follow us, donate",
    Label.SHARE: "share buttons, likes and views",
    Label.NAV: "menus, breadcrumbs, page numbers",
    Label.CONSENT: "cookie notice, login wall, paywall",
    Label.LEGAL: "copyright, terms, imprint",
    Label.TAGS: "list of topics or keywords",
    Label.SOURCE: "source link, agency credit",
    Label.COMMENT: "readers' comments and their form",
})  # fmt: skip

# What the system's table of types says differs from machine to machine.
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}


def blueprint(settings: Settings, backend: Backend, metrics: Metrics) -> Blueprint:
    """The endpoints that tell of the service."""
    routes = Blueprint("about", __name__)
    info = load_model().info

    @cache
    def described() -> dict[str, Any]:
        return description(settings)

    @routes.get("/v1/labels")
    def labels() -> Response:
        return jsonify(
            labels=[{"name": label, "meaning": meaning} for label, meaning in MEANINGS.items()],
            kinds=list(Kind),
            reasons=list(Reason),
            flags=list(Flag),
            policies=PRESETS,
        )

    @routes.get("/v1/model")
    def model() -> Response:
        return jsonify(info)

    @routes.get("/healthz")
    def alive() -> Response:
        return jsonify(status="ok")

    @routes.get("/readyz")
    def ready() -> Response:
        backend.check()
        return jsonify(status="ok")

    @routes.get("/metrics")
    def numbers() -> Response:
        return Response(metrics.text(), content_type=metrics_module.CONTENT_TYPE)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return jsonify(described())

    @routes.get("/docs")
    def docs() -> Response:
        return Response(api_page(described()), mimetype="text/html")

    @routes.get("/docs/style.css")
    def docs_style() -> Response:
        return _file(HERE, "docs.css")

    @routes.get("/problems/<kind>")
    def problem(kind: str) -> Any:
        if kind not in KINDS:
            raise NotFound
        return redirect(url_for("about.docs", _anchor=f"problem-{kind}"))

    @routes.get("/")
    def index() -> Response:
        return _file(HERE / "page", "index.html")

    @routes.get("/page/<path:name>")
    def page(name: str) -> Response:
        return _file(HERE / "page", name)

    return routes


def _file(folder: Path, name: str) -> Response:
    mimetype = _TYPES.get(Path(name).suffix)
    if mimetype is None:
        raise NotFound
    response = send_from_directory(folder, name, mimetype=mimetype, conditional=False)
    response.make_conditional(request)  # without ranges, which files as small as these need not
    response.headers["Cache-Control"] = "no-cache"
    return response
