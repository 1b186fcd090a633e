"""One exception that crosses several wrappers is reported once."""
from __future__ import annotations

import collections
import threading
import weakref
from typing import Any, Optional, Tuple

_MARK = "__flawless_reported__"
_REMEMBERED = 8


def _innermost(error: BaseException) -> Optional[int]:
    traceback = error.__traceback__
    if traceback is None:
        return None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return id(traceback)


class Seen:
    """Remembers on the exception itself; of an exception that cannot be marked, in a short list.

    An exception object that is raised anew with a fresh traceback counts as a new one.
    """

    def __init__(self) -> None:
        self._unmarked: "collections.deque[Tuple[Any, Optional[int]]]" = collections.deque(maxlen=_REMEMBERED)
        self._lock = threading.RLock()

    def is_first(self, error: BaseException) -> bool:
        """True once for each raised exception."""
        place = _innermost(error)
        try:
            stored = object.__getattribute__(error, "__dict__")
            if not dict.__contains__(stored, _MARK) or dict.__getitem__(stored, _MARK) != place:
                dict.__setitem__(stored, _MARK, place)
                return True
            return False
        except (AttributeError, TypeError):
            return self._is_first_of_unmarked(error, place)

    def forget(self, error: BaseException) -> None:
        """It was not reported after all."""
        try:
            dict.pop(object.__getattribute__(error, "__dict__"), _MARK, None)
        except (AttributeError, TypeError):
            self._unmarked.clear()

    def _is_first_of_unmarked(self, error: BaseException, place: Optional[int]) -> bool:
        with self._lock:
            for reference, where in self._unmarked:
                known = reference() if isinstance(reference, weakref.ref) else reference
                if known is error and where == place:
                    return False
            try:
                reference = weakref.ref(error)
            except TypeError:
                reference = error
            self._unmarked.append((reference, place))
            return True
