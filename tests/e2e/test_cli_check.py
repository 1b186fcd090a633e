"""`flawless check`."""
import json
import os
import re
import socket
import subprocess

import pytest

from cli import config, flawless


def test_check_knows_the_running_server(fresh):
    site = fresh()
    before = site.run("check")
    assert "will be made" in before and "is free" in before and not site.data.exists()
    site.start()
    assert "held by the running server" in site.run("check")
    assert "served by the running server" in site.run("check")


def test_check_finds_what_would_fail(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        for out in [key, tmp_path / "other.pem"]:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
                            "-keyout", out, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
        (tmp_path / "flawless.cfg").write_text(
            f'[flawless]\ndata_dir = "certificate.pem"\n[http]\nport = {other.getsockname()[1]}\n'
            'tls_certificate = "certificate.pem"\ntls_key = "key.pem"\n'
            '[[repository]]\nname = "shop"\npath = "nowhere"\n[retention]\nmin_free_bytes = "1000TiB"\n')
        done = flawless("check", "--json", cwd=tmp_path)
    assert done.returncode == 1
    failed = {c["subject"]: c["text"] for c in json.loads(done.stdout)["checks"] if not c["ok"]}
    assert set(failed) == {"data_dir", "free space", "port", "tls", "repository shop"}
    assert "in use" in failed["port"] and "not the private key" in failed["tls"]


def check(cwd, env=None):
    """What is found, as (mark, subject, text), all that was printed, and the exit code."""
    done = flawless("check", cwd=cwd, env=env)
    rows = [re.fullmatch(r"(ok|warn|FAIL)  +([^:]+): (.*)", line) for line in done.stdout.splitlines()]
    return [row.groups() for row in rows if row], done.stdout + done.stderr, done.returncode


@pytest.mark.parametrize("url, said", [("ext::sh -c 'touch proof'", "begins with https://"),
                                       ("--upload-pack=touch proof", "begins with https://"),
                                       ("http://git:hunter22@h/x", "use https:// or ssh://")])
def test_check_and_start_refuse_the_same_addresses(tmp_path, url, said):
    config(tmp_path, f'[[repository]]\nname = "a"\nurl = "{url}"\n[[repository]]\nname = "b"\nurl = "{url}"\n')
    found, printed, code = check(tmp_path)
    started = flawless("start", cwd=tmp_path)
    assert code == 2 and started.returncode == 2
    for text in [printed, started.stderr]:
        assert "flawless.cfg:7: 'repository.url' of repository 'a'" in text and said in text
        assert "flawless.cfg:10: 'repository.url' of repository 'b'" in text and "hunter22" not in text
    assert sorted(os.listdir(tmp_path)) == ["flawless.cfg"]


def test_check_looks_for_a_repository_on_this_machine(tmp_path):
    (tmp_path / "with space.git").mkdir()
    (tmp_path / "with space.git" / "HEAD").write_text("ref: refs/heads/main\n")
    config(tmp_path, f'[[repository]]\nname = "gone"\nurl = "file://{tmp_path}/gone.git"\n'
                     f'[[repository]]\nname = "there"\nurl = "file://{tmp_path}/with%20space.git"\n')
    found, _, code = check(tmp_path)
    assert code == 1 and ("FAIL", "repository gone", f"{tmp_path}/gone.git does not exist") in found
    assert ("ok", "repository there", f"{tmp_path}/with space.git is there") in found


def test_check_shows_no_password_and_says_where_it_belongs(tmp_path):
    path = config(tmp_path, '[[repository]]\nname = "shop"\nurl = "https://u:hunter22@h.example/x?a=qtok77"\n')
    path.chmod(0o644)
    found, printed, code = check(tmp_path)
    assert code == 0 and "hunter22" not in printed and "qtok77" not in printed
    assert ("ok", "repository shop", "to be cloned from https://h.example/x?a=…") in found
    warnings = [text for mark, subject, text in found if mark == "warn" and subject == "configuration"]
    assert any("repository.credentials_file" in w for w in warnings) and any("chmod 600" in w for w in warnings)
    path.chmod(0o600)
    assert "chmod 600" not in check(tmp_path)[1]


def test_check_tells_about_mail(tmp_path):
    config(tmp_path)
    assert ("warn", "mail", "none is sent: name a mail server in 'mail.smtp_host'") in check(tmp_path)[0]
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        config(tmp_path, f'[mail]\nsmtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_tls = "tls"\n'
                         'smtp_user = "me"\nsmtp_password = "hunter22"\nfrom = "f@x.example"\n'
                         'default_contact = "ops@x.example"\n')
        found, printed, _ = check(tmp_path)
    assert ("ok", "mail", f"goes to 127.0.0.1 port {port} over TLS, signed in as me, from f@x.example") in found
    assert ("ok", "mail", "where no developer can be found, ops@x.example is told") in found
    assert "hunter22" not in printed and "warn" not in printed
    config(tmp_path, f'[mail]\nsmtp_host = "127.0.0.1"\nsmtp_port = {port}\n')
    found, _, code = check(tmp_path)
    warnings = [text for mark, subject, text in found if mark == "warn" and subject == "mail"]
    assert code == 0 and len(warnings) == 2
    assert "mail.default_contact" in warnings[0] and f"127.0.0.1 port {port} cannot be reached" in warnings[1]


def test_a_variable_that_would_be_ignored_is_named(fresh, tmp_path):
    wrong = {"FLAWLESS_HTTP_PROT": "1", "FLAWLESS_BINARY": "x", "FLAWLESS_URL": "y"}
    config(tmp_path)
    found, _, code = check(tmp_path, env=wrong)
    said = [text for mark, subject, text in found if subject == "environment"]
    assert code == 0 and len(said) == 1 and "did you mean FLAWLESS_HTTP_PORT?" in said[0]
    site = fresh()
    site.start(env=wrong)
    assert said[0] in site.log_text()
