"""A full disk is answered 503, shown in health, and left behind when space returns."""
import subprocess

import pytest

from harness import rollbar_message


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with 80 MB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(mount)], stderr=subprocess.PIPE)
    if done.returncode != 0:
        pytest.skip("cannot mount a tmpfs here: " + done.stderr.decode().strip())
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


def test_full_disk(small_disk):
    from harness import Server
    server = Server(small_disk, **{"retention.min_free_bytes": "10MiB"})
    try:
        server.start()
        project = server.project()
        token = project["tokens"]["post_server_item"]
        system = server.run("token", "create", "--scope", "read").strip()
        assert server.rollbar(token, rollbar_message()).status == 200

        filler = small_disk / "filler"
        subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=1M", "count=100"], stderr=subprocess.DEVNULL)
        reply = server.wait_until(lambda: next((r for r in [server.rollbar(token, rollbar_message())]
                                                if r.status == 503), None))
        assert reply.json["err"] == 1 and "Retry-After" in reply.headers
        health = server.api("/health", system)
        assert health["faults"] and "disk" in " ".join(health["faults"])
        assert server.get("/check_health").status == 503

        server.stop()
        server.start()  # on the full disk: it says 503, and does not give up
        assert server.rollbar(token, rollbar_message()).status == 503

        filler.unlink()
        accepted = server.wait_until(lambda: next((d for d in [rollbar_message("after")]
                                                   if server.rollbar(token, d).status == 200), None))
        assert server.occurrence(project, accepted["uuid"])
        server.wait_until(lambda: server.get("/check_health").status == 200)
    finally:
        server.close()
