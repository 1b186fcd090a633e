import asyncio
import functools
import inspect

import pytest

import flawless
from looking import innermost
from flawless import wrap_class, wrap_function


def raises(call, kind=ValueError):
    with pytest.raises(kind) as caught:
        call()
    return caught.value


def test_function_bare_and_with_keywords(client):
    @wrap_function
    def bare(a):
        "Doc."
        if a < 0:
            raise ValueError(a)
        return a + 1

    @wrap_function(error_threshold=1, reraise_exception=False)
    def quiet():
        raise ValueError("quiet")
    assert bare(1) == 2 and bare.__name__ == "bare" and bare.__doc__ == "Doc."
    client.received(0)
    raises(lambda: bare(-1))
    assert innermost(client.received())["function"] == "bare"
    assert client.reports[0]["level"] == "critical" and client.reports[0]["exceptions"][0]["handled"] is False
    assert quiet() is None
    report = client.received(2)
    assert report["error_threshold"] == 1 and report["exceptions"][0]["handled"] is True


def test_the_exception_passes_unchanged(client):
    error = ValueError("mine")

    @wrap_function
    def work():
        raise error
    assert raises(work) is error and error.__cause__ is None and error.__context__ is None
    functions, traceback = [], error.__traceback__
    while traceback is not None:
        functions.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert functions[-1] == "work"


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration])
@pytest.mark.parametrize("reraise", [True, False])
def test_what_is_no_error_passes(client, kind, reraise):
    @wrap_function(reraise_exception=reraise)
    def work():
        raise kind(3)
    raises(work, kind)
    client.received(0)


def test_nested_wrappers_report_once(client):
    @wrap_function
    def inner():
        raise ValueError

    @wrap_function
    def outer():
        inner()

    def app(environ, start_response):
        return outer()
    raises(lambda: flawless.FlawlessMiddleware(app)({}, None))
    client.received(1)


def test_generator_keeps_its_protocol(client):
    @wrap_function
    def numbers(limit):
        got = []
        for n in range(limit):
            try:
                got.append((yield n))
            except KeyError:
                got.append("caught")
        if limit == 3:
            return got
        raise ValueError("end")
    assert inspect.isgeneratorfunction(numbers)
    generator = numbers(3)
    assert next(generator) == 0 and generator.send("a") == 1 and generator.throw(KeyError()) == 2
    with pytest.raises(StopIteration) as end:
        next(generator)
    assert end.value.value == ["a", "caught", None]
    closed = numbers(9)
    next(closed)
    closed.close()
    client.received(0)
    raises(lambda: list(numbers(2)))
    assert innermost(client.received())["function"] == "numbers"
    assert list(wrap_function(reraise_exception=False)(numbers.__wrapped__)(2)) == [0, 1]
    client.received(2)


def test_coroutine(client):
    @wrap_function
    async def work(fails):
        await asyncio.sleep(0)
        if fails:
            raise ValueError
        return 7

    async def cancelled():
        task = asyncio.ensure_future(wrap_function(asyncio.sleep)(60))
        await asyncio.sleep(0)
        task.cancel()
        await task
    assert inspect.iscoroutinefunction(work) and asyncio.run(work(False)) == 7
    raises(lambda: asyncio.run(cancelled()), asyncio.CancelledError)
    client.received(0)
    raises(lambda: asyncio.run(work(True)))
    assert innermost(client.received())["function"] == "work"


def test_async_generator_keeps_its_protocol(client):
    closed = []

    @wrap_function
    async def numbers(limit):
        try:
            for n in range(limit):
                try:
                    got = yield n
                except KeyError:
                    got = yield "caught"
                if got == "stop":
                    return
            raise ValueError
        finally:
            closed.append(limit)

    async def use():
        generator = numbers(9)
        assert await generator.__anext__() == 0 and await generator.asend(None) == 1
        assert await generator.athrow(KeyError()) == "caught"
        with pytest.raises(StopAsyncIteration):
            await generator.asend("stop")
        left = numbers(8)
        await left.__anext__()
        await left.aclose()
        return [n async for n in numbers(2)]
    assert inspect.isasyncgenfunction(numbers)
    raises(lambda: asyncio.run(use()))
    assert innermost(client.received())["function"] == "numbers" and closed == [9, 8, 2]


def test_odd_callables(client):
    class Callable:
        def __call__(self):
            raise ValueError("called")
    raises(wrap_function(functools.partial(int, "x")))
    raises(wrap_function(Callable()))
    raises(functools.partial(wrap_function(lambda x: int(x)), "x"))
    client.received(3)


class Base:
    def inherited(self):
        raise ValueError("inherited")

    def overridden(self):
        return "base"

    async def awaited(self):
        raise ValueError("awaited")


@wrap_class
class Basket(Base):
    count = 3

    def __init__(self, fails=False):
        if fails:
            raise ValueError("init")

    def method(self):
        raise ValueError("method")

    @staticmethod
    def static(x):
        return x / 0

    @classmethod
    def create(cls):
        raise ValueError(cls.__name__)

    def overridden(self):
        return super().overridden() + "+"

    def __getattr__(self, name):
        raise AttributeError(name)

    def generated(self):
        yield 1
        raise ValueError("generated")


def test_class(client):
    basket = Basket()
    assert basket.overridden() == "base+" and Basket.count == 3 and not hasattr(basket, "missing")
    assert isinstance(basket, Basket) and Basket.__name__ == "Basket"
    client.received(0)
    raises(lambda: Basket(fails=True))
    raises(basket.method)
    raises(lambda: basket.static(1), ZeroDivisionError)
    raises(lambda: Basket.static(1), ZeroDivisionError)
    raises(Basket.create)
    raises(basket.create)
    raises(basket.inherited)
    raises(lambda: list(basket.generated()))
    raises(lambda: asyncio.run(basket.awaited()))
    client.received(9)
    assert innermost(client.reports[1])["class_name"] == "Basket"


def test_class_leaves_its_bases_and_their_order_alone(client):
    raises(Base().inherited)
    client.received(0)

    class Other(Base):
        def inherited(self):
            return "other"

    class Diamond(Basket, Other):
        pass
    assert Diamond().inherited() == "other"


def test_class_with_keywords(client):
    @wrap_class(reraise_exception=False)
    class Quiet:
        def work(self):
            raise ValueError
    assert Quiet().work() is None
    client.received(1)


class Later:
    async def __call__(self):
        raise ValueError("later")


async def later():
    raise ValueError("later")


@pytest.mark.parametrize("call", [Later(), functools.partial(Later()), lambda: later(), functools.partial(later)])
def test_whatever_gives_a_coroutine(client, call):
    assert str(raises(lambda: asyncio.run(wrap_function(call)()))) == "later"
    assert asyncio.run(wrap_function(call, reraise_exception=False)()) is None
    client.received(2)
    assert innermost(client.reports[0])["function"] in ("__call__", "later")


def test_a_coroutine_keeps_its_name(client):
    coroutine = wrap_function(lambda: later(), reraise_exception=False)()
    assert (coroutine.__name__, coroutine.__qualname__) == ("later", "later")
    assert asyncio.run(coroutine) is None
