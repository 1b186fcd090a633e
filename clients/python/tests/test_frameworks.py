"""Django and Flask, where they are installed."""
import asyncio

import pytest

import flawless
from looking import innermost, variables


# --- Flask ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def flask_app():
    flask = pytest.importorskip("flask", reason="Flask is not installed")
    import flawless.flask
    app = flask.Flask("shop")

    @app.route("/buy/<article>", methods=["POST"])
    def buy(article):
        amount = int(flask.request.form["amount"])
        raise ValueError(f"{amount} {article}")

    @app.route("/stream")
    def stream():
        def parts():
            yield "one"
            raise ValueError("two")
        return flask.Response(parts())

    @app.route("/gone")
    def gone():
        flask.abort(404)
    assert flawless.flask.init_app(app) is app and flawless.flask.init_app(app) is app
    return app


def test_flask_view(client, flask_app):
    reply = flask_app.test_client().post("/buy/A-17?page=2", data={"amount": "3", "password": "x"})
    assert reply.status_code == 500
    report = client.received()
    assert innermost(report)["function"] == "buy" and variables(innermost(report))["article"] == "'A-17'"
    assert report["request"]["body"] == {"amount": "3", "password": "[scrubbed]"}
    assert report["context"] == "buy" and report["framework"].startswith("flask")


def test_flask_propagating_reports_once(client, flask_app):
    flask_app.testing = True
    with pytest.raises(ValueError):
        flask_app.test_client().post("/buy/A-17", data={"amount": "3"})
    client.received(1)


def test_flask_stream_and_handled_errors(client, flask_app):
    assert flask_app.test_client().get("/gone").status_code == 404
    client.received(0)
    with pytest.raises(ValueError):
        flask_app.test_client().get("/stream").get_data()
    assert innermost(client.received())["function"] == "parts"


# --- Django -----------------------------------------------------------------------------------------------------------
def buy(request, article):
    amount = request.POST["amount"]
    raise ValueError(f"{amount} {article}")


def stream(request):
    from django.http import StreamingHttpResponse

    def parts():
        yield "one"
        raise ValueError("two")
    return StreamingHttpResponse(parts())


def missing(request):
    from django.http import Http404
    raise Http404("nothing here")


async def awaited(request):
    raise ValueError("awaited")


def broken_middleware(get_response):
    def middleware(request):
        if request.GET.get("broken"):
            raise ValueError("middleware")
        return get_response(request)
    return middleware


urlpatterns = []


@pytest.fixture
def django_client():
    django = pytest.importorskip("django", reason="Django is not installed")
    from django.conf import settings
    if not settings.configured:
        settings.configure(
            ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"], DEFAULT_CHARSET="utf-8",
            LOGGING_CONFIG=None, MIDDLEWARE=["flawless.django.FlawlessMiddleware",
                                             __name__ + ".broken_middleware"])
        django.setup()
        from django.urls import path
        urlpatterns.extend([path("buy/<article>", buy, name="buy"), path("stream", stream), path("missing", missing),
                            path("awaited", awaited)])
    from django.test import Client
    return Client(raise_request_exception=False)


def test_django_view(client, django_client):
    assert django_client.post("/buy/A-17", {"amount": "3", "password": "hunter2"}).status_code == 500
    report = client.received()
    frame = innermost(report)
    assert frame["function"] == "buy" and variables(frame)["amount"] == "'3'" and frame["in_app"] is True
    assert report["request"]["method"] == "POST" and report["context"] == "buy"
    assert report["request"]["body"] == {"amount": "3", "password": "[scrubbed]"}
    assert report["framework"].startswith("django") and "hunter2" not in str(report)


def test_django_middleware_stream_and_not_found(client, django_client):
    assert django_client.get("/missing").status_code == 404
    client.received(0)
    assert django_client.get("/stream?broken=1").status_code == 500
    assert innermost(client.received(1))["function"] == "middleware"
    with pytest.raises(ValueError):
        b"".join(django_client.get("/stream").streaming_content)
    assert innermost(client.received(2))["function"] == "parts"


def test_django_async(client, django_client):
    from django.test import AsyncClient

    async def get():
        return await AsyncClient(raise_request_exception=False).get("/awaited")
    assert asyncio.run(get()).status_code == 500
    report = client.received()
    assert innermost(report)["function"] == "awaited" and report["request"]["url"].endswith("/awaited")


def test_django_under_wsgi_with_the_middleware_around(client, django_client):
    from django.core.handlers.wsgi import WSGIHandler
    import io
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/buy/A-17", "SERVER_NAME": "shop", "SERVER_PORT": "80",
               "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": "8", "wsgi.url_scheme": "http",
               "wsgi.input": io.BytesIO(b"amount=3")}
    flawless.FlawlessMiddleware(WSGIHandler())(environ, lambda status, headers, exc_info=None: None)
    client.received(1)
