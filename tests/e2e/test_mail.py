"""Mail through a real SMTP server: how it looks on the wire, whom it goes to, and what happens when it cannot go."""
import email.utils
import re

import pytest

from story import ADA, BANNER, GRACE, HANG, LINUS, ON_CALL, Sink, World, address, get, link
from sink import make_certificate


# --- on the wire --------------------------------------------------------------------------------------------------------
def test_a_mail_is_well_formed(world):
    project = world.project("shop café")
    world.report(project)
    letter = world.mail(GRACE)
    raw, message = letter.raw, letter.message
    assert b"\r\n" in raw and not re.search(rb"(?<!\r)\n|\r(?!\n)", raw), "lines end with CR LF"
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998 and raw.isascii()
    assert not message.defects and message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"], "the last is the best"
    assert all(part.get_content_charset() == "utf-8" and not part.defects for part in message.iter_parts())
    assert len(raw) < 200_000

    assert email.utils.parseaddr(letter.header("From"))[1] == "flawless@127.0.0.1"
    assert letter.sender == "flawless@127.0.0.1"
    assert email.utils.getaddresses([letter.header("To")]) == [("", address(GRACE))]
    assert "café" in letter.header("Subject") and len(letter.header("Subject")) <= 160
    assert re.fullmatch(r"<[^<>\s@]+@[^<>\s@]+>", letter.header("Message-ID"))
    assert abs(email.utils.parsedate_to_datetime(letter.header("Date")).timestamp() - letter.received_at) < 60
    assert letter.header("Auto-Submitted") == "auto-generated" and re.search(r"<[^<>\s]+>", letter.header("List-Id"))
    assert letter.header("MIME-Version") == "1.0" and letter.header("References")
    for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted"):
        assert len(message.get_all(name)) == 1, name


