"""What was sent is gone from the disk soon after retention.journal_max_age, on a quiet server too."""
from harness import rollbar_message

SECRET = b"PLAINSECRET77"


def on_disk(server):
    """Whether any file of the journal holds the secret."""
    for path in (server.data / "journal").iterdir():
        try:
            if SECRET in path.read_bytes():
                return True
        except FileNotFoundError:
            pass  # dropped meanwhile
    return False


def send_secret(server, project):
    message = rollbar_message(custom={"password": SECRET.decode()})
    assert server.rollbar(project["tokens"]["post_server_item"], message).status == 200
    return server.occurrence(project, message["uuid"])


def test_a_lone_report_goes_in_time(fresh):
    server = fresh(**{"retention.journal_max_age": "15s"}).start()
    project = server.project()
    row = send_secret(server, project)
    assert row["body"]["available"] and on_disk(server)
    server.wait_until(lambda: not on_disk(server), seconds=120)
    row = server.api(f"/occurrences/{row['id']}", project["tokens"]["read"])
    assert not row["body"]["available"] and row["item"], "the sighting itself stays"
    after = rollbar_message("after")
    assert server.rollbar(project["tokens"]["post_server_item"], after).status == 200
    assert server.occurrence(project, after["uuid"])["body"]["available"]


def test_what_an_earlier_run_left_goes_in_time(fresh):
    server = fresh(**{"retention.journal_max_age": "15s"}).start()
    send_secret(server, server.project())
    server.kill()
    assert on_disk(server)
    server.start()
    server.wait_until(lambda: not on_disk(server), seconds=120)


def test_what_is_young_stays(fresh):
    server = fresh(**{"retention.journal_max_age": "1h"}).start()
    project = server.project()
    row = send_secret(server, project)
    server.stop()
    server.start()
    assert server.api(f"/occurrences/{row['id']}", project["tokens"]["read"])["body"]["available"]
