"""WSGI: exceptions of the application's call, of the iteration of its body and of the body's close()."""
from __future__ import annotations

import urllib.parse
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional

from . import _scope
from ._body import MOST_BODY, Body, is_text_body
from ._client import active, capture, guarded
from ._static import class_name, is_a, mro_of

_MOST_HEADER = 2000
_MOST_HEADERS = 100


def is_error(error: BaseException) -> bool:
    """SystemExit counts unless it says all is well."""
    if is_a(error, SystemExit):
        return error.code not in (None, 0)  # type: ignore[attr-defined]
    return not is_a(error, (KeyboardInterrupt, GeneratorExit)) and not is_cancelled(error)


def is_cancelled(error: BaseException) -> bool:
    """Of asyncio, which is not imported for this."""
    return any(class_name(kind) == "CancelledError" for kind in mro_of(type(error)))


class FlawlessMiddleware:
    """Wraps a WSGI application; every exception passes unchanged after it was reported."""

    def __init__(self, app: Callable[..., Iterable[bytes]], framework: str = "wsgi") -> None:
        self.app = app
        self._framework = framework

    def __call__(self, environ: Dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        source = WsgiRequest(environ)
        client = active()
        if client is not None and client.options.send_request_body:
            source.record_body()
        scope = _scope.Scope(source, self._framework)
        before = _scope.enter(scope)
        try:
            body = self.app(environ, start_response)
        except BaseException as error:
            _report(error, scope)
            raise
        finally:
            _scope.enter(before)
        return _watched(body, environ, scope)


def _report(error: BaseException, scope: _scope.Scope) -> None:
    if is_error(error):
        with _scope.entered(scope):
            capture(error, "wsgi")


def _watched(body: Iterable[bytes], environ: Dict[str, Any], scope: _scope.Scope) -> Iterable[bytes]:
    """Lists cannot fail; the server knows its own file wrapper only when it is bare."""
    wrapper = environ.get("wsgi.file_wrapper")
    if type(body) in (list, tuple) or (isinstance(wrapper, type) and isinstance(body, wrapper)):
        return body
    return _Body(body, scope)


class _Body:
    """An iterable body that reports what goes wrong while it is sent."""

    def __init__(self, body: Iterable[bytes], scope: _scope.Scope) -> None:
        self._body, self._scope = body, scope
        self._iterator: Optional[Iterator[bytes]] = None

    def __iter__(self) -> "_Body":
        return self

    def __next__(self) -> bytes:
        before = _scope.enter(self._scope)
        try:
            if self._iterator is None:
                self._iterator = iter(self._body)
            return next(self._iterator)
        except StopIteration:
            raise
        except BaseException as error:
            _report(error, self._scope)
            raise
        finally:
            _scope.enter(before)

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is None:
            return
        before = _scope.enter(self._scope)
        try:
            close()
        except BaseException as error:
            _report(error, self._scope)
            raise
        finally:
            _scope.enter(before)


class _RecordedInput:
    """wsgi.input that remembers the beginning of what the application reads. Reads nothing by itself."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._read: List[bytes] = []
        self._size = 0

    def _keep(self, data: Any) -> Any:
        if self._size < MOST_BODY and isinstance(data, bytes) and data:
            self._read.append(data[:MOST_BODY - self._size])
            self._size += len(self._read[-1])
        return data

    def read(self, *size: Any) -> Any:
        return self._keep(self._stream.read(*size))

    def readline(self, *size: Any) -> Any:
        return self._keep(self._stream.readline(*size))

    def readlines(self, *hint: Any) -> Any:
        lines = self._stream.readlines(*hint)
        for line in lines:
            self._keep(line)
        return lines

    def __iter__(self) -> Iterator[Any]:
        for line in self._stream:
            yield self._keep(line)

    def __getattr__(self, name: str) -> Any:
        """What only some streams have."""
        attribute = getattr(self._stream, name)
        if name == "read1":
            return lambda *size: self._keep(attribute(*size))
        if name in ("readinto", "readinto1"):
            return lambda buffer: self._read_into(attribute, buffer)
        return attribute

    def _read_into(self, read: Callable[[Any], Any], buffer: Any) -> Any:
        count = read(buffer)
        if count and self._size < MOST_BODY:
            self._keep(bytes(memoryview(buffer)[:min(count, MOST_BODY)]))
        return count

    def beginning(self) -> bytes:
        return b"".join(self._read)


class WsgiRequest:
    """Calling it gives the request as the report format has it."""

    def __init__(self, environ: Dict[str, Any]) -> None:
        self._environ = environ
        self._input: Optional[_RecordedInput] = None

    @guarded
    def record_body(self) -> None:
        environ = self._environ
        stream = environ.get("wsgi.input")
        if stream is not None and is_text_body(content_type(environ)) and \
                (environ.get("CONTENT_LENGTH") or "0") != "0":
            self._input = environ["wsgi.input"] = _RecordedInput(stream)

    def __call__(self) -> Dict[str, Any]:
        environ = self._environ
        request: Dict[str, Any] = {
            "method": str(environ.get("REQUEST_METHOD", "")), "url": _url(environ),
            "headers": _headers(environ), "user_ip": str(environ.get("REMOTE_ADDR", "")),
            "env": {"SERVER_PROTOCOL": str(environ.get("SERVER_PROTOCOL", ""))}}
        if environ.get("QUERY_STRING"):
            request["query"] = str(environ["QUERY_STRING"])[:_MOST_HEADER]
        if self._input is not None:
            request["body"] = Body(self._input.beginning(), content_type(environ))
        return request


def _url(environ: Dict[str, Any]) -> str:
    scheme = environ.get("wsgi.url_scheme", "http")
    host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")
    path = urllib.parse.quote(str(environ.get("SCRIPT_NAME", "")) + str(environ.get("PATH_INFO", "")), safe="/:@%+,;=",
                              encoding="latin-1")
    return f"{scheme}://{host}{path}"[:_MOST_HEADER]


def _headers(environ: Dict[str, Any]) -> Dict[str, str]:
    headers: Dict[str, str] = {}
    for name, value in list(environ.items()):
        if isinstance(name, str) and len(headers) < _MOST_HEADERS and \
                (name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")) and value:
            name = name[5:] if name.startswith("HTTP_") else name
            headers[name.replace("_", "-").title()] = str(value)[:_MOST_HEADER]
    return headers


def content_type(environ: Dict[str, Any]) -> str:
    return str(environ.get("CONTENT_TYPE") or "")
