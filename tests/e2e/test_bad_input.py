"""Whatever comes in gets a clear 4xx, never a 500, and costs nobody else anything."""
import gzip
import http.client
import json
import uuid
import zlib

import pytest

import compression
from harness import rollbar_message


def sentry_auth(key):
    return {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client=test/1, sentry_key={key}"}


def envelope(*items, header=None):
    lines = [json.dumps(header or {})]
    for kind, payload in items:
        lines += [json.dumps({"type": kind, "length": len(payload)}), payload]
    return "\n".join(lines) + "\n"


def test_unknown_token_in_both_dialects(server, project):
    reply = server.rollbar("f" * 32, rollbar_message())
    assert reply.status == 403 and reply.json["err"] == 1 and reply.json["message"]
    reply = server.post(f"/api/{project['id']}/store/", "{}", sentry_auth("f" * 32))
    assert reply.status == 403 and reply.json["detail"] and reply.headers["X-Sentry-Error"]


def test_disabled_project_and_token(server, project):
    token = project["tokens"]["post_server_item"]
    server.run("project", "disable", str(project["id"]))
    assert server.rollbar(token, rollbar_message()).status == 403
    server.run("project", "enable", str(project["id"]))
    assert server.rollbar(token, rollbar_message()).status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'{"data":7}', b'{"data":{}}', b"\xff\xfe", b"payload=",
                                  b'{"data":{"body":{"message":{"body":"x"}}}} trailing',
                                  pytest.param(b'{"a":' * 100_000, id="deep")])
def test_malformed_rollbar_is_400_with_a_reason(server, project, body):
    reply = server.post("/api/1/item/", body, {"X-Rollbar-Access-Token": project["tokens"]["post_server_item"]})
    assert reply.status == 400 and reply.json["err"] == 1 and len(reply.json["message"]) > 10, reply


@pytest.mark.parametrize("body", ["", "{", "{}\n{}\n", '{}\n{"type":"event","length":900}\n{}\n', '{}\nnot json\n{}\n',
                                  "\n\n\n"])
def test_malformed_envelope_is_400_with_a_reason(server, project, body):
    key = project["tokens"]["post_client_item"]
    reply = server.post(f"/api/{project['id']}/envelope/", body, sentry_auth(key))
    assert reply.status == 400 and reply.json["detail"], reply


def test_two_events_in_one_envelope(server, project):
    body = envelope(("event", '{"message":"a"}'), ("event", '{"message":"b"}'))
    reply = server.post(f"/api/{project['id']}/envelope/", body, sentry_auth(project["tokens"]["post_client_item"]))
    assert reply.status == 400 and "one event" in reply.json["detail"]


def test_unknown_items_before_the_event_are_skipped(server, project):
    event_id = uuid.uuid4().hex
    body = envelope(("feedback", "{}"), ("never_heard_of", "\x00\x01"), ("event", '{"message":"still here"}'),
                    header={"event_id": event_id})
    reply = server.post(f"/api/{project['id']}/envelope/", body, sentry_auth(project["tokens"]["post_client_item"]))
    assert reply.status == 200 and reply.json["id"] == event_id
    assert server.occurrence(project, event_id)["event"]["message"] == "still here"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw", "br", "zstd"])
def test_bombs_are_413_and_cost_no_memory(server, project, encoding):
    """A gigabyte in about a megabyte (brotli and zstd: far less)."""
    before = server_memory(server)
    reply = server.post("/api/1/item/", compression.bomb(encoding), {
        "X-Rollbar-Access-Token": project["tokens"]["post_server_item"],
        "Content-Encoding": "deflate" if encoding == "raw" else encoding})
    assert reply.status == 413 and reply.json["err"] == 1, reply
    assert server_memory(server) - before < 60 << 20


