"""Builds reports: `take_…` in the failing thread, `finish` in the sender's."""
from __future__ import annotations

import datetime
import json
import os
import platform
import sys
import threading
import time
import uuid
from types import FrameType, TracebackType
from typing import Any, Callable, Dict, Hashable, List, Optional, Tuple

from . import _scope
from ._arguments import (MOST_MESSAGE, MOST_OF_PERSON, MOST_TAG, Arguments, cut, described_request, request_bytes,
                         text_of)
from ._body import Body
from ._budget import Budget, Limits
from ._config import Options
from ._frames import (LIBRARY_LIMITS, AppRules, FrameFormat, FrameRecord, add_variables, outer_and_inner,
                      stack_frames, take_frames, traceback_frames)
from ._manners import Manners
from ._scrub import SCRUBBED, TextScrubber
from ._shown import Presenter
from ._signals import is_raised_by_signal
from ._static import (arguments_of, cause_of, class_attribute, class_name, context_of, is_a, members_of, module_name,
                      mro_of, stored_attributes, suppresses_context, traceback_of, type_name)
from ._taken import Taker
from ._version import VERSION

_MOST_EXCEPTIONS = 10
_JSON = json.JSONEncoder(separators=(",", ":"), default=repr, skipkeys=True)
_PIECES_DEPTH = 4  # a frame is one
_CUSTOM_LIMITS = Limits(depth=6, entries=100, text=4000)
_KEY_FRAMES = 50
_PLAIN_TEXT: Any = BaseException.__str__
_TEXT_OF_KEY: Any = KeyError.__str__
_LANGUAGE = f"python {platform.python_version()}"


class ExceptionRecord:
    __slots__ = ("head", "frames")

    def __init__(self, head: Dict[str, Any], frames: List[FrameRecord]) -> None:
        self.head, self.frames = head, frames


class PendingReport:
    """A report whose values are taken; its source lines are not read yet."""
    __slots__ = ("fields", "exceptions", "stack", "size", "left_out", "interruption", "is_handed_over")

    def __init__(self, fields: Dict[str, Any], exceptions: List[ExceptionRecord], stack: List[FrameRecord],
                 size: int) -> None:
        self.fields, self.exceptions, self.stack, self.size = fields, exceptions, stack, size
        self.left_out = 0  # further occurrences that it stands for
        self.interruption: Optional[BaseException] = None  # to be raised once it is queued
        self.is_handed_over = False  # is queued, held or counted as dropped

    @property
    def id(self) -> str:
        return str(self.fields["id"])


def burst_key(error: BaseException, traceback: Optional[TracebackType], caller: FrameType) -> Hashable:
    """Equal for occurrences of one error: its type and the places on its stack; of one never raised, its caller's."""
    if traceback is None:
        stack = stack_frames(caller)[-_KEY_FRAMES:]
        return _kind_key(error), tuple((frame.f_code.co_filename, line) for frame, line in stack)
    places: List[Tuple[str, int]] = []
    while traceback is not None:
        places.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno or 0))
        traceback = traceback.tb_next
    return _kind_key(error), tuple(places[-_KEY_FRAMES:])


def _kind_key(error: BaseException) -> Hashable:
    """Of the class, which may be hashed and compared by code of its metaclass."""
    return id(type(error)), class_name(type(error))


def _is_plain(error: BaseException) -> bool:
    """Making its text runs no code of the application."""
    own = class_attribute(type(error), "__str__")
    return (own is _PLAIN_TEXT or own is _TEXT_OF_KEY) and \
        all(type(part) in (str, int) for part in arguments_of(error))


def _message_of(error: BaseException, budget: Budget) -> str:
    text = text_of(error, budget, _is_plain(error))
    notes = stored_attributes(error).get("__notes__")
    if type(notes) is list:
        text = "\n".join([text, *(note for note in notes if type(note) is str)])
    return cut(text, MOST_MESSAGE)


