"""wrap_function and wrap_class: whatever they wrap reports the exceptions that leave it."""
from __future__ import annotations

import functools
import inspect
import types
from typing import Any, Callable, Dict, Optional, TypeVar, overload

from ._client import capture

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)

# These end an iteration, nothing has failed.
_CONTROL_FLOW = (StopIteration, StopAsyncIteration)
# Of the special methods only those in which an exception is not an answer (as AttributeError of __getattr__ is).
_SPECIAL_METHODS = frozenset(("__init__", "__post_init__", "__call__", "__enter__", "__exit__", "__aenter__",
                              "__aexit__"))


class _Settings:
    __slots__ = ("error_threshold", "reraise")

    def __init__(self, error_threshold: Optional[int], reraise_exception: bool) -> None:
        self.error_threshold = error_threshold
        self.reraise = reraise_exception

    def report(self, error: BaseException) -> None:
        capture(error, "wrap_function", handled=not self.reraise, error_threshold=self.error_threshold)


@overload
def wrap_function(func: F, error_threshold: Optional[int] = None, reraise_exception: bool = True) -> F: ...


@overload
def wrap_function(func: None = None, error_threshold: Optional[int] = None,
                  reraise_exception: bool = True) -> Callable[[F], F]: ...


def wrap_function(func: Any = None, error_threshold: Optional[int] = None, reraise_exception: bool = True) -> Any:
    """Reports exceptions that leave `func`: a function, method, generator, async function or async generator.

    Bare or with keywords. reraise_exception=False: they end here, the call returns None (an iteration ends).
    error_threshold: how many occurrences make a mail, instead of the server's setting.
    SystemExit, KeyboardInterrupt, GeneratorExit and CancelledError always pass, unreported.
    """
    if func is None:
        return functools.partial(wrap_function, error_threshold=error_threshold, reraise_exception=reraise_exception)
    return _wrap(func, _Settings(error_threshold, reraise_exception))


def _wrap(func: Any, settings: _Settings) -> Any:
    if isinstance(func, (staticmethod, classmethod)):
        return type(func)(_wrap(func.__func__, settings))
    return _like(_kind_of(func)(func, settings), func)


def _like(wrapper: Any, func: Any) -> Any:
    """functools.wraps, for any callable: a partial has no name."""
    assigned = [name for name in functools.WRAPPER_ASSIGNMENTS if hasattr(func, name)]
    updated = functools.WRAPPER_UPDATES if hasattr(func, "__dict__") else ()
    return functools.update_wrapper(wrapper, func, assigned=assigned, updated=updated)


def _kind_of(func: Any) -> Callable[[Any, _Settings], Any]:
    while isinstance(func, functools.partial):
        func = func.func
    if not inspect.isroutine(func) and not isinstance(func, type):
        func = getattr(type(func), "__call__", func)
    if inspect.iscoroutinefunction(func):
        return _wrap_coroutine
    if inspect.isasyncgenfunction(func):
        return _wrap_async_generator
    if inspect.isgeneratorfunction(func):
        return _wrap_generator
    return _wrap_plain


def _wrap_plain(func: Any, settings: _Settings) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            result = func(*args, **kwargs)
        except _CONTROL_FLOW:
            raise
        except Exception as error:
            settings.report(error)
            if settings.reraise:
                raise
            return None
        return _awaited(result, settings) if type(result) is types.CoroutineType else result
    return wrapper


def _awaited(coroutine: Any, settings: _Settings) -> Any:
    outer = _wrap_coroutine(lambda: coroutine, settings)()
    outer.__name__, outer.__qualname__ = coroutine.__name__, coroutine.__qualname__
    return outer


def _wrap_coroutine(func: Any, settings: _Settings) -> Any:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return await func(*args, **kwargs)
        except Exception as error:
            settings.report(error)
            if settings.reraise:
                raise
            return None
    return wrapper


def _wrap_generator(func: Any, settings: _Settings) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return (yield from func(*args, **kwargs))
        except Exception as error:
            settings.report(error)
            if settings.reraise:
                raise
            return None
    return wrapper


def _wrap_async_generator(func: Any, settings: _Settings) -> Any:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            inner = func(*args, **kwargs)
            step = inner.__anext__()
            while True:
                try:
                    value = await step
                except StopAsyncIteration:
                    return
                try:
                    sent = yield value
                except GeneratorExit:
                    await inner.aclose()
                    raise
                except BaseException as thrown:
                    step = inner.athrow(thrown)
                else:
                    step = inner.asend(sent)
        except Exception as error:
            settings.report(error)
            if settings.reraise:
                raise
    return wrapper


# --- classes ----------------------------------------------------------------------------------------------------------
@overload
def wrap_class(cls: C, error_threshold: Optional[int] = None, reraise_exception: bool = True) -> C: ...


@overload
def wrap_class(cls: None = None, error_threshold: Optional[int] = None,
               reraise_exception: bool = True) -> Callable[[C], C]: ...


def wrap_class(cls: Any = None, error_threshold: Optional[int] = None, reraise_exception: bool = True) -> Any:
    """Wraps every method of a class, static and class methods and inherited ones too. Bare or with keywords.

    Special methods are left alone but for __init__, __call__ and context managers; properties too.
    """
    if cls is None:
        return functools.partial(wrap_class, error_threshold=error_threshold, reraise_exception=reraise_exception)
    settings = _Settings(error_threshold, reraise_exception)
    for name, member in _methods(cls).items():
        setattr(cls, name, _wrap(member, settings))
    return cls


def _methods(cls: type) -> Dict[str, Any]:
    """Own methods as they are; inherited ones as a call of super(), so that the order of bases stays what it is."""
    found = {name: member for name, member in cls.__dict__.items() if _is_method(name, member)}
    for base in cls.__mro__[1:]:
        for name, member in base.__dict__.items():
            if name not in cls.__dict__ and name not in found and not name.startswith("__") and \
                    _is_method(name, member):
                found[name] = _forward(cls, name, member)
    return found


def _is_method(name: str, member: Any) -> bool:
    if name.startswith("__") and name.endswith("__") and name not in _SPECIAL_METHODS:
        return False
    return isinstance(getattr(member, "__func__", member) if isinstance(member, (staticmethod, classmethod)) else
                      member, types.FunctionType)


def _forward(cls: type, name: str, member: Any) -> Any:
    if isinstance(member, staticmethod):
        return member
    function = member.__func__ if isinstance(member, classmethod) else member
    kind = _kind_of(function)

    def plain(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(super(cls, self), name)(*args, **kwargs)

    async def coroutine(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await getattr(super(cls, self), name)(*args, **kwargs)

    def generator(self: Any, *args: Any, **kwargs: Any) -> Any:
        return (yield from getattr(super(cls, self), name)(*args, **kwargs))
    if kind is _wrap_async_generator:
        return member  # cannot be handed on in one line; its base's function is wrapped itself
    forward = coroutine if kind is _wrap_coroutine else generator if kind is _wrap_generator else plain
    forward = _like(forward, function)
    return classmethod(forward) if isinstance(member, classmethod) else forward
