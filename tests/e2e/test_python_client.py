"""The Flawless Python client against the real server: what it saw is read back whole through the API."""
import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

CLIENT = str(pathlib.Path(__file__).resolve().parents[2] / "clients" / "python")

SHOP = """
import sys
sys.path.insert(0, CLIENT)
import flawless

class Shop:
    def __init__(self, name):
        self.name, self.stock, self.db_password = name, {"A-17": 3}, "-".join(("hunter", "2"))

    def left(self, article):
        return self.stock[article]

    def sell(self, article, amount=1, *notes, price, **options):
        try:
            left = self.left(article)
        except KeyError as error:
            raise ValueError(f"{self.name} has no {article}") from error
        return left - amount
"""


def run(tmp_path, server, project, code, expect=0, env=None, init=""):
    """A program in a git repository of its own; the last line that it printed, and the revision."""
    script = tmp_path / "app" / "shop.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"CLIENT = {CLIENT!r}\nDSN = {project['dsn']!r}\n" + SHOP + f"\nflawless.init(DSN{init})\n" +
                      textwrap.dedent(code))
    if not (tmp_path / ".git").exists():
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
            subprocess.run(["git", "-c", "user.name=Ann", "-c", "user.email=ann@shop.example", *words],
                           cwd=tmp_path, check=True)
    sha = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=tmp_path, text=True).strip()
    clean = {k: v for k, v in os.environ.items() if "COMMIT" not in k and "SHA" not in k}
    done = subprocess.run([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60, env={**clean, **(env or {})})
    assert done.returncode == expect, done.stderr
    return (done.stdout.strip().splitlines() or [""])[-1], sha, done.stderr


def only_occurrence(server, project):
    read = project["tokens"]["read"]
    path = f"/projects/{project['id']}/occurrences"
    rows = server.wait_until(lambda: server.api(path, read)["occurrences"])
    assert len(rows) == 1
    return server.api(f"/occurrences/{rows[0]['id']}", read)


def shown(frame):
    return {v["name"]: v["value"] for v in frame["variables"]}


def test_an_uncaught_exception_with_arguments_locals_attributes_and_cause(server, project, tmp_path):
    _, sha, stderr = run(tmp_path, server, project, """
        Shop("paris").sell("B-9", 2, "note", price=2.5, customer="ann", api_token="t")
        """, expect=1, env={"FLAWLESS_ENVIRONMENT": "staging"})
    assert stderr.endswith("ValueError: paris has no B-9\n")
    occurrence = only_occurrence(server, project)
    event = occurrence["event"]
    assert event["release"] == sha and event["environment"] == "staging" and event["level"] == "critical"
    assert event["platform"] == "python" and event["server_root"] == str(tmp_path)
    assert not event.get("warnings"), "everything that was sent is of the format"

    outer, cause = event["exceptions"]
    assert (outer["type"], outer["message"]) == ("ValueError", "paris has no B-9")
    assert (cause["type"], cause["message"]) == ("KeyError", "'B-9'")
    frame = outer["frames"][-1]
    assert frame["path"] == "app/shop.py" and frame["function"] == "sell" and frame["in_app"] is True
    assert frame["code"].strip() == 'raise ValueError(f"{self.name} has no {article}") from error'
    assert frame["function_first_line"] < frame["line"] <= frame["function_last_line"]
    roles = [(v["name"], v["role"], v["value"]) for v in frame["variables"][1:6]]
    assert roles == [("article", "argument", "'B-9'"), ("amount", "argument", 2), ("notes", "varargs", "('note',)"),
                     ("price", "argument", 2.5),
                     ("options", "kwargs", {"customer": "'ann'", "api_token": "[scrubbed]"})]
    assert shown(frame)["self.name"] == "'paris'" and shown(frame)["self.stock"] == {"A-17": 3}
    assert shown(frame)["self.db_password"] == "[scrubbed]"
    assert cause["frames"][-1]["function"] == "left" and shown(cause["frames"][-1])["article"] == "'B-9'"
    assert "hunter-2" not in str(occurrence)
    assert occurrence["culprit"]["path"] == "app/shop.py"


def test_a_wsgi_request(server, project, tmp_path):
    run(tmp_path, server, project, """
        import io
        @flawless.FlawlessMiddleware
        def app(environ, start_response):
            form = environ["wsgi.input"].read()
            yield b"begun"
            Shop("rome").left("C-1")
        body = app({"REQUEST_METHOD": "POST", "PATH_INFO": "/buy", "HTTP_HOST": "shop.example.com",
                    "wsgi.url_scheme": "https", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "30",
                    "HTTP_COOKIE": "sid=s3cret", "REMOTE_ADDR": "192.0.2.9",
                    "wsgi.input": io.BytesIO(b'{"article": "C-1", "pw": "x"}')}, None)
        try:
            list(body)
        except KeyError:
            print("passed on")
        """)
    event = only_occurrence(server, project)["event"]
    request = event["request"]
    assert (request["method"], request["url"]) == ("POST", "https://shop.example.com/buy")
    assert request["body"] == {"article": "C-1", "pw": "[scrubbed]"} and request["cookies"] == {"sid": "[scrubbed]"}
    assert request["user_ip"] == "192.0.2.9" and event["framework"] == "wsgi"


def test_one_item_for_many_occurrences_and_what_was_left_out(server, project, tmp_path):
    last, _, _ = run(tmp_path, server, project, """
        for n in range(30):
            try:
                Shop("oslo").left(n)
            except KeyError:
                last = flawless.record_error(custom={"n": n}) or last
        print(last)
        """, init=", repeat_limit=4, repeat_window=60")
    occurrence = server.occurrence(project, last)
    server.wait_until_digested(project["tokens"]["read"])
    item = server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])
    rows = server.api(f"/projects/{project['id']}/items/{occurrence['item']}/occurrences", project["tokens"]["read"])
    # Five reports, of which the last stands for 26.
    assert len(rows["occurrences"]) == 5 and item["count"] == 30
    assert "flawless.sampled" not in occurrence["event"]["custom"]


