"""The mailbox as a page for 127.0.0.1: a list, one mail as its reader sees it, and JSON for programs."""
import html
import http.server
import json
import re
import threading
import time
import urllib.parse

STYLE = """
:root { --ink: #1d1d1f; --soft: #6b6b70; --line: #e3e3e6; --paper: #fff; --ground: #f6f6f7; --accent: #2456d6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8ea; --soft: #9a9aa0; --line: #333338; --paper: #1b1b1e; --ground: #131315; --accent: #8ab0ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 20px; margin: 0 0 16px; overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
ol { list-style: none; margin: 0; padding: 0; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; }
li + li { border-top: 1px solid var(--line); }
li a { display: grid; grid-template-columns: 14rem 1fr 5rem; gap: 16px; padding: 10px 16px; color: var(--ink); }
li a:hover { text-decoration: none; background: var(--ground); }
li span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.soft { color: var(--soft); } .right { text-align: right; font-variant-numeric: tabular-nums; }
.empty { padding: 48px 16px; text-align: center; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 0 0 16px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
nav { margin: 0 0 12px; display: flex; gap: 16px; }
iframe { width: 100%; height: 75vh; border: 1px solid var(--line); border-radius: 6px; background: var(--paper); }
@media (max-width: 600px) { li a { grid-template-columns: 1fr; gap: 0; } .right { text-align: left; } }
"""
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
_MAIL_POLICY = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_SHOWN = ("From", "To", "Date", "Message-ID")


def page(title, content, refresh=False):
    again = '<meta http-equiv="refresh" content="3">' if refresh else ""
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">{again}'
            f"<title>{html.escape(title)}</title><style>{STYLE}</style><main>{content}</main>")


def list_page(letters):
    rows = "".join(
        f'<li><a href="/mail/{one.number}"><span>{html.escape(", ".join(one.recipients))}</span>'
        f'<span>{html.escape(one.header("Subject"))}</span>'
        f'<span class="soft right">{time.strftime("%H:%M:%S", time.localtime(one.received_at))}</span></a></li>'
        for one in reversed(letters))
    body = f"<ol>{rows}</ol>" if rows else '<ol><li class="empty">No mail yet. It appears here by itself.</li></ol>'
    return page(f"Mailbox ({len(letters)})", f"<h1>Mailbox</h1>{body}", refresh=True)


def mail_page(letter):
    fields = [*(("Delivered to", to) for to in letter.recipients), *((name, letter.header(name)) for name in _SHOWN)]
    head = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in fields)
    here = f"/mail/{letter.number}"
    return page(letter.header("Subject") or "(no subject)", f"""
<nav><a href="/">All mails</a><a href="{here}/text">Text</a><a href="{here}/source">Source</a></nav>
<h1>{html.escape(letter.header("Subject"))}</h1><dl>{head}</dl>
<iframe title="The mail" src="{here}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>""")


def with_links_outside(text):
    """The mail's HTML, its links opening in tabs of their own."""
    base = '<base target="_blank">'
    return re.sub(r"(?i)<head[^>]*>", lambda head: head[0] + base, text, count=1) if re.search(r"(?i)<head[\s>]", text) \
        else base + text


class _Handler(http.server.BaseHTTPRequestHandler):
    letters = None
    server_version, sys_version = "mailbox", ""

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path).path.strip("/").split("/")
        if parts == [""]:
            return self._send(list_page(self.letters.all()))
        if parts == ["mails.json"]:
            return self._send(json.dumps([one.summary() for one in self.letters.all()]), "application/json")
        letter = self.letters.get(int(parts[1])) if parts[0] == "mail" and len(parts) > 1 and parts[1].isdecimal() else None
        if letter is not None:
            view = parts[2] if len(parts) == 3 else None
            if len(parts) == 2:
                return self._send(mail_page(letter))
            if view == "html":
                return self._send(with_links_outside(letter.html), policy=_MAIL_POLICY)
            if view == "text":
                return self._send(letter.text, "text/plain")
            if view == "source":
                return self._send(letter.raw, "text/plain")
        return self._send(page("Not found", "<h1>No such page</h1><a href='/'>All mails</a>"), status=404)

    def _send(self, body, kind="text/html", status=200, policy=_PAGE_POLICY):
        data = body if isinstance(body, bytes) else body.encode(errors="replace")
        self.send_response(status)
        for name, value in (("Content-Type", kind + "; charset=utf-8"), ("Content-Length", str(len(data))),
                            ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
                            ("Cache-Control", "no-store")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


def serve(letters, port=0):
    """Serves from a thread of its own; the server, whose server_port is what was taken."""
    handler = type("Handler", (_Handler,), {"letters": letters})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="mailbox page", daemon=True).start()
    return server
