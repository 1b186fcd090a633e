"""A byte that the disk changes costs one report: all others are read, it is said which one, and new ones go in."""
import pathlib

from harness import rollbar_message

REPORTS = 60


def newest_segment(server):
    return max((server.data / "journal").glob("journal-*.seg"))


def flip(path, needle):
    """Flips one bit of the first byte of the needle."""
    data = path.read_bytes()
    assert data.count(needle) == 1
    with open(path, "r+b") as file:
        file.seek(data.index(needle))
        file.write(bytes([data[data.index(needle)] ^ 1]))


def send(server, project, text):
    message = rollbar_message(text)
    assert server.rollbar(project["tokens"]["post_server_item"], message).status == 200
    return message["uuid"]


def check_readable(server, project, reports):
    for report in reports:
        row = server.occurrence(project, report)
        assert row["body"]["available"], row["body"]
        assert server.get(f"/api/2/occurrences/{row['id']}/raw", project["tokens"]["read"]).status == 200


def check_damaged(server, project, report):
    row = server.occurrence(project, report)
    assert not row["body"]["available"]
    assert "journal is damaged" in row["body"]["reason"] and "dropped" not in row["body"]["reason"]
    raw = server.get(f"/api/2/occurrences/{row['id']}/raw", project["tokens"]["read"])
    assert raw.status == 410 and raw.json["error"]["code"] == "body_damaged"


def check_health(server, system, segment):
    health = server.api("/health", system)
    assert health["journal"]["writable"]
    name = pathlib.Path(segment).name
    assert any(name in notice and "from byte" in notice for notice in health["notices"])
    assert not health["faults"] and server.get("/check_health").status == 200, "reports are taken all the same"


def test_a_flipped_bit_costs_its_report_only(fresh):
    server = fresh().start()
    project = server.project()
    system = server.run("token", "create", "--scope", "read").strip()
    reports = [send(server, project, f"report number <{i}>") for i in range(REPORTS)]
    server.wait_until_digested(system)
    server.kill()

    segment = newest_segment(server)
    flip(segment, b"number <30>")
    damaged = segment.read_bytes()
    server.start()
    check_health(server, system, segment)
    check_readable(server, project, reports[:30] + reports[31:])
    check_damaged(server, project, reports[30])
    after = [send(server, project, f"after <{i}>") for i in range(5)]
    check_readable(server, project, after)
    assert segment.read_bytes() == damaged, "it is written to"

    server.kill()
    flip(newest_segment(server), b"after <2>")
    flip(segment, b"number <50>")
    server.start()
    check_readable(server, project, reports[:30] + reports[31:50] + reports[51:] + after[:2] + after[3:])
    for report in reports[30], reports[50], after[2]:
        check_damaged(server, project, report)
    check_readable(server, project, [send(server, project, "the last")])
    items = server.api(f"/projects/{project['id']}/items", project["tokens"]["read"])["items"]
    assert sum(item["count"] for item in items) == REPORTS + 6, "every report counts, the damaged ones too"


def test_what_was_not_digested_is_found_behind_the_damage(fresh):
    """The store is gone: everything is digested again, from the journal."""
    server = fresh().start()
    project = server.project()
    reports = [send(server, project, f"report number <{i}>") for i in range(REPORTS)]
    server.wait_until_digested(project["tokens"]["read"])
    backup = server.directory / "before"
    server.stop()
    server.data.rename(backup)

    server.start()
    project = server.project()
    server.stop()
    for file in (server.data / "journal").iterdir():
        file.unlink()
    for file in (backup / "journal").iterdir():
        file.rename(server.data / "journal" / file.name)
    flip(newest_segment(server), b"number <30>")
    server.start()
    system = server.run("token", "create", "--scope", "read").strip()
    health = server.wait_until_digested(system)
    assert health["digest"]["digested"] == REPORTS - 1
    assert any("1 accepted report" in notice for notice in health["notices"]), health["notices"]
    check_readable(server, project, reports[:30] + reports[31:])
