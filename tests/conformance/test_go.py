"""sentry-go and rollbar-go, unmodified, in programs built with and without -trimpath (scripts/conformance)."""
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "conformance" / "go"
SOURCES = ROOT / "tests" / "conformance" / "go"
RELEASE = "a1b2c3d"
NAMES = {"sentry-go": "sentry", "rollbar-go": "rollbar"}
# One that reads sources at run time and one that has none to read; Rollbar's never reads any.
ALL = ["sentry-go", "sentry-go-trimpath", "rollbar-go", "rollbar-go-trimpath"]


def report(server, project, program, kind):
    path = BUILT / program
    if not path.exists():
        pytest.skip(f"{program} could not be installed here; run scripts/conformance")
    tokens = project["tokens"]
    to = [project["dsn"]] if "sentry" in program else [tokens["post_server_item"], server.url + "/api/1/item/"]
    done = subprocess.run([path, *to, RELEASE, kind], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr
    return server.occurrence(project, done.stdout.strip().splitlines()[-1])


def item_of(server, project, occurrence):
    return server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])


def place(program, file):
    """Below the module's root."""
    return file if file.startswith("shop/") else f"{NAMES[program.removesuffix('-trimpath')]}/{file}"


def source(program, file):
    """Where the program says that its source lies."""
    root = "example.com/conformance" if "trimpath" in program else SOURCES
    return f"{root}/{place(program, file)}"


def line_of(program, file, code):
    lines = (SOURCES / place(program, file)).read_text().splitlines()
    found = [number for number, line in enumerate(lines, 1) if code in line]
    assert len(found) == 1, (code, found)
    return found[0]


def own(exception):
    return [(f["path"], f["function"].removeprefix("main.").removeprefix("shop."), f["line"])
            for f in exception["frames"] if f["in_app"]]


def assert_blamed(server, project, occurrence, program, file, function, code, below=0):
    culprit = item_of(server, project, occurrence)["culprit"]
    line = line_of(program, file, code) + below
    assert source(program, file) in culprit and function in culprit and culprit.endswith(f":{line}"), culprit


@pytest.mark.parametrize("program", ALL)
def test_wrapped_error(server, project, program):
    occurrence = report(server, project, program, "error")
    event = occurrence["event"]
    star = "*" if "sentry" in program else ""
    assert [(e["type"], e["message"]) for e in event["exceptions"]] == [
        (star + "fmt.wrapError", "picking 3: looking: no banners in paris"),
        (star + "fmt.wrapError", "looking: no banners in paris"),
        (star + "shop.NoBanners", "no banners in paris")]
    main = source(program, "main.go")
    assert own(event["exceptions"][0]) == [
        (main, "main", line_of(program, "main.go", "report(os.Args[")),
        (main, "report", line_of(program, "main.go", "reportError(3)")),
        (main, "reportError", line_of(program, "main.go", "func reportError") + 1)]
    assert event["level"] == "error" and event["release"] == RELEASE and event["environment"] == "production"
    assert event["host"] == "web-1" and event["language"].startswith("go")
    person = event["person"]
    assert (person["id"], person["username"], person["email"]) == ("17", "ada", "ada@shop.example")
    assert "gold" in str(person["extra"])
    if "sentry" in program:
        assert event["tags"] == {"shop": "paris", "dist": "7"} and person["ip"] == "192.0.2.7"
        assert event["contexts"]["order"] == {"number": 17, "lines": [1, 2]}
        crumb = event["breadcrumbs"][0]
        assert (crumb["category"], crumb["message"], crumb["data"]) == ("cart", "two added", {"count": 2})
    else:
        assert event["custom"] == {"order": 17, "shop": "paris"}
    item = item_of(server, project, occurrence)
    assert item["title"] == ("*fmt.wrapError: " if star else "") + "picking 3: looking: no banners in paris"
    again, elsewhere = report(server, project, program, "error"), report(server, project, program, "elsewhere")
    assert again["item"] == occurrence["item"] != elsewhere["item"]
    for one, function in [(occurrence, "reportError"), (elsewhere, "reportElsewhere")]:
        assert_blamed(server, project, one, program, "main.go", function, f"func {function}(", below=1)


# Without sources Sentry's client says nothing that tells a deferred function from a callback.
RECOVERED = [program for program in ALL if program != "sentry-go-trimpath"]


@pytest.mark.parametrize("program", RECOVERED)
def test_recovered_panic(server, project, program):
    occurrence = report(server, project, program, "panic")
    event = occurrence["event"]
    assert event["exceptions"][0]["type"] == "runtime.boundsError" and event["level"] == "critical"
    assert event["exceptions"][0]["message"] == "runtime error: index out of range [2] with length 0"
    assert_blamed(server, project, occurrence, program, "shop/shop.go", "at[...]", "return list[index]")
    assert report(server, project, program, "panic")["item"] == occurrence["item"]


@pytest.mark.parametrize("program", RECOVERED)
def test_panic_with_a_text(server, project, program):
    occurrence = report(server, project, program, "text panic")
    assert item_of(server, project, occurrence)["title"] == "no last banner in paris"
    assert occurrence["event"]["level"] == "critical"
    if program == "sentry-go":  # it sends the line: a raise line's caller is asked
        assert_blamed(server, project, occurrence, program, "main.go", "report", "paris.Last()")
    else:
        assert_blamed(server, project, occurrence, program, "shop/shop.go", "(*Shop).Last", "panic(")


@pytest.mark.parametrize("program", RECOVERED)
def test_a_panic_in_a_module_is_the_callers(server, project, program):
    occurrence = report(server, project, program, "foreign panic")
    frames = occurrence["event"]["exceptions"][0]["frames"]
    assert [frame["in_app"] for frame in frames if "golang.org/x" in frame["path"]] == [False]
    assert_blamed(server, project, occurrence, program, "shop/shop.go", "(*Shop).Language", "language.MustParse(")


@pytest.mark.parametrize("program", ["sentry-go", "sentry-go-trimpath"])
def test_handler_behind_sentrys_middleware(server, project, program):
    occurrence = report(server, project, program, "served")
    event = occurrence["event"]
    assert not [f for f in event["exceptions"][0]["frames"] if f["in_app"] and "sentry-go@" in f["path"]]
    assert_blamed(server, project, occurrence, program, "shop/shop.go", "at[...]", "return list[index]")
    assert event["request"]["url"] == "http://shop.example/banners" and event["request"]["query"] == "page=2"
    assert event["browser"]["name"] == "Firefox"


@pytest.mark.parametrize("program", ["rollbar-go", "rollbar-go-trimpath"])
def test_error_with_a_request(server, project, program):
    event = report(server, project, program, "request")["event"]
    assert event["level"] == "warning" and event["request"]["params"] == {"page": "2"}
    assert event["request"]["user_ip"] == "192.0.2.7" and event["browser"]["name"] == "Firefox"


@pytest.mark.parametrize("program", ALL)
def test_message(server, project, program):
    occurrence = report(server, project, program, "message")
    item = item_of(server, project, occurrence)
    assert item["title"] == "stock of paris is low"
    assert occurrence["event"]["level"] == ("info" if "sentry" in program else "warning")
    assert report(server, project, program, "message")["item"] == occurrence["item"]
