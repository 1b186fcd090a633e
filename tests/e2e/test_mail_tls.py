"""Mail to a server that has to prove who it is: real TLS, with certificates of authorities that the tests make."""
import json
import pathlib
import socket
import socketserver
import sqlite3
import subprocess
import threading

import pytest

from story import GRACE, Sink, World

LOGIN = ("flawless", "s3cret-of-the-mailbox")

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")


class Authority:
    """A certification authority; `file` is its own certificate."""

    def __init__(self, directory):
        self._directory = pathlib.Path(directory)
        self._directory.mkdir()
        self.file, self._key = self._directory / "authority.pem", self._directory / "authority.key"
        self._openssl("req", "-x509", *self._new_key(self._key), "-days", "30", "-out", self.file)

    def certificate(self, name):
        """For a server of that name, like DNS:localhost: the paths of (certificate, key)."""
        request, certificate, key = (self._directory / file for file in ("server.csr", "server.pem", "server.key"))
        self._openssl("req", "-new", *self._new_key(key), "-addext", f"subjectAltName={name}", "-out", request)
        self._openssl("x509", "-req", "-in", request, "-copy_extensions", "copy", "-CA", self.file, "-CAkey", self._key,
                      "-days", "30", "-out", certificate)
        return str(certificate), str(key)

    def _new_key(self, path):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path,
                "-subj", f"/CN={self._directory.name}")

    @staticmethod
    def _openssl(*words):
        done = subprocess.run(["openssl", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


class Tap(socketserver.ThreadingTCPServer):
    """On the way to the mail server at `target`: passes everything on, and keeps what Flawless said."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), None)
        self.port, self.target = self.server_address[1], None
        self.said = []  # the bytes of each connection
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def finish_request(self, request, client_address):
        said = bytearray()
        self.said.append(said)
        with socket.create_connection(("127.0.0.1", self.target), timeout=60) as server:
            request.settimeout(60)
            back = threading.Thread(target=self._pass_on, args=(server, request))
            back.start()
            self._pass_on(request, server, said)
            back.join()

    @staticmethod
    def _pass_on(source, sink, copy=None):
        try:
            while data := source.recv(65536):
                if copy is not None:
                    copy += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # either side is gone
            pass

    def stop(self):
        self.shutdown()
        self.server_close()

    def commands_in_clear(self):
        """Of all connections; everything else was TLS, record by record."""
        return [command for said in self.said for command in commands_before_tls(bytes(said))]


def commands_before_tls(said):
    def is_record():
        return said[0] in range(20, 24) and said[1] == 3
    commands = []
    while said and not is_record():
        line, _, said = said.partition(b"\r\n")
        commands.append(line.split(b" ")[0].decode().upper())
    while said:
        assert is_record(), said[:80]
        said = said[5 + int.from_bytes(said[3:5], "big"):]
    return commands


@pytest.fixture
def make_tls_world(tmp_path):
    """Makes one world whose mail server wants LOGIN, behind a tap; its server is not started."""
    made = []

    def make(security, certificate=None, **settings):
        made.append(Tap())
        tap = made[0]
        (tmp_path / "password").write_text(LOGIN[1] + "\n")
        world = World(tmp_path, **{
            "mail.smtp_port": tap.port, "mail.smtp_tls": "starttls" if security == "none" else security,
            "mail.smtp_user": LOGIN[0], "mail.smtp_password_file": tmp_path / "password", **settings})
        made.append(world)
        world.sink.stop()
        world.sink = Sink(world.letters, security=security, certificate=certificate, login=LOGIN).start()
        tap.target, world.tap = world.sink.port, tap
        return world
    yield make
    for world in made[1:]:
        world.close()
    for tap in made[:1]:
        tap.stop()


def mail_fault(world):
    """Why no mail goes, once health says so."""
    def found():
        return next((fault for fault in world.health()["faults"] if fault.startswith("mail cannot be sent")), None)
    return world.server.wait_until(found, 40)


def assert_nothing_left(world):
    """The one mail is queued, and the mail server has neither it nor the password, in clear or not."""
    mail = world.health()["mail"]
    assert mail["queued"] + mail["sending"] == 1 and mail["sent"] == mail["failed"] == 0
    assert world.sink.seen("AUTH") == world.sink.seen("MAIL") == len(world.letters) == 0
    assert world.tap.said and set(world.tap.commands_in_clear()) <= {"EHLO", "STARTTLS", "QUIT"}


def message_ids(world):
    """Those of the outbox, as they are on disk."""
    database = sqlite3.connect(f"file:{world.server.data}/flawless.db?mode=ro", uri=True)
    try:
        return [row[0] for row in database.execute("SELECT message_id FROM outbox")]
    finally:
        database.close()


# --- a server that is trusted ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("security, clear", [("starttls", ["EHLO", "STARTTLS"]), ("tls", [])])
def test_mail_and_password_go_encrypted(make_tls_world, tmp_path, security, clear):
    authority = Authority(tmp_path / "ours")
    world = make_tls_world(security, authority.certificate("IP:127.0.0.1"), **{"mail.smtp_ca_file": authority.file}).start()
    world.report(world.project())
    world.mail(GRACE)
    assert world.sink.seen("AUTH") == 1 and world.sink.seen("END") == 1
    assert world.tap.commands_in_clear() == clear
    assert world.health()["mail"]["sent"] == 1 and not world.health()["mail"]["last_error"]


def test_a_server_that_signed_its_own_certificate_can_be_trusted(make_tls_world, tmp_path):
    itself = Authority(tmp_path / "localhost")
    certificate = itself.file, tmp_path / "localhost" / "authority.key"
    world = make_tls_world("starttls", certificate, **{"mail.smtp_ca_file": itself.file, "mail.smtp_host": "localhost"}).start()
    world.report(world.project())
    world.mail(GRACE)


# --- a server that is not ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("security, trusted", [("starttls", "the system's"), ("tls", "the system's"), ("starttls", "another")])
def test_an_unknown_authority_gets_nothing_until_it_is_trusted(make_tls_world, tmp_path, security, trusted):
    authority = Authority(tmp_path / "ours")
    settings = {"mail.smtp_ca_file": Authority(tmp_path / "another").file} if trusted == "another" else {}
    world = make_tls_world(security, authority.certificate("IP:127.0.0.1"), **settings).start()
    world.report(world.project())
    fault = mail_fault(world)
    assert "certificate" in fault and "mail.smtp_ca_file" in fault, fault
    assert_nothing_left(world)
    promised = message_ids(world)
    assert len(promised) == 1 and promised[0]

    world.server.stop()
    world.server.start(env={"FLAWLESS_MAIL_SMTP_CA_FILE": str(authority.file)})
    letter = world.mail(GRACE, seconds=60)
    assert letter.header("Message-ID") == promised[0]
    assert world.sink.seen("END") == 1, "it went once"
    assert set(world.tap.commands_in_clear()) <= {"EHLO", "STARTTLS", "QUIT"}
    health = world.health()
    assert health["mail"]["sent"] == 1 and not [fault for fault in health["faults"] if "mail" in fault]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_host_is_refused(make_tls_world, tmp_path, security):
    authority = Authority(tmp_path / "ours")
    certificate = authority.certificate("DNS:mail.shop.example")
    world = make_tls_world(security, certificate, **{"mail.smtp_ca_file": authority.file}).start()
    world.report(world.project())
    fault = mail_fault(world)
    assert "mail.smtp_host" in fault and "mail.smtp_ca_file" not in fault, fault
    assert_nothing_left(world)


def test_a_server_without_starttls_gets_nothing(make_tls_world):
    world = make_tls_world("none").start()
    world.report(world.project())
    assert "STARTTLS" in mail_fault(world)
    assert_nothing_left(world)


# --- what is said before any mail is due ------------------------------------------------------------------------------------
def checks(server):
    """What `flawless check` found, and its exit code."""
    done = server.run("check", "--json", check=False)
    return json.loads(done.stdout)["checks"], done.returncode


def test_a_file_that_holds_no_certificates(fresh, tmp_path):
    (tmp_path / "authority.pem").write_bytes(b"\x30\x82\x01\x00 not PEM")
    site = fresh()
    (site.directory / "flawless.cfg").write_text(
        f'[flawless]\ndata_dir = "data"\n[mail]\nsmtp_ca_file = "{tmp_path}/authority.pem"\n')
    found, code = checks(site)
    assert code == 2 and not found[0]["ok"]
    for text in (found[0]["text"], site.run("start", check=False).stderr):
        assert "flawless.cfg:4: 'mail.smtp_ca_file'" in text and "BEGIN CERTIFICATE" in text


@pytest.mark.parametrize("host, tls, warned", [("mail.invalid", "none", True), ("127.0.0.1", "none", False),
                                               ("mail.invalid", "starttls", False)])
def test_a_password_in_clear_over_the_network_is_warned_of(fresh, host, tls, warned):
    site = fresh(**{"mail.smtp_host": host, "mail.smtp_tls": tls, "mail.smtp_user": LOGIN[0], "mail.smtp_password": LOGIN[1]})
    found, code = checks(site)
    assert code == 0 and all(check["ok"] for check in found)
    warnings = [c["text"] for c in found if c["warning"] and c["subject"] == "configuration"]
    assert [("mail.smtp_tls" in text) for text in warnings] == [True] * warned
    text = site.run("check")
    assert ("warn  configuration: the mail password" in text) == warned
    site.start()
    assert ("the mail password goes to" in site.log_text()) == warned
    assert LOGIN[1] not in text + site.log_text()
