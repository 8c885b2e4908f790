"""The HTTP service: a WSGI application around the library.

Run it with ``noisefilter serve``, or give `create_app` to a WSGI server of your own. It needs the extra
``service``: ``pip install 'noisefilter[service]'``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from noisefilter.service.settings import Settings

__all__ = ["create_app"]


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Makes the WSGI application.

    Child processes that clean are started with the first request, or by `noisefilter serve` before it.

    Args:
        settings: None: those of the environment, ``NOISEFILTER_…``; `docs/service.md` lists them.

    Raises:
        SettingsError: a setting is wrong; the message names it.
        ModelError: the model cannot be loaded.
    """
    # Here, because children of the pool import this package and need no web framework.
    from noisefilter.service.app import build

    return build(settings)
