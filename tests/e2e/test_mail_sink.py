"""The scripted SMTP server that the other tests rely on does what it says, as smtplib sees it."""
import smtplib
import ssl
import sys
import urllib.error
import urllib.request

import pytest

from harness import ROOT

sys.path.insert(0, str(ROOT / "examples" / "mailbox"))

from letters import Letters  # noqa: E402
from page import serve  # noqa: E402
from sink import DROP, HANG, Sink, make_certificate  # noqa: E402

MAIL = b"""Subject: =?utf-8?q?caf=C3=A9?=\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
--b\r\nContent-Type: text/plain\r\n\r\n.begins with a dot\r\n\
--b\r\nContent-Type: text/html\r\n\r\n<html><head></head><script>alert(1)</script><p>Hello</p>\r\n--b--\r\n"""


@pytest.fixture
def letters(tmp_path):
    return Letters(tmp_path / "mails")


@pytest.fixture
def sink(letters):
    running = Sink(letters).start()
    yield running
    running.stop()


def send(sink, to="ada@shop.example", timeout=5):
    with smtplib.SMTP("127.0.0.1", sink.port, timeout=timeout) as client:
        client.sendmail("flawless@shop.example", [to], MAIL)


def test_letters_are_kept_as_sent_with_their_envelope(sink, letters, tmp_path):
    send(sink)
    send(sink, "grace@shop.example")
    first, second = Letters(tmp_path / "mails").all()
    assert (first.raw, first.recipients, first.sender) == (MAIL, ["ada@shop.example"], "flawless@shop.example")
    assert second.recipients == ["grace@shop.example"] and second.number == first.number + 1
    assert first.header("Subject") == "café" and first.text.strip() == ".begins with a dot"
    assert Letters(tmp_path / "mails").add("a@b", ["c@d"], MAIL) == 3


@pytest.mark.parametrize("step, error", [("RCPT", smtplib.SMTPRecipientsRefused), ("DATA", smtplib.SMTPDataError),
                                         ("END", smtplib.SMTPDataError), ("MAIL", smtplib.SMTPSenderRefused),
                                         ("CONNECT", smtplib.SMTPConnectError)])
def test_a_refusal_so_many_times(sink, letters, step, error):
    sink.on(step, "450 4.2.0 later", times=2)
    for _ in range(2):
        with pytest.raises(error) as refused:
            send(sink)
        assert "450" in str(refused.value) and len(letters) == 0
    send(sink)
    assert len(letters) == 1 and sink.seen(step) == 3


def test_hanging_at_data(sink, letters):
    sink.on("DATA", HANG)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink, timeout=0.3)
    assert len(letters) == 0 and sink.wait_seen("DATA", 1, 1)
    sink.be_well()
    send(sink)


def test_dropping_after_the_body_keeps_the_letter(sink, letters):
    sink.on("END", DROP, times=1)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink)
    assert len(letters) == 1


def test_refusing_connections_and_coming_back(sink, letters):
    sink.refuse()
    with pytest.raises(ConnectionRefusedError):
        send(sink)
    sink.accept()
    send(sink)
    assert len(letters) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_and_sign_in(letters, tmp_path, security):
    certificate = make_certificate(tmp_path)
    sink = Sink(letters, security=security, certificate=certificate, login=("flawless", "s3cret")).start()
    try:
        trusting = ssl.create_default_context(cafile=certificate[0])
        kind = {"starttls": lambda: smtplib.SMTP("127.0.0.1", sink.port, timeout=5),
                "tls": lambda: smtplib.SMTP_SSL("127.0.0.1", sink.port, timeout=5, context=trusting)}[security]
        with kind() as client:
            if security == "starttls":
                with pytest.raises(smtplib.SMTPException):
                    client.sendmail("a@b.example", ["c@d.example"], MAIL)
                client.starttls(context=trusting)
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("flawless", "wrong")
        with kind() as client:
            if security == "starttls":
                client.starttls(context=trusting)
            client.login("flawless", "s3cret")
            client.sendmail("a@b.example", ["c@d.example"], MAIL)
        assert len(letters) == 1
    finally:
        sink.stop()


def test_the_page(sink, letters):
    send(sink)
    page = serve(letters)
    try:
        def get(path):
            with urllib.request.urlopen(f"http://127.0.0.1:{page.server_port}{path}", timeout=5) as reply:
                return reply.headers, reply.read().decode()
        assert "ada@shop.example" in get("/")[1] and "café" in get("/")[1]
        shown = get("/mail/1")[1]
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in shown
        headers, mail = get("/mail/1/html")
        assert headers["Content-Security-Policy"].startswith("sandbox ") and '<head><base target="_blank">' in mail
        assert "script-src" not in headers["Content-Security-Policy"], "the default, none, is for scripts"
        assert get("/mail/1/source")[1].encode() == MAIL and '"number": 1' in get("/mails.json")[1]
        with pytest.raises(urllib.error.HTTPError):
            get("/mail/2")
    finally:
        page.shutdown()
        page.server_close()
