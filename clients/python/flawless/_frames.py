"""Frames of a traceback with their arguments and locals.

Taken in two steps: `take_frames` and `add_variables` in the application's thread, while the values are what they were;
`FrameFormat` in the sender's thread, which reads source files.
"""
from __future__ import annotations

import inspect
import linecache
import os
import site
import sysconfig
import types
from types import CodeType, FrameType, TracebackType
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

from ._budget import Limits
from ._shown import Presenter
from ._source import code_around, last_line
from ._static import class_name, flags_of, is_a, members_of, mro_of, stored_attributes
from ._taken import Taker, Text, snapshot

_OWN_DIRECTORY = os.path.dirname(os.path.abspath(__file__)) + os.sep
LIBRARY_LIMITS = Limits(depth=2, entries=8, text=120)
_MODULE_NOISE = (types.ModuleType, types.FunctionType, type)
_IS_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement, not in C
_HAS_QUALIFIED_NAMES = hasattr(CodeType, "co_qualname")  # from Python 3.11 on


class FrameLimits(NamedTuple):
    frames: int = 100
    variables: int = 100  # of a frame
    attributes: int = 60  # of self
    context: int = 3  # lines of source before and after


class FrameRecord:
    """One frame, without any reference to it: no object of the application is kept alive."""
    __slots__ = ("code", "line", "module", "class_name", "in_app", "variables", "attributes")

    def __init__(self, code: CodeType, line: int, module: str, class_name: str, in_app: bool) -> None:
        self.code, self.line, self.module, self.class_name, self.in_app = code, line, module, class_name, in_app
        self.variables: Dict[str, Any] = {}  # by name, as taken
        self.attributes: Dict[str, Any] = {}  # of self

    def without_values(self) -> "FrameRecord":
        return FrameRecord(self.code, self.line, self.module, self.class_name, self.in_app)


# --- whose code it is -------------------------------------------------------------------------------------------------
class AppRules:
    """Decides which frames are the application's own: what is no standard library and no installed package."""

    def __init__(self, include: Iterable[str] = (), exclude: Iterable[str] = ()) -> None:
        self._include, self._exclude = tuple(include), tuple(exclude)
        self._library = tuple(sorted(_library_directories()))
        self._known: Dict[Tuple[str, str], bool] = {}

    def is_in_app(self, filename: str, module: str) -> bool:
        key = (filename, module)
        known = self._known.get(key)
        if known is None:
            if len(self._known) > 10000:
                self._known.clear()
            known = self._known[key] = self._decide(filename, module)
        return known

    def _decide(self, filename: str, module: str) -> bool:
        if _is_below(module, self._include):
            return True
        if _is_below(module, self._exclude) or filename.startswith(_OWN_DIRECTORY):
            return False
        if filename.startswith("<"):
            return module == "__main__"
        path = _absolute(filename)
        parts = path.replace("\\", "/").split("/")
        if "site-packages" in parts or "dist-packages" in parts or any(p.endswith(".egg") for p in parts):
            return False
        return not path.startswith(self._library)


def _absolute(filename: str) -> str:
    try:
        return os.path.abspath(filename)
    except OSError:  # the current directory was deleted
        return filename


