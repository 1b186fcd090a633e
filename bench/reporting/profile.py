"""Where the server's CPU time goes while it is loaded."""
import os
import shutil
import subprocess
import time

from . import process
from .measure import BIG, say
from .process import Failed
from .server import Server

TOP = 40
SECONDS = 10


def profile(programs, folder):
    """The hottest functions as text."""
    perf = shutil.which("perf")
    if perf is None:
        raise Failed("perf is not installed (Debian: linux-perf)")
    data = os.path.join(folder, "perf.data")
    with Server(programs["flawless"], os.path.join(folder, "profile")) as server:
        load = process.start([programs["flawless_loadgen"], "--url", server.url, "--token", server.post_token,
                              "--project", str(server.project), "--size", str(BIG), "--seconds", str(SECONDS + 6)],
                             stdout=subprocess.DEVNULL)
        time.sleep(3)
        say(f"recording for {SECONDS} s")
        try:
            process.run([perf, "record", "-F", "997", "-p", str(server.pid), "-o", data, "--",
                         "sleep", str(SECONDS)], SECONDS + 20)
        except Failed as error:
            raise Failed(f"perf does not work here: {error}") from error
        finally:
            process.stop(load)
    text = process.run([perf, "report", "--stdio", "-i", data, "--sort", "comm,dso,symbol", "--no-children"], 120)
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise Failed("perf recorded nothing: this machine has no counters that it can use")
    return "\n".join(lines[:TOP])