def server_memory(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


def test_over_twenty_megabytes_on_the_wire_is_413(server, project):
    reply = server.post("/api/1/item/", b'{"data":"' + b"x" * (21 << 20) + b'"}',
                        {"X-Rollbar-Access-Token": project["tokens"]["post_server_item"]})
    assert reply.status == 413 and reply.json["err"] == 1


def refused(server, project, reason):
    rows = server.api("/health", project["tokens"]["read"])["refusals"]
    return sum(row["count"] for row in rows if row["reason"] == reason and row["project"] == project["id"])


def test_what_is_refused_for_its_size_is_counted_and_told_with_the_limit(server, project):
    key, large = project["tokens"]["post_client_item"], b"x" * (21 << 20)
    reply = server.post(f"/api/{project['id']}/store/", large, {**sentry_auth(key), "Origin": "https://shop.example"})
    assert reply.status == 413 and str(20 << 20) in reply.json["detail"]
    assert str(20 << 20) in reply.headers["X-Sentry-Error"] and reply.headers["Access-Control-Allow-Origin"] == "*"
    assert server.post("/api/2/report", large, {"Authorization": "Bearer " + key}).status == 413
    assert refused(server, project, "too large") == 2


def test_a_token_for_reading_is_told_so(server, project):
    for scope in ("read", "write"):
        reply = server.rollbar(project["tokens"][scope], rollbar_message())
        assert reply.status == 403 and "post_server_item" in reply.json["message"]
    assert refused(server, project, "wrong scope") == 0  # whose project it is shows to nobody else either


@pytest.mark.parametrize("megabytes", [2, 10])
def test_a_large_event_is_trimmed_the_same_way_and_kept(server, project, megabytes):
    seen = []
    for _ in range(2):
        data = rollbar_message("x" * (megabytes << 20), custom={"list": ["y" * 500] * 5000})
        assert server.rollbar(project["tokens"]["post_server_item"], data).status == 200
        event = server.occurrence(project, data["uuid"])["event"]
        assert event["warnings"], "the occurrence says what was cut"
        seen.append((event["message"], event["custom"]))
    assert seen[0] == seen[1] and len(json.dumps(seen[0])) < 1 << 20

    def counted():
        rows = server.api("/health", project["tokens"]["read"])["refusals"]
        return [r["count"] for r in rows if r["reason"] == "trimmed" and r["project"] == project["id"]] == [2]
    assert server.wait_until(counted), "health shows how many were trimmed"


@pytest.mark.parametrize("name,payload", [
    ("lone surrogate", b'{"data":{"uuid":"%s","body":{"message":{"body":"cut \\ud83d emoji"}}}}'),
    ("bad utf-8", b'{"data":{"uuid":"%s","body":{"message":{"body":"caf\xe9"}}}}'),
    ("nan", b'{"data":{"uuid":"%s","custom":{"x":NaN,"y":-Infinity},"body":{"message":{"body":"nan"}}}}'),
    ("control character", b'{"data":{"uuid":"%s","body":{"message":{"body":"a\x01b"}}}}'),
    ("huge number", b'{"data":{"uuid":"%s","custom":{"x":1e999,"y":123456789012345678901234567890},"body":{"message":{"body":"big"}}}}'),
])
def test_unclean_json_is_cleaned_and_kept(server, project, name, payload):
    report_id = str(uuid.uuid4())
    reply = server.post("/api/1/item/", payload.replace(b"%s", report_id.encode()),
                        {"X-Rollbar-Access-Token": project["tokens"]["post_server_item"]})
    assert reply.status == 200, reply
    assert server.occurrence(project, report_id)["event"]["message"]


def test_an_item_as_multipart_form(server, project):
    data, token = rollbar_message(), project["tokens"]["post_server_item"]
    body = "--b\r\nContent-Disposition: form-data; name=\"payload\"\r\n\r\n" + json.dumps({"data": data}) + \
        "\r\n--b\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\n" + token + "\r\n--b--\r\n"
    reply = server.post("/api/1/item/", body, {"Content-Type": "multipart/form-data; boundary=b"})
    assert reply.status == 200, reply
    assert server.occurrence(project, data["uuid"])


def test_content_type_is_not_believed(server, project):
    """Ruby and PHP label JSON as a form; a form with payload= is fine too."""
    token = project["tokens"]["post_server_item"]
    form = {"X-Rollbar-Access-Token": token, "Content-Type": "application/x-www-form-urlencoded"}
    data = rollbar_message()
    assert server.post("/api/1/item/", {"data": data}, form).status == 200
    assert server.occurrence(project, data["uuid"])
    from urllib.parse import urlencode
    data = rollbar_message()
    body = urlencode({"payload": json.dumps({"access_token": token, "data": data})})
    assert server.post("/api/1/item/", body, {"Content-Type": form["Content-Type"]}).status == 200
    assert server.occurrence(project, data["uuid"])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw", "br", "zstd"])
def test_every_encoding_is_read(server, project, encoding):
    data = rollbar_message(f"sent as {encoding}")
    body = json.dumps({"data": data}).encode()
    reply = server.post("/api/1/item/", compression.compress(encoding, body), {
        "X-Rollbar-Access-Token": project["tokens"]["post_server_item"],
        "Content-Encoding": "deflate" if encoding == "raw" else encoding})
    assert reply.status == 200, reply
    assert server.occurrence(project, data["uuid"])["event"]["message"] == f"sent as {encoding}"


def test_damaged_compression_is_400(server, project):
    for encoding, body in [("gzip", gzip.compress(b"{}" * 99)[:-9]), ("deflate", zlib.compress(b"{}" * 99)[:-3]),
                           ("br", b"random"), ("zstd", b"random")]:
        reply = server.post("/api/1/item/", body, {"X-Rollbar-Access-Token": project["tokens"]["post_server_item"],
                                                   "Content-Encoding": encoding})
        assert reply.status == 400 and reply.json["message"], (encoding, reply)


def test_unknown_encoding_is_415(server, project):
    reply = server.post("/api/1/item/", b"{}", {"X-Rollbar-Access-Token": project["tokens"]["post_server_item"],
                                                "Content-Encoding": "lzma"})
    assert reply.status == 415


def test_encodings_of_two_lines_are_one_list(server, project):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("POST", "/api/1/item/")
    body = gzip.compress(b"{}")
    for name, value in [("X-Rollbar-Access-Token", project["tokens"]["post_server_item"]), ("Content-Encoding", "gzip"),
                        ("Content-Encoding", "br"), ("Content-Length", str(len(body)))]:
        connection.putheader(name, value)
    connection.endheaders(body)
    reply = connection.getresponse()
    assert reply.status == 415 and b"several encodings" in reply.read()
    connection.close()


def test_wrong_method_and_unknown_path(server):
    reply = server.request("GET", "/api/1/item/")
    assert reply.status == 405 and "POST" in reply.headers["Allow"]
    reply = server.request("GET", "/nothing/here")
    assert reply.status == 404 and reply.json["error"]


def test_browsers_may_report_from_anywhere(server):
    reply = server.request("OPTIONS", "/api/1/item/", headers={
        "Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-rollbar-access-token"})
    assert reply.status in (200, 204) and reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "x-rollbar-access-token" in reply.headers["Access-Control-Allow-Headers"].lower()


def test_quota_answers_429_with_both_families_of_headers(fresh):
    server = fresh(**{"limits.reports_per_minute_hard": 5})
    server.start()
    project = server.project()
    replies = [server.rollbar(project["tokens"]["post_server_item"], rollbar_message()) for _ in range(12)]
    refused = [r for r in replies if r.status == 429]
    assert 200 == replies[0].status and refused
    headers = refused[-1].headers
    assert headers["X-Rate-Limit-Limit"] == "5" and headers["X-Rate-Limit-Remaining"] == "0"
    assert int(headers["X-Rate-Limit-Remaining-Seconds"]) <= 60 and int(headers["Retry-After"]) <= 60
    assert headers["X-Sentry-Rate-Limits"].endswith(":default;error;security:key")

    def shown():
        health = server.api("/health", project["tokens"]["read"])
        return [r for r in health["refusals"] if r["reason"] == "quota" and r["count"] == len(refused)]
    assert server.wait_until(shown)


def test_over_the_soft_quota_everything_is_counted_and_a_sample_kept(fresh):
    server = fresh(**{"limits.reports_per_minute_soft": 5})
    server.start()
    project = server.project()
    sent = [rollbar_message("flood") for _ in range(40)]
    assert {server.rollbar(project["tokens"]["post_server_item"], data).status for data in sent} == {200}
    last = server.occurrence(project, sent[-1]["uuid"])
    kept = [server.occurrence(project, data["uuid"])["body"]["available"] for data in sent]
    assert all(kept[:5]) and kept[-1] and not kept[20]
    item = server.api(f"/projects/{project['id']}/items/{last['item']}", project["tokens"]["read"])
    assert item["count"] == 40
    gone = server.occurrence(project, sent[20]["uuid"])
    assert "sample" in gone["body"]["reason"] and gone["event"] is None
    assert server.get(f"/api/2/occurrences/{gone['id']}/raw", project["tokens"]["read"]).status == 410


def test_nothing_is_open(server, project):
    for path in ["/metrics", "/api/2/health", "/api/2/projects", f"/api/2/projects/{project['id']}/items",
                 "/api/2/occurrences/1"]:
        assert server.get(path).status == 401, path
        assert server.get(path, project["tokens"]["post_server_item"]).status == 403, path
    for path in ["/check_health", "/api/2/openapi.json"]:
        assert server.get(path).status == 200, path
    assert server.get("/check_health").body == b"OK"


def test_no_report_ever_was_a_500(server):
    assert " 500 " not in server.log_text() and "reference" not in server.log_text()


def test_secrets_and_query_strings_are_never_logged(server, project):
    token = project["tokens"]["post_server_item"]
    for path in ["/api/1/item/?access_token=" + token, f"/api/{project['id']}/store/?sentry_key=" + token,
                 "/api/2/projects?access_token=" + project["tokens"]["read"], "/nothing?password=hunter2"]:
        server.post(path, '{"data":{"custom":{"password":"hunter2"}}}')
        server.get(path)
    for secret in [token, project["tokens"]["read"], "hunter2", "access_token", "sentry_key"]:
        assert secret not in server.log_text()
