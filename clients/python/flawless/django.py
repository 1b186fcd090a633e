"""Django: put "flawless.django.FlawlessMiddleware" first into MIDDLEWARE, and call flawless.init() in settings.py."""
from __future__ import annotations

import sys
from typing import Any, Callable, Dict, Iterator

import django
from django.core.signals import got_request_exception

from . import _scope
from ._body import Body, is_text_body
from ._client import capture, guarded
from ._middleware import WsgiRequest, content_type, is_error

try:
    from asgiref.sync import iscoroutinefunction, markcoroutinefunction
except ImportError:  # before asgiref 3.6
    import asyncio
    from asyncio import iscoroutinefunction  # type: ignore[assignment]

    def markcoroutinefunction(func: Any) -> Any:
        func._is_coroutine = getattr(asyncio.coroutines, "_is_coroutine", None)
        return func

_FRAMEWORK = "django " + django.get_version()


class FlawlessMiddleware:
    """Reports what Django answers with status 500 (not Http404, PermissionDenied …) and what streamed bodies raise."""
    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:  # how Django recognises an asynchronous middleware
            markcoroutinefunction(self)
        got_request_exception.connect(_on_exception, dispatch_uid="flawless")

    def __call__(self, request: Any) -> Any:
        if self._is_async:
            return self._call_async(request)
        scope = _scope.Scope(lambda: _request(request), _FRAMEWORK)
        with _scope.entered(scope):
            try:
                return _watched(self.get_response(request), scope)
            except Exception as error:  # DEBUG_PROPAGATE_EXCEPTIONS
                _report(error, request)
                raise

    async def _call_async(self, request: Any) -> Any:
        scope = _scope.Scope(lambda: _request(request), _FRAMEWORK)
        with _scope.entered(scope):
            try:
                return _watched(await self.get_response(request), scope)
            except Exception as error:
                _report(error, request)
                raise


def _on_exception(sender: Any, request: Any = None, **_: Any) -> None:
    error = sys.exc_info()[1]
    if error is not None:
        _report(error, request)


def _report(error: BaseException, request: Any) -> None:
    if not is_error(error):
        return
    scope = _scope.current()
    if scope is None:  # raised outside of the middleware
        scope = _scope.Scope(lambda: _request(request), _FRAMEWORK)
    with _scope.entered(scope):
        _describe(scope, request)
        capture(error, "django")


@guarded
def _describe(scope: _scope.Scope, request: Any) -> None:
    match = getattr(request, "resolver_match", None)
    if match is not None and not scope.context:
        scope.context = str(match.view_name or match._func_path)
    user = getattr(request, "_cached_user", None)  # loaded already: the failing request does no further query
    if user is not None and scope.person is None and user.is_authenticated:
        scope.person = {"id": user.pk, "username": user.get_username()}


def _request(request: Any) -> Dict[str, Any]:
    described = WsgiRequest(request.META)()
    body = request.__dict__.get("_body")  # what the view has read
    if isinstance(body, bytes) and body and is_text_body(content_type(request.META)):
        described["body"] = Body(body, content_type(request.META))
    elif "_post" in request.__dict__ and request._post:
        described["body"] = {name: str(value)[:1000] for name, value in list(request._post.items())[:100]}
    return described


def _watched(response: Any, scope: _scope.Scope) -> Any:
    if getattr(response, "streaming", False) and not hasattr(response.streaming_content, "__aiter__"):
        response.streaming_content = _parts(response.streaming_content, scope)
    return response


def _parts(parts: Any, scope: _scope.Scope) -> Iterator[Any]:
    try:
        yield from parts
    except Exception as error:
        with _scope.entered(scope):
            capture(error, "django")
        raise
