"""Maven Central's Sentry and Rollbar clients for Java, unmodified: the shop fails twice, one item, read back whole."""
import json
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "conformance" / "java"
SOURCE = ROOT / "tests" / "conformance" / "java" / "src" / "main" / "java" / "example" / "shop" / "Shop.java"
# Of so many calls before the failure the run-time makes its own accessors; proxies are numbered as they come.
COLD, WARM = "0", "40"
HIDDEN_FRAMES = ["-XX:+UnlockDiagnosticVMOptions", "-XX:+ShowHiddenFrames"]

pytestmark = pytest.mark.skipif(not (BUILT / "built").exists() or not shutil.which("java"),
                                reason="the Java clients could not be installed here; run scripts/conformance")


def run(name, *arguments, options=()):
    path = f"{BUILT / 'classes'}:{BUILT / 'dependency'}/*"
    command = ["java", *options, "-cp", path, f"example.shop.{name}", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr
    return done.stdout.strip().splitlines()[-1]


def report(client, server, project, warm, options=()):
    if client == "sentry":
        report_id = run("ReportSentry", project["dsn"], warm, options=options)
    else:
        report_id = run("ReportRollbar", project["tokens"]["post_server_item"], server.url, warm, options=options)
    return server.occurrence(project, report_id)


def item_of(server, project, occurrence):
    return server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])


def raw_of(server, project, occurrence):
    return json.loads(server.get(f"/api/2/occurrences/{occurrence['id']}/raw", project["tokens"]["read"]).body)


def line_of(code):
    lines = [number for number, line in enumerate(SOURCE.read_text().splitlines(), 1) if code in line]
    assert len(lines) == 1, lines
    return lines[0]


def by_type(event):
    return {exception["type"].rpartition(".")[2]: exception for exception in event["exceptions"]}


def places(exception, in_app=None):
    return [(frame["module"], frame["function"], frame.get("path"), frame.get("line")) for frame in exception["frames"]
            if in_app is None or frame["in_app"] == in_app]


FILE = "example/shop/Shop.java"
RENDER = ("example.shop.Shop$Renderer", "render", FILE, line_of("throw new IllegalStateException"))
PICK = ("example.shop.Shop$Renderer", "pickBanner", FILE, line_of("connection.banners(city).get(0)"))
LAMBDA = ("example.shop.Shop", "lambda$show$0", FILE, line_of("new Renderer().render(one)"))
CLOSE = ("example.shop.Shop$Connection", "close", FILE, line_of('new IOException("connection reset")'))


def check_stacks(event):
    thrown, cause = by_type(event)["IllegalStateException"], by_type(event)["IndexOutOfBoundsException"]
    assert event["exceptions"][0] is thrown, "what was thrown comes first, as Java prints it"
    assert thrown["message"] == "no banner for Paris"
    assert cause["message"] == "Index 0 out of bounds for length 0"
    assert places(thrown)[-1] == RENDER and LAMBDA in places(thrown, in_app=True)
    assert places(cause, in_app=True)[-1] == PICK, "the application's line, not java.base's"
    foreign = [module for module, *_ in places(thrown, in_app=False) + places(cause, in_app=False)]
    assert "java.util.ArrayList" in foreign and "java.lang.reflect.Method" in foreign
    assert not [module for module in foreign if module.startswith("example.shop.Shop")]


def check_origin(event, release):
    assert event["release"] == release and event["environment"] == "production" and event["host"] == "web-1"
    assert event["person"] == {"id": "17", "username": "ada", "email": "ada@shop.example"}
    assert "warnings" not in event


def test_sentry(server, project):
    first = report("sentry", server, project, COLD)
    event = first["event"]
    check_stacks(event)
    check_origin(event, "shop@1.4.2")
    assert event["platform"] == "java" and event["sdk"]["name"] == "sentry.java"
    assert event["tags"] == {"city": "Paris"} and event["custom"] == {"order": "17"}
    assert event["contexts"]["cart"] == {"items": 3} and event["modules"]["slf4j-api"]
    assert [crumb["message"] for crumb in event["breadcrumbs"]] == ["opened the front page"]
    assert event["language"].startswith("Java ")
    suppressed = event["exceptions"][2]
    assert suppressed["type"] == "IOException", "behind the cause: it caused nothing"
    assert suppressed["mechanism"] == "suppressed" and places(suppressed)[-1] == CLOSE
    check_item(server, project, "sentry", first, "IllegalStateException: no banner for Paris")


def test_rollbar(server, project):
    first = report("rollbar", server, project, COLD)
    event = first["event"]
    check_stacks(event)
    check_origin(event, "1.4.2")
    assert event["language"] == "java" and event["framework"] == "spring" and event["sdk"]["name"] == "rollbar-java"
    assert event["server_root"] == "/srv/shop" and event["server"] == {"branch": "main"}
    assert event["custom"]["order"] == 17 and event["custom"]["tags"] == {"city": "Paris"}
    assert "front page" in str(event), "what the program said beside the exception"
    assert event["exceptions"][0]["handled"] is True
    threads = {thread["name"]: thread for thread in event["threads"]}
    assert threads["main"]["current"] and places(threads["main"])[-1] == RENDER
    check_item(server, project, "rollbar", first, "java.lang.IllegalStateException: no banner for Paris")


def check_item(server, project, client, first, title):
    item = item_of(server, project, first)
    assert item["title"] == title and FILE in item["culprit"] and "render" in item["culprit"]
    assert first["culprit"]["line"] == RENDER[3]
    second = report(client, server, project, WARM)
    made_up = [set(re.findall(r"example\.shop\.\$Proxy\d+|GeneratedMethodAccessor\d+", json.dumps(raw)))
               for raw in (raw_of(server, project, first), raw_of(server, project, second))]
    assert made_up[0] != made_up[1], "the run-time numbers its own classes as they come"
    assert second["item"] == first["item"]


@pytest.mark.parametrize("client", ["sentry", "rollbar"])
def test_lambdas_with_addresses(client, server, project):
    """Hidden frames name a lambda's class by its address, another one in each run."""
    both = [report(client, server, project, warm, HIDDEN_FRAMES) for warm in (COLD, WARM)]
    names = [set(re.findall(r"\$\$Lambda[^\"]*", json.dumps(raw_of(server, project, one)))) for one in both]
    assert names[0] and names[0] != names[1]
    assert both[0]["item"] == both[1]["item"]
