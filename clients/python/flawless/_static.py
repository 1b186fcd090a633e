"""Looks at classes, exceptions and stored attributes without running code of the application: no metaclass, property
or __getattr__ is asked."""
from __future__ import annotations

from types import GetSetDescriptorType
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

mro_of: Callable[[type], Tuple[type, ...]] = type.__dict__["__mro__"].__get__
members_of: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__
_qualified_name_of: Callable[[type], str] = type.__dict__["__qualname__"].__get__
flags_of: Callable[[type], int] = type.__dict__["__flags__"].__get__
_module_of: Callable[[type], Any] = type.__dict__["__module__"].__get__
arguments_of: Callable[[BaseException], Tuple[Any, ...]] = BaseException.__dict__["args"].__get__
traceback_of: Callable[[BaseException], Any] = BaseException.__dict__["__traceback__"].__get__
cause_of: Callable[[BaseException], Optional[BaseException]] = BaseException.__dict__["__cause__"].__get__
context_of: Callable[[BaseException], Optional[BaseException]] = BaseException.__dict__["__context__"].__get__
suppresses_context: Callable[[BaseException], bool] = BaseException.__dict__["__suppress_context__"].__get__


def class_name(kind: type) -> str:
    """Qualified, without the module."""
    return str.__str__(_qualified_name_of(kind))  # it may be of a class made from str


def module_name(kind: type) -> str:
    try:
        module = _module_of(kind)
    except AttributeError:
        return ""
    return module if type(module) is str else ""


def type_name(kind: type) -> str:
    module, name = module_name(kind), class_name(kind)
    return name if module in ("builtins", "") else f"{module}.{name}"


def class_attribute(kind: type, name: str) -> Any:
    """As it is stored, None if there is none."""
    for base in mro_of(kind):
        members = members_of(base)
        if name in members:
            return members[name]
    return None


def is_a(value: Any, kinds: Any) -> bool:
    """isinstance() without asking the value for its class."""
    return issubclass(type(value), kinds)


def stored_attributes(of: Any) -> Dict[Any, Any]:
    """The instance's own __dict__; an empty one if it has none."""
    for kind in mro_of(type(of)):
        slot = members_of(kind).get("__dict__")
        if type(slot) is GetSetDescriptorType:
            try:
                stored = slot.__get__(of)
            except (AttributeError, TypeError):
                return {}
            return stored if issubclass(type(stored), dict) else {}
    return {}
