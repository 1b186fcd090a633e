"""A local mailbox: takes every mail on an SMTP port and shows it on a page. Both on 127.0.0.1 only.

python3 examples/mailbox --directory mails [--smtp-port 2525] [--http-port 8025]
"""
import argparse
import signal

from letters import Letters
from page import serve
from sink import Sink


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", required=True, help="where the mails are kept")
    parser.add_argument("--smtp-port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--http-port", type=int, default=0, help="default: any that is free")
    options = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    letters = Letters(options.directory)
    sink = Sink(letters, options.smtp_port).start()
    page = serve(letters, options.http_port)
    print(f"smtp 127.0.0.1:{sink.port}, page http://127.0.0.1:{page.server_port}/", flush=True)
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    page.shutdown()
    sink.stop()


if __name__ == "__main__":
    main()
