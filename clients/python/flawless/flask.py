"""Flask: flawless.flask.init_app(app), after flawless.init()."""
from __future__ import annotations

from typing import Any

from . import _scope
from ._client import capture, guarded
from ._middleware import FlawlessMiddleware


def init_app(app: Any) -> Any:
    """Reports what views, handlers and streamed bodies of `app` raise and nothing handles. Returns the app."""
    if getattr(app, "_flawless_is_watching", False):
        return app
    app._flawless_is_watching = True
    app.wsgi_app = FlawlessMiddleware(app.wsgi_app, framework=_framework())
    handle = app.handle_exception

    def handle_exception(error: Exception) -> Any:
        """Flask calls it with what becomes a 500."""
        _set_context()
        capture(error, "flask")
        return handle(error)
    app.handle_exception = handle_exception
    return app


def _framework() -> str:
    try:
        from importlib.metadata import version
        return "flask " + version("flask")
    except Exception:
        return "flask"


@guarded
def _set_context() -> None:
    from flask import request
    scope = _scope.current()
    if scope is not None and not scope.context:
        scope.context = str(request.endpoint or "")
