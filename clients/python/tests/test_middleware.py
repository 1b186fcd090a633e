import io
import wsgiref.util

import pytest

import flawless
from looking import innermost, variables


def call(app, body=b"", **environ):
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/buy", "QUERY_STRING": "token=abc&page=2",
               "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
               "HTTP_HOST": "shop.example.com", "HTTP_COOKIE": "sid=s3cret; lang=de", "HTTP_X_API_KEY": "k3y",
               "HTTP_USER_AGENT": "curl/8", "REMOTE_ADDR": "192.0.2.7", "wsgi.input": io.BytesIO(body),
               "wsgi.url_scheme": "https", "SERVER_PROTOCOL": "HTTP/1.1", **environ}
    return flawless.FlawlessMiddleware(app)(environ, lambda status, headers: None)


def test_call_with_request_headers_and_body(client):
    def app(environ, start_response):
        form = environ["wsgi.input"].read()
        raise ValueError(len(form))
    with pytest.raises(ValueError):
        call(app, b"article=A-17&password=hunter2&note=")
    report = client.received()
    request = report["request"]
    assert request["method"] == "POST" and request["url"] == "https://shop.example.com/buy"
    assert request["query"] == "token=[scrubbed]&page=2" and request["user_ip"] == "192.0.2.7"
    assert request["body"] == {"article": "A-17", "password": "[scrubbed]", "note": ""}
    assert request["cookies"] == {"sid": "[scrubbed]", "lang": "[scrubbed]"}
    assert request["headers"]["User-Agent"] == "curl/8" and request["headers"]["X-Api-Key"] == "[scrubbed]"
    assert "s3cret" not in str(report) and "k3y" not in str(report) and report["framework"] == "wsgi"
    frames = report["exceptions"][0]["frames"]
    assert [f["function"] for f in frames] == ["__call__", "app"] and frames[0]["in_app"] is False
    assert variables(frames[1])["form"].startswith("b'article=")


def test_json_body_and_long_body(client):
    def app(environ, start_response):
        environ["wsgi.input"].readline()
        raise ValueError
    with pytest.raises(ValueError):
        call(app, b'{"a": {"secret": 1, "b": 2}}', CONTENT_TYPE="application/json")
    assert client.received()["request"]["body"] == {"a": {"secret": "[scrubbed]", "b": 2}}
    with pytest.raises(ValueError):
        call(app, b"x" * 100000, CONTENT_TYPE="text/plain")
    assert client.received(2)["request"]["body"] == "x" * 8192


@pytest.mark.parametrize("depth", [40, 900, 4000])
def test_a_deeply_nested_body(client, depth):
    def app(environ, start_response):
        environ["wsgi.input"].read()
        raise ValueError
    with pytest.raises(ValueError):
        call(app, b"[" * depth + b"]" * depth, CONTENT_TYPE="application/json")
    report = client.received()
    assert str(report["request"]["body"]).startswith("[" * 30) and "flawless.incomplete" not in report["custom"]


@pytest.mark.parametrize("read", [
    lambda stream: stream.read(), lambda stream: [stream.read(1), stream.read(99)], lambda stream: stream.readlines(),
    list, lambda stream: stream.readinto(bytearray(99)), lambda stream: stream.read1(99)])
def test_every_way_to_read_a_body_is_seen_and_gives_what_it_should(client, read):
    def app(environ, start_response):
        assert read(environ["wsgi.input"]) == read(io.BytesIO(b"a\nb\n"))
        raise ValueError
    with pytest.raises(ValueError):
        call(app, b"a\nb\n", CONTENT_TYPE="text/plain")
    assert client.received()["request"]["body"] == "a\nb\n"


def test_uploads_are_not_recorded_and_nothing_is_read_for_the_application(client):
    stream = io.BytesIO(b"--x\r\nfile")

    def app(environ, start_response):
        assert environ["wsgi.input"] is stream
        raise ValueError
    with pytest.raises(ValueError):
        call(app, b"x", CONTENT_TYPE="multipart/form-data; boundary=x", **{"wsgi.input": stream})
    assert "body" not in client.received()["request"] and stream.tell() == 0


def test_body_generator(client):
    def app(environ, start_response):
        yield b"one"
        raise ValueError("two")
    body = iter(call(app))
    assert next(body) == b"one"
    with pytest.raises(ValueError):
        next(body)
    report = client.received()
    assert innermost(report)["function"] == "app" and report["request"]["url"].endswith("/buy")


def test_close_of_the_body(client):
    class Body:
        def __iter__(self):
            return iter([b"x"])

        def close(self):
            raise ValueError("close")
    body = call(lambda environ, start_response: Body())
    assert list(body) == [b"x"]
    with pytest.raises(ValueError):
        body.close()
    client.received(1)


def test_bodies_that_cannot_fail_stay_what_they_are(client):
    listed, filed = [b"x"], wsgiref.util.FileWrapper(io.BytesIO(b"x"))
    assert call(lambda environ, start_response: listed) is listed
    assert call(lambda *_: filed, **{"wsgi.file_wrapper": wsgiref.util.FileWrapper}) is filed


def test_a_generator_is_closed_with_its_body(client):
    closed = []

    def app(environ, start_response):
        try:
            yield b"one"
        finally:
            closed.append(1)
    body = call(app)
    next(body)
    body.close()
    assert closed == [1]
    client.received(0)


@pytest.mark.parametrize("error, reports", [(SystemExit(0), 0), (SystemExit(), 0), (SystemExit(3), 1),
                                            (KeyboardInterrupt(), 0)])
def test_exits(client, error, reports):
    def app(environ, start_response):
        raise error
    with pytest.raises(type(error)):
        call(app)
    client.received(reports)


def test_what_is_recorded_inside_a_request_knows_it(client):
    def app(environ, start_response):
        flawless.set_person(3)
        flawless.record_error(KeyError("inside"))
        return [b""]
    call(app)
    report = client.received()
    assert report["request"]["method"] == "POST" and report["person"] == {"id": "3"}
    flawless.record_message("outside")
    assert "request" not in client.received(2) and "person" not in client.reports[1]


def test_an_environ_of_odd_values(client):
    def app(environ, start_response):
        raise ValueError
    with pytest.raises(ValueError):
        call(app, CONTENT_TYPE=None, CONTENT_LENGTH=3, REQUEST_METHOD=None)
    with pytest.raises(ValueError):
        call(app, CONTENT_TYPE=None, **{"wsgi.input": 3})
    client.received(2)


def test_a_bare_environ(client):
    def app(environ, start_response):
        raise ValueError
    with pytest.raises(ValueError):
        flawless.FlawlessMiddleware(app)({}, None)
    assert client.received()["request"]["method"] == ""
