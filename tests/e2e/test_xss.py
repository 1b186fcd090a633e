"""Hostile text in every reported field: shown as text in mails and pages, and never a header, a tag or a foreign link."""
import email
import html.parser
import urllib.parse

import pytest

from story import ADA, BANNER, CULPRIT, GRACE, World, address, get, link, links

CORPUS = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)' x='",
    "</title></style></textarea></pre></select><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "<a href=\"https://evil.example/\">click</a>",
    "{{{html}}} {{#frames}} {{constructor.constructor('alert(1)')()}}",
    "&lt;script&gt; &#60;b&#62; %3Cscript%3E",
    "\r\nBcc: eve@evil.example\r\nX-Evil: yes\r\n\r\n<b>body</b>",
    "=?utf-8?b?PHNjcmlwdD4=?=\n .\r\n.\r\nQUIT",
    "\u202egpj.\u2066exe\x00\x1b[31m\x7f",
    "<!--<![CDATA[ ]]> --!>",
]
TAGS = set("html head meta title body style div p pre span a h1 h2 h3 h4 ul ol li dl dt dd code b strong em i br hr small section "
           "main header footer nav article time form label input textarea select option button fieldset legend table thead "
           "tbody tr th td details summary".split())
ATTRIBUTES = set("href style lang charset name content class id type value for method action rows cols selected datetime role "
                 "aria-label aria-hidden title rel target required placeholder http-equiv autocomplete min max step checked "
                 "inputmode scope colspan dir maxlength size spellcheck disabled readonly open hidden nonce "
                 "aria-describedby aria-labelledby".split())
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-Id",
           "List-ID", "Auto-Submitted", "References", "In-Reply-To", "X-Flawless-Project", "X-Flawless-Item", "X-Flawless-Line",
           "Precedence", "Reply-To", "X-Auto-Response-Suppress"}