def test_the_same_report_after_a_lost_answer_is_one_occurrence(server, project, tmp_path):
    """The server gets it, the client does not hear so, and sends it again."""
    last, _, _ = run(tmp_path, server, project, """
        from flawless import _sender
        post, lost = _sender.Connection._post, []
        def forgetful(self, body, headers):
            answer = post(self, body, headers)
            if not lost:
                lost.append(answer)
                raise ConnectionResetError("answer lost")
            return answer
        _sender.Connection._post = forgetful
        print(flawless.record_error(ValueError("once")))
        assert flawless.flush(10) and lost
        """)
    occurrence = server.occurrence(project, last)
    server.wait_until_digested(project["tokens"]["read"])
    item = server.api(f"/projects/{project['id']}/items/{occurrence['item']}", project["tokens"]["read"])
    assert item["count"] == 1


def test_a_refused_token_is_told_once_and_nothing_waits_for_it(server, project, tmp_path):
    # With a queue that is still full at its end, the process would wait for all of shutdown_timeout.
    printed, _, complaints = run(tmp_path, server, {**project, "dsn": project["dsn"].replace("://", "://x")}, """
        for n in range(20):
            flawless.record_error(ValueError(str(n)))
        print(flawless.flush(30))
        """)
    assert printed == "True" and complaints.count("refuses the token (403)") == 1, complaints


def test_reports_made_while_the_server_was_away_arrive(fresh, tmp_path):
    server = fresh()
    server.start()
    project = server.project()
    server.stop()
    program = subprocess.Popen([sys.executable, "-c", textwrap.dedent(f"""
        import sys; sys.path.insert(0, {CLIENT!r})
        import flawless
        flawless.init({project['dsn']!r})
        print(flawless.record_error(ValueError("early")), flush=True)
        assert flawless.flush(20)
        """)], stdout=subprocess.PIPE, text=True)
    report_id = program.stdout.readline().strip()
    server.start()
    assert program.wait(timeout=30) == 0
    program.stdout.close()
    assert server.occurrence(project, report_id)["event"]["exceptions"][0]["message"] == "early"


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))
