"""What the service is compared with: a plain route that calls `trafilatura.extract`."""

from flask import Flask, request

from benchmarks.pages import baseline


def create_app() -> Flask:
    """The application."""
    app = Flask(__name__)

    @app.post("/extract")
    def extract() -> dict[str, str | None]:
        return {"text": baseline(request.get_data().decode())}

    return app