def test_a_mail_says_who_and_why_first(world):
    project = world.project()
    world.report(project)
    text = world.mail(GRACE).text
    order = ["Cannot choose from an empty sequence", "Grace Okafor", "Traceback (most recent call last)", "Stack Frame"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "Pick banners at random" in text, "the commit's summary"


def test_links_lead_to_the_public_address_whatever_the_client_called_us(make_world):
    world = make_world(**{"http.public_url": "https://errors.shop.example/flawless"}).start()
    project = world.project()
    world.report(project)
    letter = world.mail(GRACE)
    found = re.findall(r'href="([^"]+)"', letter.html)
    assert found and all(url.startswith("https://errors.shop.example/flawless") for url in found)
    assert "127.0.0.1" not in letter.text.replace(letter.header("From"), "")


# --- to whom ------------------------------------------------------------------------------------------------------------
def test_mail_outside_the_allowed_domains_goes_to_the_default_contact(make_world):
    world = make_world(**{"mail.allow": "example.org,ada@shop.example"}).start()
    project = world.project()
    world.report(project)
    letter = world.mail(ON_CALL)
    assert address(GRACE) in letter.text, "it says whom it was meant for"
    world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")
    assert world.mails(2)[1].recipients == [address(ADA)]


def test_remapping_the_mail_domain_and_the_mailmap(make_world):
    world = make_world(**{"blame.email_remapping": "grace@shop.example=ada@shop.example"})
    world.shop.commit(LINUS, {".mailmap": "Linus Berg <linus.berg@shop.example> <linus@shop.example>\n"}, "Names")
    world.start()
    project = world.project()
    world.report(project)
    assert world.mail(ADA)
    world.report(project, text="    chosen = []\n")
    assert world.mails(2)[1].recipients == ["linus.berg@shop.example"]


def test_a_domain_for_authors_without_one(make_world):
    world = make_world(**{"blame.email_domain_name": "shop.example", "blame.ignore_vcs_email_domain": "true"})
    head = world.shop.edit("Grace Okafor <gokafor@laptop>", BANNER, "random.choice(banners)", "random.choice([*banners])")
    world.start()
    world.report(world.project(), text="        chosen.append(random.choice([*banners]))\n", release=head)
    assert world.mails(1)[0].recipients == ["gokafor@shop.example"]


@pytest.mark.parametrize("name, mail", [("no address", "grace"), ("injection", "grace@shop.example\\r\\nBcc: eve@evil.example"),
                                        ("two", "grace@shop.example,eve@shop.example"),
                                        ("noreply", "12+grace@users.noreply.github.com")])
def test_an_author_who_cannot_be_mailed(make_world, name, mail):
    """Nothing goes there, nothing else is made of it; the default contact hears once."""
    world = make_world()
    head = world.shop.edit(f"Grace <{mail}>", BANNER, "random.choice(banners)", "random.choice([*banners])")
    world.start()
    world.report(world.project(), text="        chosen.append(random.choice([*banners]))\n", release=head)
    letter = world.mails(1)[0]
    assert letter.recipients == [ON_CALL] and not letter.header("Bcc")


def test_no_default_contact_and_nobody_to_blame(make_world):
    world = make_world(**{"mail.default_contact": "", "mail.allow": "shop.example"}).start()
    project = world.project()
    world.report(project, path="/opt/vendor/engine.py", text="    run()\n", function="start", line=7)
    item = world.decided_item(project)
    assert item["line"]["verdict"]["problem"] and not item["line"]["mailed_at"]
    assert "set mail.default_contact" in item["line"]["verdict"]["not_mailed"]
    world.report(project)
    world.mail(GRACE)


@pytest.mark.parametrize("report", [
    {"exceptions": [{"type": "KeyError", "message": "m", "frames": [
        {"path": "site-packages/redis/client.py", "function": "get", "line": 9, "in_app": False}]}]},
    {"exceptions": [{"type": "MemoryError", "message": "m"}]},
    {"level": "error", "message": "the queue is full"},
], ids=["foreign frames", "no frames", "a message"])
def test_an_error_that_blames_no_line_goes_to_the_default_contact_once(world, report):
    project = world.project()
    world.send(project, report)
    letter = world.mail(ON_CALL)
    assert "no line of the application's code is in the report" in letter.text
    world.restart(kill=True)
    world.send(project, report)
    world.send(project, {**report, "release": "another"})
    item = world.decided_item(project, count=3)
    assert world.mail(ON_CALL).number == letter.number
    assert item["line"]["path"] == "" and item["line"]["mailed_to"] == ON_CALL

    page = link(letter, "/view_traceback")
    status, _, text = get(page)
    assert status == 200 and item["title"].split(":")[0] in text
    assert get(page.split("?")[0])[0] != 200, "not without the key"


def test_library_code_alone_goes_to_the_default_contact(make_world):
    world = make_world()
    world.append_config(f'[[library_code]]\nfilename = "{BANNER}"\n')
    world.start()
    project = world.project()
    world.report(project)
    assert "no line of the application's code" in world.mail(ON_CALL).text


def test_a_message_that_is_no_error_is_not_mailed(world):
    project = world.project()
    for level in ("debug", "info", "warning"):
        world.send(project, {"level": level, "message": f"so far so good: {level}"})
    world.mails(0)


def test_without_a_mail_server_verdicts_are_there_all_the_same(make_world):
    world = make_world(**{"mail.smtp_host": ""}).start()
    project = world.project()
    world.report(project)
    item = world.decided_item(project)
    assert item["line"]["developer"] == address(GRACE) and not item["line"]["mailed_at"]
    world.mails(0)


def test_sampled_reports_count(make_world):
    """A report stands for as many occurrences as it says: the threshold sees them all."""
    world = make_world(**{"blame.report_error_threshold": 5}).start()
    project = world.project()
    world.report(project)
    assert world.decided_item(project)["count"] == 1
    world.mails(0)
    world.report(project, count=4)
    world.mail(GRACE)
    assert world.item(project)["count"] == 5


def test_the_threshold(make_world):
    world = make_world(**{"blame.report_error_threshold": 3}).start()
    project = world.project()
    for _ in range(2):
        world.report(project)
    world.decided_item(project, count=2)
    world.mails(0)
    world.report(project)
    world.mail(GRACE)
    world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners", error_threshold=1)
    assert world.mails(2)[1].recipients == [address(ADA)], "the report's own threshold wins"


@pytest.mark.parametrize("date, mails", [("2025-3-7", 0), ("2025-03-07", 0), ("2025-3-6", 1), ("2025-02-1", 1)])
def test_old_code_is_not_mailed_about(make_world, date, mails):
    world = make_world(**{"blame.report_only_after_minimum_date": date}).start()
    project = world.project()
    world.report(project)
    item = world.decided_item(project)
    assert item["line"]["developer"] == address(GRACE), "recorded and blamed all the same"
    world.mails(mails)


def test_rules_of_the_configuration(make_world):
    """A known error is silent, and counted; library code is not to blame, its caller is."""
    world = make_world()
    world.append_config('[[known_error]]\nfilename = "shop/db.py"\nfunction_name = "banners"\ncode_fragment = "fetchall()"\n'
                        '[[library_code]]\nfilename = "shop/banner.py"\nfunction_name = "pick_banners"\n')
    world.start()
    project = world.project()
    world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")
    assert world.decided_item(project)["line"]["known"] is True
    world.mails(0)
    with world.serving("flawless", project) as request:
        assert request() == 500
        letter = world.mails(1)[0]
    assert letter.recipients == [address(LINUS)], "who wrote count=3 in the page, since pick_banners is library code"


def test_third_party_code_of_the_configuration(make_world):
    """Whatever came through it is kept, and mailed to nobody; how often is shown."""
    world = make_world()
    world.append_config('[[third_party]]\nfilename = "shop/db.py"\n')
    world.start()
    project = world.project()
    frames = [{"path": BANNER, "function": "pick_banners", "line": 12, "code": "random.choice(banners)", "in_app": True},
              {"path": "shop/db.py", "function": "banners", "line": 25, "code": "return rows.fetchall()", "in_app": True}]
    for own in (frames, frames[::-1]):
        world.report(project, exceptions=[{"type": "OSError", "message": "gone", "frames": own}])
    world.server.wait_until(lambda: sum(item["count"] for item in world.items(project)) == 2)
    world.mails(0)
    assert world.health()["blame"]["ignored"] == 2
    world.report(project)
    world.mail(GRACE)


def test_a_known_error_on_a_schedule_of_its_own(make_world):
    world = make_world()
    world.append_config('[[known_error]]\nfilename = "shop/banner.py"\nmin_alert_threshold = 2\nmax_alert_threshold = 6\n'
                        'alert_every_n_occurrences = 3\nemail_recipients = ["ops@shop.example"]\n'
                        'email_header = "Known since spring, see the wiki."\n')
    world.start()
    project = world.project()
    seen = []
    for count in range(1, 10):
        world.report(project)
        world.decided_item(project, count=count)
        world.quiet()
        fresh = world.letters.all()[len(seen):]
        seen += [(count, letter.recipients[0]) for letter in fresh]
        assert all("Known since spring, see the wiki." in letter.text for letter in fresh)
    by_count = {count: sorted(to for at, to in seen if at == count) for count, _ in seen}
    both = [address(GRACE), "ops@shop.example"]
    assert by_count == {2: both, 3: both, 6: both}


def test_an_environment_that_does_not_notify(world):
    project = world.project()
    world.report(project, environment="development")
    assert world.decided_item(project)["line"]["developer"] == address(GRACE)
    world.mails(0)
    world.report(project, environment="production")
    world.mail(GRACE)


# --- when it cannot go --------------------------------------------------------------------------------------------------
def test_smtp_refuses_connections_for_a_while(world):
    project = world.project()
    world.sink.refuse()
    world.report(project)
    world.server.wait_until(lambda: world.health()["mail"]["last_error"], 30)
    health = world.health()
    assert health["mail"]["queued"] + health["mail"]["sending"] == 1 and health["mail"]["sent"] == 0
    world.report(project)
    world.restart()
    world.sink.accept()
    world.mail(GRACE, seconds=60)
    assert world.health()["mail"]["sent"] == 1


@pytest.mark.parametrize("step, answer", [("RCPT", "450 4.2.0 mailbox busy"), ("MAIL", "451 4.3.0 later"),
                                          ("DATA", "451 4.3.0 later"), ("END", "452 4.3.1 no space"),
                                          ("CONNECT", "421 4.3.2 too busy")])
def test_a_temporary_refusal(world, step, answer):
    project = world.project()
    world.sink.on(step, answer, times=1)
    world.report(project)
    world.mail(GRACE, seconds=60)
    assert world.sink.seen(step) == 2


def test_a_server_that_never_answers(world):
    project = world.project()
    world.sink.on("CONNECT", HANG, times=1)
    world.report(project)
    world.mail(GRACE, seconds=100)


def test_a_permanent_refusal_is_told_to_the_default_contact_once(world):
    project = world.project()
    world.sink.on("RCPT", "550 5.1.1 no such user here", times=1)
    world.report(project)
    letter = world.mail(ON_CALL, seconds=60)
    assert address(GRACE) in letter.text and "no such user here" in letter.text
    assert world.health()["mail"]["failed"] == 1
    assert [(one["recipient"], one["count"]) for one in world.health()["mail"]["undeliverable"]] == [(address(GRACE), 1)]
    item = world.item(project)
    assert (item["line"]["mail_state"], item["line"]["mailed_to"], item["line"]["mailed_at"]) == \
        ("failed", address(GRACE), None)
    assert "no such user here" in item["line"]["mail_error"]
    refused = [entry for entry in item["history"] if entry["kind"] == "undeliverable"]
    assert len(refused) == 1 and refused[0]["detail"].startswith(address(GRACE) + ": ")
    assert get(link(letter, "/view_traceback"))[0] == 200, "without an account"
    world.restart(kill=True)
    world.report(project)
    world.decided_item(project, count=2)
    world.mail(ON_CALL)
    assert world.sink.seen("RCPT") == 2, "the first is not tried again"


def test_the_default_contact_is_refused_too(world):
    project = world.project()
    world.sink.on("RCPT", "550 5.1.1 nobody lives here")
    world.report(project)
    world.server.wait_until(lambda: world.health()["mail"]["failed"] == 2, 60)
    world.quiet()
    assert world.sink.seen("RCPT") == 2 and len(world.letters) == 0, "no mail about a mail about a mail"


def test_a_refusal_of_our_sender_loses_nothing(world):
    """Nobody's mailbox is at fault: the operator is told, and it goes out once that is put right."""
    project = world.project()
    world.sink.on("MAIL", "550 5.7.1 sender not allowed", times=1)
    world.report(project)
    fault = world.server.wait_until(lambda: [f for f in world.health()["faults"] if "sender not allowed" in f], 30)
    assert fault
    world.mail(GRACE, seconds=60)


@pytest.mark.parametrize("step", ["RCPT", "END"])
def test_a_mail_that_is_refused_by_policy_holds_up_nobody(world, step):
    """Such a refusal may be about us, until others go through: then it is this mail's own."""
    project = world.project()
    about = address(GRACE) if step == "RCPT" else f"To: {address(GRACE)}"
    world.sink.on(step, "554 5.7.1 relay access denied", about=about)
    world.report(project)
    assert world.sink.wait_seen(step, 1, 40)
    world.report(project, path="shop/db.py", text="    return rows.fetchall()\n", function="banners")
    world.report(project, text="    chosen = []\n")
    letters = {letter.recipients[0]: letter for letter in world.mails(3)}
    assert letters.keys() == {address(ADA), address(LINUS), ON_CALL}
    assert "relay access denied" in letters[ON_CALL].text
    health = world.health()
    assert (health["mail"]["failed"], health["mail"]["sent"], health["faults"]) == (1, 3, [])
    assert [one["recipient"] for one in health["mail"]["undeliverable"]] == [address(GRACE)]


def test_stopping_while_the_mail_server_thinks(world):
    """The mail may have arrived: it goes again, as the same message."""
    project = world.project()
    world.sink.on("END", HANG, times=1)
    world.report(project)
    assert world.sink.wait_seen("END", 1, 40)
    world.restart()
    world.mail(GRACE, seconds=60)
    assert world.sink.seen("END") == 2


# --- encryption and sign-in -----------------------------------------------------------------------------------------------
def sink_world(tmp_path, server_settings, **sink_settings):
    """A world whose mail server is another kind of sink."""
    world = World(tmp_path, **server_settings)
    world.sink.refuse()
    other = Sink(world.letters, world.sink.port, **sink_settings)
    world.sink.stop()
    world.sink = other.start()
    return world


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_signing_in(tmp_path):
    password = tmp_path / "password"
    password.write_text("s3cret\n")
    world = sink_world(tmp_path, {"mail.smtp_user": "flawless", "mail.smtp_password_file": password},
                       login=("flawless", "s3cret"))
    try:
        world.start()
        world.report(world.project())
        world.mail(GRACE)
        assert world.sink.seen("AUTH") >= 1
    finally:
        world.close()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_wrong_password_is_a_fault_of_the_configuration(tmp_path):
    world = sink_world(tmp_path, {"mail.smtp_user": "flawless", "mail.smtp_password": "wr0ng-one"}, login=("flawless", "s3cret"))
    try:
        world.start()
        world.report(world.project())
        world.server.wait_until(lambda: world.health()["mail"]["last_error"], 30)
        health = world.health()
        assert health["mail"]["failed"] == 0 and health["mail"]["queued"] + health["mail"]["sending"] == 1
        assert "wr0ng-one" not in str(health) + world.server.log_text()
    finally:
        world.close()


@pytest.mark.parametrize("kind", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for(tmp_path, kind):
    certificate = make_certificate(tmp_path)
    world = sink_world(tmp_path, {"mail.smtp_tls": kind}, security=kind, certificate=certificate)
    try:
        world.start()
        world.report(world.project())
        error = world.server.wait_until(lambda: world.health()["mail"]["last_error"], 30)
        assert "certificate" in error.lower() and len(world.letters) == 0
    finally:
        world.close()


def test_starttls_that_is_not_offered(make_world):
    """Never in the clear when encryption was asked for."""
    world = make_world(**{"mail.smtp_tls": "starttls"}).start()
    world.report(world.project())
    world.server.wait_until(lambda: world.health()["mail"]["last_error"], 30)
    assert len(world.letters) == 0 and world.sink.seen("MAIL") == 0


# --- many at once -------------------------------------------------------------------------------------------------------
def test_many_new_lines_of_one_person(make_world):
    """Five at once; the rest waits for one mail at the end of ten minutes."""
    world = make_world()
    lines = [f"    return price_{n}(basket)\n" for n in range(8)]
    world.shop.commit(ADA, {"shop/price.py": "".join(f"def f{n}(basket):\n{line}" for n, line in enumerate(lines))}, "Prices")
    world.start()
    project = world.project()
    for n, line in enumerate(lines):
        world.report(project, path="shop/price.py", text=line, function=f"f{n}")
    health = world.quiet(queued=3)
    assert health["mail"]["queued"] == 3
    assert [letter.recipients for letter in world.letters.all()] == [[address(ADA)]] * 5
    world.restart(kill=True)
    assert world.quiet(queued=3)["mail"]["queued"] == 3 and len(world.letters) == 5
    world.report(project)
    assert world.letters.wait(6, 40) and world.letters.get(6).recipients == [address(GRACE)], "others do not wait for her"


def test_further_lines_come_as_one_mail_when_their_time_is_over(make_world):
    """And each line once: one by one, or in the mail that names all that waited."""
    world = make_world(**{"mail.at_once": 2, "mail.roll_up_every": "8s"})
    lines = [f"    return price_{n}(basket)\n" for n in range(8)]
    world.shop.commit(ADA, {"shop/price.py": "".join(f"def f{n}(basket):\n{line}" for n, line in enumerate(lines))}, "Prices")
    world.start()
    project = world.project()

    def fail(numbers):
        for n in numbers:
            world.report(project, path="shop/price.py", text=lines[n], function=f"f{n}")

    def named(letter):
        return sorted({int(n) for n in re.findall(r"shop/price\.py:\d+ in f(\d)", letter.text)})
    world.sink.refuse()  # until all are known, so that they fall into one window however slow this machine is
    fail(range(7))
    world.server.wait_until(lambda: sum(world.health()["mail"][state] for state in ("queued", "sending")) == 7, 60)
    world.sink.accept()

    letters = world.mails(3, seconds=90)
    assert [letter.recipients for letter in letters] == [[address(ADA)]] * 3
    single, rolled_up = [named(letter) for letter in letters[:2]], named(letters[2])
    assert [len(numbers) for numbers in single] == [1, 1] and len(rolled_up) == 5
    assert sorted(single[0] + single[1] + rolled_up) == list(range(7))
    assert letters[2].header("Subject") == "[shop] 5 new errors in your code"
    assert world.health()["mail"]["sent"] == 7

    world.restart()
    fail(range(8))  # seven of them again; the new one, in a new window, shows that their time to be mailed was over
    letters = world.mails(4, seconds=90)
    assert named(letters[3]) == [7]


def test_a_repository_that_arrives_later(make_world):
    """Told once to the default contact while nobody knew the code; blamed, but not mailed again, when it is known."""
    world = make_world(**{"repository.name": None, "repository.path": None, "repository.fetch_every": None}).start()
    project = world.project()
    world.report(project)
    world.mail(ON_CALL)
    line = world.item(project)["line"]
    assert not line["developer"]
    world.server.stop()
    world.append_config(f'[[repository]]\nname = "shop"\npath = "{world.shop.directory}"')
    world.server.start()
    world.server.wait_until(lambda: world.item(project)["line"]["developer"] == address(GRACE), 40)
    world.report(project)
    world.decided_item(project, count=2)
    assert world.item(project)["line"]["id"] == line["id"]
    world.mail(ON_CALL)
