"""python3 -m shop --dsn DSN: serves the shop on 127.0.0.1. It finds out itself at which commit it was deployed."""
import argparse
import os
import socketserver
import subprocess
import wsgiref.simple_server

from shop import reporting
from shop.app import Shop

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def deployed_commit():
    found = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], stdout=subprocess.PIPE, text=True)
    return found.stdout.strip()


class ThreadedServer(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--client", choices=sorted(reporting.CLIENTS), help="default: sentry if installed, else flawless")
    parser.add_argument("--dsn", default="", help="for flawless and sentry")
    parser.add_argument("--token", default="", help="for rollbar")
    parser.add_argument("--url", default="", help="of the Flawless server, for rollbar")
    parser.add_argument("--release", default=None, help="default: the commit of the working tree")
    parser.add_argument("--environment", default="production")
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    options = parser.parse_args()
    options.root = ROOT
    options.release = options.release or deployed_commit()
    app = reporting.CLIENTS[options.client or reporting.first_installed()](Shop("The tea shop"), options)
    server = wsgiref.simple_server.make_server("127.0.0.1", options.port, app, ThreadedServer)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
