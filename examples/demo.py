#!/usr/bin/python3
"""The demo of scripts/run: makes a project, lets banner_shop.py fail, reads the exception back through the API."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


def wait_until_healthy(url, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url + "/check_health", timeout=2) as reply:
                if reply.read() == b"OK":
                    return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"the server at {url} does not answer OK to /check_health")


def get(url, token, wait=10):
    """JSON from the API; retried while it is not there yet."""
    end = time.monotonic() + wait
    while True:
        request = urllib.request.Request(url, headers={"Authorization": "Bearer " + token})
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            if error.code not in (404, 503) or time.monotonic() > end:
                sys.exit(f"GET {url}: {error.code} {error.read().decode(errors='replace')}")
        time.sleep(0.05)


def make_project(flawless, conf, state):
    if state.exists():
        return json.loads(state.read_text())
    out = subprocess.run([flawless, "project", "create", "shop", "--json", "--conf", conf],
                         check=True, stdout=subprocess.PIPE, text=True).stdout
    state.touch(mode=0o600)
    state.write_text(out)
    return json.loads(out)


def show(occurrence):
    event = occurrence["event"]
    for exception in event["exceptions"]:
        print(f"\n  {exception['type']}: {exception['message']}")
        for frame in exception["frames"]:
            mark = "*" if frame.get("in_app") else " "
            print(f"  {mark} {frame['path']}:{frame['line']} in {frame.get('function', '?')}")
            print(f"        {frame.get('code', '').strip()}")
            for variable in frame.get("variables", []) if frame.get("in_app") else []:
                print(f"          {variable['name']} = {json.dumps(variable['value'])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("flawless", "conf", "state"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    project = make_project(options.flawless, options.conf, pathlib.Path(options.state))
    url = project["endpoints"]["flawless"].removesuffix("/api/2/report")
    wait_until_healthy(url)
    token = project["tokens"]["read"]

    event_id = subprocess.run(["/usr/bin/python3", str(HERE / "banner_shop.py"), project["dsn"]],
                              check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    api = f"{url}/api/2/projects/{project['id']}"
    found = get(f"{api}/reports/{event_id}", token)
    occurrence = get(f"{url}/api/2/occurrences/{found['id']}", token)
    item = get(f"{api}/items/{occurrence['item']}", token)

    print(f"\nA program failed and reported it through the Sentry SDK. This is what arrived as item #{item['number']}:")
    show(occurrence)
    print(f"""
  to blame: {item['culprit']}   seen {item['count']} times, first in release {item['first_release']}

Point your own program at it:
  Sentry SDK    dsn = {project['dsn']}
  Rollbar SDK   access token = {project['tokens']['post_server_item']}
                endpoint     = {project['endpoints']['rollbar']}
Read it back:
  curl -H 'Authorization: Bearer {token}' {api}/items
  curl -H 'Authorization: Bearer {token}' {url}/api/2/occurrences/{occurrence['id']}
Health: {url}/check_health    API description: {url}/api/2/openapi.json
""")


if __name__ == "__main__":
    os.environ.pop("SENTRY_DSN", None)
    main()
