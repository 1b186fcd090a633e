"""How the shop reports its errors. Each function wraps the application with one unmodified client."""
import sys


def with_flawless(app, options):
    import flawless
    flawless.init(options.dsn, release=options.release, environment=options.environment)
    return flawless.FlawlessMiddleware(app)


def with_sentry(app, options):
    import sentry_sdk
    from sentry_sdk.integrations.wsgi import SentryWsgiMiddleware
    sentry_sdk.init(options.dsn, release=options.release, environment=options.environment)
    return SentryWsgiMiddleware(app)


def with_rollbar(app, options):
    import rollbar
    rollbar.init(options.token, options.environment, endpoint=options.url + "/api/1/", code_version=options.release,
                 root=options.root, handler="blocking")

    def reported(environ, start_response):
        try:
            return app(environ, start_response)
        except Exception:
            rollbar.report_exc_info(sys.exc_info(), payload_data={"request": request_of(environ)})
            raise
    return reported


def request_of(environ):
    """pyrollbar knows frameworks, not plain WSGI."""
    headers = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    url = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', 'localhost')}{environ['PATH_INFO']}"
    query = environ.get("QUERY_STRING", "")
    return {"url": url + ("?" + query if query else ""), "method": environ["REQUEST_METHOD"], "headers": headers,
            "query_string": query, "user_ip": environ.get("REMOTE_ADDR", "")}


CLIENTS = {"flawless": with_flawless, "sentry": with_sentry, "rollbar": with_rollbar}


def first_installed():
    """sentry if it is installed: its program is the one most people have."""
    try:
        import sentry_sdk  # noqa: F401
        return "sentry"
    except ImportError:
        return "flawless"