def _members_of_group(error: BaseException) -> List[Any]:
    """Of Python 3.11 on, or of the package that brings it to earlier ones."""
    for kind in mro_of(type(error)):
        if class_name(kind) == "BaseExceptionGroup" and \
                module_name(kind).partition(".")[0] in ("builtins", "exceptiongroup"):
            members = members_of(kind)["exceptions"].__get__(error)
            return [member for member in members if is_a(member, BaseException)] if type(members) is tuple else []
    return []


def _chain(error: BaseException) -> List[Tuple[BaseException, str]]:
    """The exception, its causes, then the members of groups; each once, with how it came in."""
    found: List[Tuple[BaseException, str]] = []
    todo: List[Tuple[BaseException, str]] = [(error, "")]
    while todo and len(found) < _MOST_EXCEPTIONS:
        one, how = todo.pop(0)
        if any(one is known for known, _ in found):
            continue
        found.append((one, how))
        cause, context = cause_of(one), context_of(one)
        if cause is not None:
            todo.insert(0, (cause, "cause"))
        elif context is not None and not suppresses_context(one):
            todo.insert(0, (context, "context"))
        todo += [(member, "group member") for member in _members_of_group(one)]
    return found


def _without_details(pending: PendingReport, error: BaseException) -> PendingReport:
    """What is left when something in it cannot be shown."""
    fields = {name: value for name, value in pending.fields.items() if name not in ("request", "request_taken")}
    fields["custom"] = {"flawless.incomplete": type_name(type(error))}
    exceptions = [ExceptionRecord(record.head, [frame.without_values() for frame in record.frames])
                  for record in pending.exceptions]
    reduced = PendingReport(fields, exceptions, pending.stack, pending.size)
    reduced.left_out = pending.left_out
    return reduced


def _encoded(value: Any, pause: Callable[[], None], depth: int = _PIECES_DEPTH) -> str:
    """JSON, with a pause after each piece."""
    if depth > 0 and type(value) is list:
        return "[" + ",".join(_encoded(item, pause, depth - 1) for item in value) + "]"
    if depth > 0 and type(value) is dict and all(type(name) is str for name in value):
        return "{" + ",".join(f"{_JSON.encode(name)}:{_encoded(item, pause, depth - 1)}"
                              for name, item in value.items()) + "}"
    pause()
    return _JSON.encode(value)