def _is_below(module: str, packages: Tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def _library_directories() -> List[str]:
    paths = [path for name, path in sysconfig.get_paths().items() if name in ("stdlib", "platstdlib", "purelib",
                                                                               "platlib")]
    try:
        paths += [*site.getsitepackages(), site.getusersitepackages()]
    except Exception:  # old virtualenvs have no such functions
        pass
    paths.append(os.path.dirname(os.__file__))
    real = [os.path.realpath(path) for path in paths]
    return [os.path.join(path, "") for path in {*paths, *real}]


# --- variables --------------------------------------------------------------------------------------------------------
def _roles(code: CodeType) -> Dict[str, str]:
    """The parameters' names in the order of the signature, with their roles."""
    names, positional, keyword_only = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
    at = positional + keyword_only
    roles = {name: "argument" for name in names[:positional]}
    if code.co_flags & inspect.CO_VARARGS:
        roles[names[at]] = "varargs"
        at += 1
    roles.update((name, "argument") for name in names[positional:positional + keyword_only])
    if code.co_flags & inspect.CO_VARKEYWORDS:
        roles[names[at]] = "kwargs"
    return roles


def _take_variables(record: FrameRecord, frame: FrameType, taker: Taker, limits: FrameLimits) -> None:
    code, stored = record.code, frame.f_locals
    values = dict(stored) if type(stored) is dict else _locals(frame, stored, taker)
    this = values.get("self") if code.co_argcount > 0 and code.co_varnames[0] == "self" else None
    if code.co_name == "<module>":
        values = {name: value for name, value in values.items() if type(name) is str and not _is_noise(name, value)}
    if len(values) > limits.variables:
        values = {name: values[name] for name, _ in _in_order(code, values)[:limits.variables]}
    record.variables = taker.replace(values)
    if this is not None:
        record.attributes = taker.replace(_attributes(this, limits.attributes))


def _locals(frame: FrameType, stored: Any, taker: Taker) -> Dict[str, Any]:
    if is_a(stored, dict):
        return dict(dict.items(stored))
    if frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        return dict(stored)
    return dict(taker.budget.call("", dict, stored))  # any mapping, of exec() or of a metaclass


def _in_order(code: CodeType, values: Iterable[str]) -> List[Tuple[str, str]]:
    """Names with their roles: arguments in the order of the signature, then locals."""
    roles = _roles(code)
    return [(name, role) for name, role in roles.items() if name in values] + \
        [(name, "local") for name in values if name not in roles]


def _is_noise(name: str, value: Any) -> bool:
    return name.startswith("__") or issubclass(type(value), _MODULE_NOISE)


def _attributes(of: Any, most: int) -> Dict[str, Any]:
    """What is stored in an object, in its __dict__ or slots; no code of its class runs."""
    stored = stored_attributes(of)
    found = {name: value for name, value in snapshot(lambda: iter(dict.items(stored)), most) if type(name) is str}
    for kind in mro_of(type(of)):
        if kind is not object and ("__slots__" in members_of(kind) or not flags_of(kind) & _IS_HEAP_TYPE):
            _add_slots(found, of, kind)
    return found if len(found) <= most else dict(list(found.items())[:most])


def _add_slots(found: Dict[str, Any], of: Any, kind: type) -> None:
    for name, slot in list(members_of(kind).items()):
        if type(slot) is types.MemberDescriptorType:
            try:
                found[name] = slot.__get__(of, type(of))
            except (AttributeError, TypeError):  # not set
                pass


def _class_name(code: CodeType) -> str:
    """From Python 3.11 on."""
    owner: str = code.co_qualname.rpartition(".")[0]  # type: ignore[attr-defined]
    return "" if owner.endswith("<locals>") else owner.rpartition("<locals>.")[2]


def _class_name_by_search(frame: FrameType) -> str:
    code = frame.f_code
    if code.co_argcount == 0 or code.co_varnames[0] not in ("self", "cls"):
        return ""
    first = frame.f_locals.get(code.co_varnames[0])
    kind = first if is_a(first, type) else type(first)
    for base in mro_of(kind):
        if _runs(members_of(base).get(code.co_name), code):
            return class_name(base).rpartition("<locals>.")[2]
    return ""


def _runs(member: Any, code: CodeType) -> bool:
    """Whether a member of a class is the function of that code, as it is or decorated."""
    if type(member) in (staticmethod, classmethod):
        member = member.__func__
    for _ in range(8):
        if type(member) is types.FunctionType and member.__code__ is code:
            return True
        member = stored_attributes(member).get("__wrapped__")
    return False


# --- frames -----------------------------------------------------------------------------------------------------------
def traceback_frames(traceback: Optional[TracebackType]) -> List[Tuple[FrameType, int]]:
    """Outermost call first."""
    frames = []
    while traceback is not None:
        frames.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return frames


def stack_frames(frame: Optional[FrameType]) -> List[Tuple[FrameType, int]]:
    """The calls that led to `frame`, outermost first, without this package's own innermost ones."""
    while frame is not None and frame.f_code.co_filename.startswith(_OWN_DIRECTORY):
        frame = frame.f_back
    frames: List[Tuple[FrameType, int]] = []
    while frame is not None and len(frames) < 1000:
        frames.append((frame, frame.f_lineno))
        frame = frame.f_back
    return frames[::-1]


def outer_and_inner(frames: List[Any], most: int) -> List[Any]:
    return frames if len(frames) <= most else frames[:most // 2] + frames[-(most - most // 2):]


def take_frames(frames: List[Tuple[FrameType, int]], rules: AppRules) -> List[FrameRecord]:
    """The frames without variables."""
    return [_take(frame, line, rules) for frame, line in frames]


def _take(frame: FrameType, line: int, rules: AppRules) -> FrameRecord:
    module = dict.get(frame.f_globals, "__name__")
    module = module if type(module) is str else ""
    filename = frame.f_code.co_filename
    if filename not in linecache.cache:  # source from a zip file or another loader
        try:
            linecache.lazycache(filename, frame.f_globals)
        except Exception:  # a loader of the application's own making
            pass
    class_name = "" if _HAS_QUALIFIED_NAMES else _class_name_by_search(frame)
    return FrameRecord(frame.f_code, line or 0, module, class_name, rules.is_in_app(filename, module))


def add_variables(frames: List[Tuple[FrameType, int]], records: List[FrameRecord], taker: Taker,
                  limits: FrameLimits) -> None:
    """The application's own frames come first, innermost before outermost, until the budget is spent."""
    own = taker.limits
    order = sorted(range(len(records)), key=lambda i: (not records[i].in_app, -i))
    for i in order:
        if taker.budget.is_spent():
            break
        if records[i].code.co_filename.startswith(_OWN_DIRECTORY):
            continue
        taker.limits = own if records[i].in_app else LIBRARY_LIMITS
        try:
            _take_variables(records[i], frames[i][0], taker, limits)
        except BaseException as error:  # a report without these is better than none
            records[i].variables["<variables>"] = Text(f"not readable: {taker.budget.reason(error)}")
    taker.limits = own


class FrameFormat:
    """Makes of frame records what the report format has. Immutable; any thread."""

    def __init__(self, root: str, context: int, own: Presenter, library: Presenter) -> None:
        """root: paths of the application are relative to it; context: lines of source before and after."""
        self._root, self._context = root, context
        self._own, self._library = own, library

    def frame(self, record: FrameRecord, send_in_app: bool) -> Dict[str, Any]:
        code, filename = record.code, record.code.co_filename
        path = filename if filename.startswith("<") else _absolute(filename)
        frame: Dict[str, Any] = {"path": path, "function": code.co_name, "line": record.line}
        if self._root and record.in_app and path.startswith(os.path.join(self._root, "")):
            frame["path"], frame["abs_path"] = os.path.relpath(path, self._root).replace(os.sep, "/"), path
        if code.co_name != "<module>":
            frame["function_first_line"], frame["function_last_line"] = code.co_firstlineno, last_line(code)
        if record.module:
            frame["module"] = record.module
        class_name = _class_name(code) if _HAS_QUALIFIED_NAMES else record.class_name
        if class_name:
            frame["class_name"] = class_name
        if send_in_app:
            frame["in_app"] = record.in_app
        try:
            frame.update(code_around(filename, record.line, code, self._context))
        except Exception as error:  # of an encoding that is none, say
            frame["code"] = f"<not readable: {type(error).__name__}>"
        if record.variables:
            frame["variables"] = self._variables(record)
        return frame

    def _variables(self, record: FrameRecord) -> List[Dict[str, Any]]:
        """Arguments in the order of the signature, locals, then the attributes of self as "self.name"."""
        presenter = self._own if record.in_app else self._library
        return [{"name": name, "role": role, "value": presenter.named(name, record.variables[name])}
                for name, role in _in_order(record.code, record.variables)] + \
            [{"name": "self." + name, "role": "local", "value": presenter.named(name, value)}
             for name, value in record.attributes.items()]