class Page(html.parser.HTMLParser):
    """The tags, attributes and text that a browser would see."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.links, self.pieces = set(), set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            self.attributes.add(name)
            if name in ("href", "action", "src"):
                self.links.append(value or "")
            elif name in ("value", "content"):
                self.pieces.append(value or "")
            assert name != "style" or "url(" not in (value or "").lower()

    def handle_data(self, data):
        self.pieces.append(data)

    @property
    def text(self):
        return " ".join(self.pieces)


def check_page(text, url, tags=TAGS):
    page = Page(text)
    assert page.tags <= tags, page.tags - tags
    assert page.attributes <= ATTRIBUTES, page.attributes - ATTRIBUTES
    for target in page.links:
        parts = urllib.parse.urlsplit(target)
        assert parts.scheme in ("", "http", "https") and not target.startswith("//"), target
        assert parts.hostname in (None, "127.0.0.1", "shop.example"), target
    return page


def hostile(world, text):
    """A report with that text in every field that takes one."""
    line = world.shop.line_of(BANNER, CULPRIT)
    frame = {"path": BANNER, "function": "pick_banners", "line": line, "code": CULPRIT.rstrip("\n"), "in_app": True,
             "class_name": text, "module": text, "package": text, "address": text, "abs_path": "/srv/" + text,
             "code_before": [text, text], "code_after": [text],
             "variables": [{"name": text, "role": "argument", "value": text}, {"name": "nested", "value": {text: [text, {text: text}]}},
                           {"name": "s", "role": "local", "value": text * 100}]}
    odd = {**frame, "path": text, "function": text, "code": text, "line": 3}
    return {
        "release": world.shop.head, "environment": ("production" + text)[:60], "host": text, "server_root": text,
        "platform": text, "language": text, "framework": text, "context": text, "logger": text, "trace_id": text,
        "sdk": {"name": text, "version": text}, "browser": {"name": text, "version": text}, "os": {"name": text, "version": text},
        "message": text, "message_template": text, "title": text,
        "exceptions": [{"type": text, "module": text, "message": text, "mechanism": text, "frames": [odd, odd, frame]},
                       {"type": "KeyError" + text, "message": text, "frames": [odd]}],
        "request": {"method": text, "url": text, "query": text, "headers": {"X-Odd": text, text: text}, "cookies": {text: text},
                    "body": {text: text}, "params": {text: text}, "env": {text: text}, "session": {text: text}, "user_ip": text},
        "person": {"id": text, "username": text, "email": text, text: text}, "tags": {"odd": text, text: text},
        "breadcrumbs": [{"level": "info", "category": text, "type": text, "message": text, "data": {text: text}}],
        "fingerprint": [text], "custom": {text: text, "link": "javascript:alert(2)"}, "contexts": {text: {text: text}},
        "server": {text: text}, "crash_report": text, "modules": {text: text},
        "threads": [{"id": 1, "name": text, "state": text, "frames": [odd]}]}


def headers_of(letter):
    head = letter.raw.split(b"\r\n\r\n", 1)[0]
    return email.message_from_bytes(head + b"\r\n\r\n")


@pytest.mark.parametrize("number", range(len(CORPUS)))
def test_in_every_reported_field(make_world, number):
    text = CORPUS[number]
    world = make_world().start()
    project = world.project()
    world.send(project, hostile(world, text))
    letter = world.mail(GRACE)

    message = headers_of(letter)
    assert set(message.keys()) <= HEADERS, set(message.keys()) - HEADERS
    assert len(message.keys()) == len(set(message.keys())), "no header twice"
    subject = letter.header("Subject")
    assert subject and len(subject) <= 160 and not any(ord(c) < 32 or c in "\x7f\u202e\u2066" for c in subject)
    assert letter.recipients == [address(GRACE)] and "evil.example" not in "".join(letter.recipients)
    assert "\u202e" not in letter.html + letter.text and "\x1b" not in letter.html + letter.text

    mail = check_page(letter.html, world.server.url, TAGS - {"form", "input", "textarea", "select", "button", "option"})
    assert not {"script", "img", "svg", "iframe"} & mail.tags
    visible = " ".join(text.split("\r")[0].split("\x00")[0].replace("\u202e", "").replace("\u2066", "").split())[:40]
    if "gpj" not in visible:
        assert visible in " ".join(mail.text.split()), "it is shown as it is"
    for part in ("/view_traceback", "/get_weekly_error_report", "/add_known_error"):
        status, headers, page = get(link(letter, part))
        assert status == 200 and "unsafe" not in headers["Content-Security-Policy"]
        check_page(page, world.server.url)
        assert "\u202e" not in page


def test_in_names_of_projects_files_functions_and_commits(make_world):
    """What becomes part of links, subject, List-Id and the verdict."""
    world = make_world()
    bad = "\"'><script>alert(1)</script>"
    path = "shop/\"'><img src=x onerror=alert(1)>.py"
    world.shop.commit(f"Ada {bad.replace('<', '(').replace('>', ')')} <ada@shop.example>", {path: f"def f():\n    go('{bad}')\n"},
                      bad + " summary")
    world.start()
    project = world.project("shop <b>" + bad.replace("/", ""))  # a name holds none
    world.report(project, path=path, text=f"    go('{bad}')\n", function="f" + bad)
    letter = world.mail(ADA)
    assert set(headers_of(letter).keys()) <= HEADERS
    check_page(letter.html, world.server.url)
    assert bad + " summary" in Page(letter.html).text
    for url in links(letter):
        if "key=" in url:
            status, _, page = get(url)
            assert status == 200
            check_page(page, world.server.url)
    report = get(world.server.url + "/get_weekly_error_report", Authorization="Bearer " + project["tokens"]["read"])
    assert report[0] == 200 and path in check_page(report[2], world.server.url).text


@pytest.mark.parametrize("url, linked", [("https://shop.example/banners?a=1&b=<2>", True), ("javascript:alert(1)", False),
                                         ("data:text/html,<script>alert(1)</script>", False), ("//evil.example/x", False),
                                         ("https://shop.example/\r\nX: y", False), ("ftp://shop.example/", False)])
def test_reported_addresses_become_links_only_if_http(make_world, url, linked):
    world = make_world().start()
    world.report(world.project(), request={"method": "GET", "url": url})
    letter = world.mail(GRACE)
    targets = check_page(letter.html, world.server.url).links
    ours = [target for target in targets if not target.startswith(world.server.url)]
    assert all(target.startswith("https://shop.example/") for target in ours)
    assert linked or not ours


def test_parameters_of_the_pages_are_escaped(shared_world):
    world = shared_world
    token = {"Authorization": "Bearer " + world.project("pages")["tokens"]["read"]}
    for text in CORPUS:
        for path, names in (("/view_traceback", ("filename", "function_name", "line_number", "text", "timestamp")),
                            ("/add_known_error", ("filename", "function_name", "code_fragment")),
                            ("/get_weekly_error_report", ("timestamp", "include_known_errors", "key")),
                            ("/api/2/session/first", ("link",)), ("/signin", ("next",)), ("/" + "x", ("y",))):
            query = urllib.parse.urlencode({name: text for name in names})
            for headers in ({}, token):
                status, got, page = get(f"{world.server.url}{path}?{query}", Accept="text/html", **headers)
                assert status < 500, (path, text)
                if got.get_content_type() == "text/html" and 'id="app"' not in page:
                    check_page(page, world.server.url)
                assert "X-Evil" not in got and "Bcc" not in got


def test_a_huge_report_makes_a_mail_of_bounded_size(make_world):
    world: World = make_world().start()
    project = world.project()
    report = hostile(world, "<b>x</b>\u2603" * 200)
    report["exceptions"][0]["frames"][-1]["variables"] += [{"name": f"v{n}", "value": "y" * 20_000} for n in range(30)]
    world.send(project, report)
    letter = world.mail(GRACE)
    assert len(letter.raw) <= 200_000 and CULPRIT.strip() in letter.text