class ReportBuilder:
    """Reports are taken in any thread, and finished in one at a time."""

    def __init__(self, options: Options, is_secret: Callable[[str], bool]) -> None:
        self._options = options
        self._is_secret = is_secret
        self._rules = AppRules(options.in_app_include, options.in_app_exclude)
        self._manners = Manners()
        pause = self._manners.pause
        self._text = TextScrubber(is_secret, pause)
        self._plain = Presenter(is_secret, _CUSTOM_LIMITS.text, quotes=False, pause=pause)
        self._format = FrameFormat(options.server_root, options.frame_limits.context,
                                   Presenter(is_secret, options.value_limits.text, pause=pause),
                                   Presenter(is_secret, LIBRARY_LIMITS.text, pause=pause))

    # --- in the failing thread ----------------------------------------------------------------------------------------
    def take_exception(self, error: BaseException, traceback: Optional[TracebackType], caller: FrameType,
                       mechanism: str, handled: bool, **more: Any) -> PendingReport:
        frames = traceback_frames(traceback) or stack_frames(caller)  # never raised: where it was handed over
        records = []
        with self._budget() as budget:
            taker = self._taker(budget)
            for one, how in _chain(error):
                own = frames if one is error else traceback_frames(traceback_of(one))
                head = {"type": class_name(type(one)), "module": module_name(type(one)),
                        "message": _message_of(one, budget), "mechanism": how or mechanism, "handled": handled}
                records.append(ExceptionRecord(head, self._take_frames(own, taker)))
            fields = self._fields(taker, level="error" if handled else "critical", **more)
        return self._pending(taker, fields, records, [])

    def take_message(self, message: str, caller: Optional[FrameType], **more: Any) -> PendingReport:
        """`caller`: its stack comes along."""
        with self._budget() as budget:
            taker = self._taker(budget)
            stack = self._take_frames(stack_frames(caller), taker, False) if caller is not None else []
            fields = self._fields(taker, message=message, **more)
        return self._pending(taker, fields, [], stack)

    def _budget(self) -> Budget:
        return Budget(self._options.report_bytes, self._options.report_seconds)

    def _taker(self, budget: Budget) -> Taker:
        return Taker(self._options.value_limits, self._is_secret, budget)

    def _take_frames(self, frames: List[Tuple[FrameType, int]], taker: Taker,
                     variables: bool = True) -> List[FrameRecord]:
        kept = outer_and_inner(frames, self._options.frame_limits.frames)
        records = take_frames(kept, self._rules)
        if variables and self._options.send_variables:
            add_variables(kept, records, taker, self._options.frame_limits)
        return records

    def _pending(self, taker: Taker, fields: Dict[str, Any], exceptions: List[ExceptionRecord],
                 stack: List[FrameRecord]) -> PendingReport:
        frames = len(stack) + sum(len(record.frames) for record in exceptions)
        used = self._options.report_bytes - taker.budget.bytes_left + request_bytes(fields.get("request", {}))
        texts = sum(len(record.head["message"]) for record in exceptions) + len(fields.get("message", ""))
        pending = PendingReport(fields, exceptions, stack, used + texts + 600 * frames + 4000)
        pending.interruption, taker.budget.interruption = taker.budget.interruption, None
        return pending

    def _fields(self, taker: Taker, level: str, level_asked: Any = None, message: Any = None,
                message_template: Any = None, logger: Any = None, fingerprint: Any = None, error_threshold: Any = None,
                custom: Any = None, additional_info: Any = None, tags: Any = None, person: Any = None,
                request: Any = None) -> Dict[str, Any]:
        """Whatever it is that the application hands over: see Arguments."""
        scope = _scope.current() or _scope.Scope()
        given = Arguments(taker.budget, self._is_secret)
        fields: Dict[str, Any] = {
            "id": uuid.uuid4().hex, "occurred_at": time.time(), "custom": {}, "tags": {},
            "level": level if level_asked is None else given.text(level_asked),
            "server": {"pid": os.getpid(), "thread": threading.current_thread().name}}
        for name, text in (("message", message), ("message_template", message_template), ("logger", logger),
                           ("context", scope.context or None), ("framework", scope.framework or None)):
            if text is not None:
                fields[name] = given.text(text, MOST_MESSAGE)
        if fingerprint is not None:
            fields["fingerprint"] = given.fingerprint(fingerprint)
        if type(error_threshold) is int:
            fields["error_threshold"] = error_threshold
        plain = Taker(_CUSTOM_LIMITS, self._is_secret, taker.budget)
        if custom is not None or additional_info is not None:
            fields["custom"] = plain.replace({**given.values(custom, "custom"),
                                              **given.values(additional_info, "additional_info")})
        for source in (self._options.tags, scope.tags, tags):
            fields["tags"].update(given.texts(source, "tags", MOST_TAG))
        if request is not None or scope.request is not None:
            self._add_request(fields, scope.request, request, plain, given)
        person = scope.person if person is None else person
        if person is not None and self._options.send_person:
            known = {name: value for name, value in given.values(person, "id").items() if value is not None}
            fields["person"] = given.texts(known, "id", MOST_OF_PERSON)
        return fields

    def _add_request(self, fields: Dict[str, Any], source: Optional[_scope.RequestSource], request: Any, taker: Taker,
                     given: Arguments) -> None:
        try:
            if issubclass(type(request), dict):
                fields["request_taken"] = described_request(request, taker, given)
            elif source is not None:
                fields["request"] = source()
        except Exception as error:  # a broken request must not hide the error
            fields["custom"]["flawless.request"] = f"not readable: {type_name(type(error))}"

    # --- in the sender's thread ---------------------------------------------------------------------------------------
    def finish(self, pending: PendingReport, dropped: int) -> Optional[bytes]:
        """The report as JSON; None if before_send does not want it."""
        try:
            report = self._made(pending, dropped)
        except Exception as error:
            report = self._made(_without_details(pending, error), dropped)
        try:
            if self._options.before_send is not None:
                report = self._options.before_send(report)  # type: ignore[assignment]
                if report is None:
                    return None
            return _encoded(report, self._manners.pause).encode("ascii")
        except Exception:
            raise
        except BaseException as error:  # SystemExit: the process or the thread is not the application's to end here
            if is_a(error, KeyboardInterrupt) or is_raised_by_signal(error):
                raise
            raise RuntimeError(f"before_send failed with {type_name(type(error))}") from error

    def _made(self, pending: PendingReport, dropped: int) -> Dict[str, Any]:
        options = self._options
        report = {
            **pending.fields, "platform": "python", "language": _LANGUAGE, "environment": options.environment,
            "host": options.host, "server_root": options.server_root,
            "sdk": {"name": "flawless.python", "version": VERSION}}
        report["occurred_at"] = datetime.datetime.fromtimestamp(
            report["occurred_at"], datetime.timezone.utc).isoformat().replace("+00:00", "Z")
        if options.release:
            report["release"] = options.release
        report["custom"] = {name: self._plain.named(name, taken) for name, taken in report["custom"].items()}
        if "request_taken" in report:
            report["request"] = self._plain.value(report.pop("request_taken"))
        self._add_counts(report, pending.left_out, dropped)
        self._add_frames(report, pending)
        self._scrub(report)
        return report

    def _add_counts(self, report: Dict[str, Any], left_out: int, dropped: int) -> None:
        if left_out > 0:
            report["count"] = 1 + left_out
        if dropped > 0:
            report["custom"] = {**report["custom"], "flawless.dropped": dropped}

    def _add_frames(self, report: Dict[str, Any], pending: PendingReport) -> None:
        stacks = [pending.stack, *(record.frames for record in pending.exceptions)]
        knows = any(frame.in_app for stack in stacks for frame in stack)  # else the server's rules may do better

        def finished(frames: List[FrameRecord]) -> List[Dict[str, Any]]:
            shown = []
            for frame in frames:
                shown.append(self._format.frame(frame, knows))
                self._manners.pause()
            return shown
        if pending.exceptions:
            report["exceptions"] = [{**record.head, "frames": finished(record.frames)}
                                    for record in pending.exceptions]
        if pending.stack:
            report["threads"] = [{"id": "0", "name": report["server"]["thread"], "current": True,
                                  "frames": finished(pending.stack)}]

    def _scrub(self, report: Dict[str, Any]) -> None:
        """Texts; values have been hidden by their names already. Source code stays."""
        for key in ("message", "message_template", "custom", "tags", "person", "context", "fingerprint"):
            if key in report:
                report[key] = self._text.tree(report[key])
        for exception in report.get("exceptions", ()):
            exception["message"] = self._text.text(exception["message"])
            for frame in exception["frames"]:
                self._manners.pause()
                for variable in frame.get("variables", ()):
                    variable["value"] = self._text.member(variable["name"], variable["value"])
        report["server"] = {**report["server"], "argv": self._text.words([str(word)[:200] for word in sys.argv[:20]])}
        if "request" in report:
            report["request"] = self._scrubbed_request(report["request"])

    def _scrubbed_request(self, request: Dict[str, Any]) -> Dict[str, Any]:
        body = request.get("body")
        parts = {**request, "body": body.parsed()} if isinstance(body, Body) else request
        scrubbed = dict(self._text.tree({k: v for k, v in parts.items() if k not in ("headers", "cookies")}))
        headers = dict(request["headers"]) if isinstance(request.get("headers"), dict) else {}
        cookie = next((headers.pop(name) for name in list(headers) if name.lower() == "cookie"), "")
        scrubbed["headers"] = self._text.tree(headers)
        if cookie:
            if cookie != SCRUBBED:
                scrubbed["cookies"] = self._text.cookies(str(cookie))
            scrubbed["headers"]["Cookie"] = SCRUBBED
        return scrubbed
