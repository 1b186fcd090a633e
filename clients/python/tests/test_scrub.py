import ast
import pathlib
import re
import time

import pytest

from flawless import _scrub
from flawless._scrub import TextScrubber, name_checker


@pytest.mark.parametrize("name", [
    "password", "mysqlpassword1", "db_pass_passwd", "X-Api-Key", "xApiKey", "HTTP_AUTHORIZATION", "auth", "http_auth",
    "stripetoken", "token2", "session", "csrf_token", "credit_card_number", "card_number", "client_secret", "sessionid",
    "HTTP_COOKIE", "pw", "DB_PASSWORD", "refreshTokens", "aws_access_key_id", "DB_PASS", "user_pass2", "card #",
    "cc-exp", "aiohttp_session", "_session", "card type", "token_1", "pw1_new"])
def test_secret_names(name):
    assert name_checker()(name)


@pytest.mark.parametrize("name", [
    "author", "token_count", "password_changed_at", "session_start", "cookie_banner", "PWD", "passage", "keyboard",
    "secretary", "x", "", "_", "tokenizer", "authority", "class_name", "pwdx", "test_passed", "bypass",
    "pass_count", "token_count2", "id_card_type", "card", "primary_key"])
def test_names_that_are_none(name):
    assert not name_checker()(name)


def test_extra_names():
    is_secret = name_checker(["iban", "blood-type"])
    assert is_secret("customer_iban") and is_secret("bloodType") and not is_secret("urban")


@pytest.mark.parametrize("name", ["пароль", "мой_пароль", "пароль2", "home_address1", "p12", "x", "pos_x",
                                  "geheimWort"])
def test_extra_names_of_any_script_with_digits_or_of_one_letter(name):
    assert name_checker(["пароль", "address1", "p12", "x", "geheim wort", "--"])(name)


@pytest.mark.parametrize("name", ["пароли", "ПАРОЛЬ", "address2", "p1", "max", ""])
def test_extra_names_are_whole(name):
    assert not name_checker(["пароль", "address1", "p12", "x", "--"])(name)


def test_the_names_are_the_servers():
    source = pathlib.Path(__file__).parents[3].joinpath("src/triage/scrub_names.cc").read_text(encoding="utf-8")
    kinds = {"kAnywhere": "anywhere", "kWords": "words", "kLastWords": "last words", "kSuffix": "suffix",
             "kWhole": "whole"}
    theirs = {(name, kinds[kind]) for name, kind in re.findall(r'\{"(\w+)", (k\w+)\}', source)}
    assert {(name, kind) for kind, names in _scrub._BUILT_INS.items() for name in names.split()} == theirs
    descriptions = re.search(r"kDescriptions\[\] = \{(.*?)\};", source, re.DOTALL)
    assert set(re.findall(r'"(\w+)"', descriptions.group(1))) == _scrub._DESCRIPTIONS


@pytest.mark.parametrize("text, expected", [
    ("postgres://ann:hunter2@db/shop", "postgres://ann:[scrubbed]@db/shop"),
    ("login(password='hun\\'ter2', user='ann')", "login(password=[scrubbed], user='ann')"),
    ('{"api_key": "abc", "n": 1}', '{"api_key": [scrubbed], "n": 1}'),
    ("GET /?token=abc&page=2", "GET /?token=[scrubbed]&page=2"),
    ("Authorization: Bearer abcdefghijk", "Authorization: [scrubbed]"),
    ("Host: h\r\nCookie: a=b; c=d\r\nAccept: x", "Host: h\r\nCookie: [scrubbed]\r\nAccept: x"),
    ("'Cookie: a=b; c=d\\r\\nAccept: x'", "'Cookie: [scrubbed]\\r\\nAccept: x'"),
    ("sent Bearer abcdefghij1 away", "sent Bearer [scrubbed] away"),
    ("password=None, token=True", "password=None, token=True"),
    ("a = 1: no secret here", "a = 1: no secret here"),
    ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----!", "[scrubbed]!"),
    ("{'user': {'password': 'a b, c'}}", "{'user': {'password': [scrubbed]}}"),
    ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
    ("error: password=x", "error: password=[scrubbed]"),
    ("{cookie: 'x', pin: 1}", "{cookie: [scrubbed], pin: 1}"),
    ("login(email:\"a\",password:\"x\")", "login(email:\"a\",password:[scrubbed])"),
    ("{User:ann Password:x Age:5}", "{User:ann Password:[scrubbed] Age:5}"),
    ("{ password: Some(\"x\"), cvv: 5 }", "{ password: [scrubbed], cvv: [scrubbed] }"),
    ("[('user', 'ann'), ('password', 'x')]", "[('user', 'ann'), ('password', [scrubbed])]"),
    ("[(b'authorization', b'Basic x')]", "[(b'authorization', [scrubbed])]"),
    ("{\\\"token\\\":\\\"x\\\",\\\"n\\\":1}", "{\\\"token\\\":[scrubbed],\\\"n\\\":1}"),
    ('{"password" :\n  "x"}', '{"password" :\n  [scrubbed]}'),
    ("{'Name': 'password', 'Value': 'x'}", "{'Name': 'password', 'Value': [scrubbed]}"),
    ('form-data; name="password"\r\n\r\nx y\r\n--B', 'form-data; name="password"\r\n\r\n[scrubbed]\r\n--B'),
    ("X-Vault-Token:x PRIVATE-TOKEN: y", "X-Vault-Token:[scrubbed] PRIVATE-TOKEN: [scrubbed]"),
    ("mysql --password x shop", "mysql --password [scrubbed] shop"),
    ("user[password][]=x&b=1", "user[password][]=[scrubbed]&b=1"),
    ("password=ab;cd&x=1", "password=[scrubbed]&x=1"),
    ("(see https://h/?token=abc), twice", "(see https://h/?token=[scrubbed]), twice"),
    ("/?next=%2Flogin%3Ftoken%3Dx%26b%3D2&c=3", "/?next=%2Flogin%3Ftoken%3D[scrubbed]%26b%3D2&c=3"),
    ("credentials={'a': ['b']} rest", "credentials=[scrubbed] rest"),
    ('{"a": 1, "credentials": {\n "pin": "x"\n}, "b": 2}', '{"a": 1, "credentials": [scrubbed], "b": 2}'),
    ('{"credentials": {"a": "}", "pin": "x"}, "b": 2}', '{"credentials": [scrubbed], "b": 2}'),
    ('{"credentials": {"a": "it\'s", "pin": "x", "cut o', '{"credentials": [scrubbed]'),
    ("namespace(passwords=['x', 'y'], n=1)", "namespace(passwords=[scrubbed], n=1)"),
    ("<login><password>x</password><n>1</n></login>", "<login><password>[scrubbed]</password><n>1</n></login>"),
    ("<credentials kind='a'>\n<pin>x</pin>\n</credentials>!", "<credentials kind='a'>[scrubbed]</credentials>!"),
    ("<user>ann</user><password>cut o", "<user>ann</user><password>[scrubbed]"),
    ("unexpected <token> after <name>", "unexpected <token> after <name>"),
    ("token=SecretStr('x y')", "token=[scrubbed]"),
    ("user: ann\npassword: x1\n", "user: ann\npassword: [scrubbed]\n"),
    ("password: wrong for user bob", "password: wrong for user bob"),
    ("Unexpected token: '}'", "Unexpected token: '}'"),
    ("option --password is required", "option --password is required"),
    ("['password', 'email', 'name']", "['password', 'email', 'name']"),
    ("auth-worker: connection refused", "auth-worker: connection refused"),
    ("https://ghp_0123456789abcdefgh@github.com/x", "https://[scrubbed]@github.com/x"),
    ("https://anna@shop.example/x", "https://anna@shop.example/x"),
    ("https://a:p@ss@h/", "https://a:[scrubbed]@h/"),
    ('Cookie: a="x"; b=hunter2', "Cookie: [scrubbed]"),
    ('Authorization: Digest username="a", response="b"', "Authorization: [scrubbed]"),
    ("curl -H 'Cookie: a=\"x\"; b=y' http://h", "curl -H 'Cookie: [scrubbed]' http://h"),
    ("X-Api-Key: a b c\nHost: h", "X-Api-Key: [scrubbed]\nHost: h"),
    ("bearer abc12345678", "bearer [scrubbed]"),
    ("Bearer authentication failed", "Bearer authentication failed"),
    ("Basic authentication failed", "Basic authentication failed"),
    ("sent Basic QWxhZGRpbg== away", "sent Basic [scrubbed] away"),
    ('{"value": "x", "name": "password"}', '{"value": "[scrubbed]", "name": "password"}'),
    ('{"value": "x", "name": "user"}', '{"value": "x", "name": "user"}'),
    ("'form-data; name=\"token\"\\r\\n\\r\\nabc\\r\\n--B'",
     "'form-data; name=\"token\"\\r\\n\\r\\n[scrubbed]\\r\\n--B'"),
    ("--password  -v x", "--password  -v x"),
    ("--password  is required", "--password  is required"),
    ("--password isotope", "--password [scrubbed]"),
    ("unexpected <token> near <password>x</password>", "unexpected <token> near <password>[scrubbed]</password>"),
])
def test_text(text, expected):
    scrubber = TextScrubber(name_checker())
    assert scrubber.text(text) == expected
    assert scrubber.text(expected) == expected, "twice changes nothing more"


def literals_of(test):
    """Of a test of the server's, joined as the compiler does."""
    source = pathlib.Path(__file__).parents[3].joinpath("src/triage/scrub_text_test.cc").read_text(encoding="utf-8")
    body = source.partition(f"TEST(ScrubText, {test})")[2].partition("\n}\n")[0]
    return [ast.literal_eval(literal) for literal in re.findall(r'"(?:[^"\\\n]|\\.)*"', body)]


@pytest.mark.parametrize("text", [text for text in literals_of("FormsInWhichProgramsPrintValues")
                                  if "S3CRET" in text and text != "S3CRET"])
def test_the_forms_are_the_servers(text):
    """The client hides a quoted value with its quotes."""
    def with_mark(mark):
        return re.sub(rf"[bu]?\\*(['\"`]?){re.escape(mark)}\\*\1", "#", scrubbed if mark != "S3CRET" else text)
    scrubbed = TextScrubber(name_checker()).text(text)
    assert with_mark("[scrubbed]") == with_mark("S3CRET")
    assert TextScrubber(name_checker()).text(scrubbed) == scrubbed


@pytest.mark.parametrize("text", literals_of("LeavesWhatIsNoSecret"))
def test_what_is_no_secret_stays(text):
    assert TextScrubber(name_checker()).text(text) == text


def shapes_source(file, begin, end):
    source = pathlib.Path(__file__).parents[3].joinpath(f"src/triage/{file}").read_text(encoding="utf-8")
    return source.partition(begin)[2].partition(end)[0]


def filled(form):
    """As the server's test does: "<36>" are as many letters and digits, "<16u>" capitals and digits."""
    def key(count):
        letters = "Q7ZK2MWX4TRB" if count.group(2) else "q7Zk2mWx4TrB"
        return "".join(letters[i % len(letters)] for i in range(int(count.group(1))))
    return re.sub(r"<(\d+)(u?)>", key, form)


def literals_of_shapes(test):
    body = shapes_source("scrub_shapes_test.cc", f"TEST(ScrubShapes, {test})", "\n}\n")
    body = body.partition("for (const Case")[0]
    found = re.findall(r'//.*|"(?:[^"\\\n]|\\.)*"', body)
    return [ast.literal_eval(literal) for literal in found if literal[0] == '"']


SHAPES_HIDDEN = [literal for test in ("AreHidden", "CutOff") for literal in literals_of_shapes(test)]


@pytest.mark.parametrize("sent, shown", list(zip(SHAPES_HIDDEN[::2], SHAPES_HIDDEN[1::2])))
def test_shapes_are_hidden_as_the_server_does(sent, shown):
    scrubber = TextScrubber(name_checker())
    assert scrubber.text(filled(sent)) == shown
    assert scrubber.text(shown) == shown


@pytest.mark.parametrize("text", literals_of_shapes("LeaveWhatOnlyLooksLikeThem"))
def test_what_only_looks_like_a_shape_stays(text):
    assert TextScrubber(name_checker()).text(filled(text)) == filled(text)


def test_the_shapes_are_the_servers():
    rows = re.findall(r'\{"([^"]+)", k(\w+), (\d+)\}',
                      shapes_source("scrub_shapes.cc", "kShapes[] = {", "\n};"))
    assert {first: (body.lower(), int(least)) for first, body, least in rows} == _scrub._SHAPES
    assert len(SHAPES_HIDDEN) > 80 and len(literals_of_shapes("LeaveWhatOnlyLooksLikeThem")) > 60


def test_shapes_in_trees():
    key = filled("ghp_<36>")
    assert TextScrubber(name_checker()).tree(
        {key: key, key + "-": [f"'{key}'"], "order_id": "4111111111111111", "orderId": "'4111111111111111'",
         "paid": "4111111111111111", "n": 4111111111111111}) == {
        "[scrubbed]": "[scrubbed]", "[scrubbed]-": ["'[scrubbed]'"], "order_id": "4111111111111111",
        "orderId": "'4111111111111111'", "paid": "[scrubbed]", "n": 4111111111111111}
    assert TextScrubber(name_checker()).tree({key: 1, filled("ghp_<40>"): 2}) == {"[scrubbed]": 1, "[scrubbed]'": 2}


def test_the_forms_are_found():
    assert len(literals_of("FormsInWhichProgramsPrintValues")) > 40 and len(literals_of("LeavesWhatIsNoSecret")) > 30


def test_commands_and_pairs_in_trees():
    tree = TextScrubber(name_checker()).tree
    assert tree(["mysqldump", "--password", "hunter2"]) == ["mysqldump", "--password", "[scrubbed]"]
    assert tree({"a": ["'x'", "'--password'", "'hunter2'", "b'-pw'", "b'hunter2'", "'password'", "'y'"]}) == \
        {"a": ["'x'", "'--password'", "[scrubbed]", "b'-pw'", "[scrubbed]", "'password'", "'y'"]}
    assert tree(["--password=x", "y", "--token", None]) == ["--password=[scrubbed]", "y", "--token", None]
    assert tree([["X-Api-Key", "hunter2"], ["'token'", ["x"]], ["Host", "h"]]) == \
        [["X-Api-Key", "[scrubbed]"], ["'token'", "[scrubbed]"], ["Host", "h"]]


def test_trees():
    assert TextScrubber(name_checker()).tree(
        [{"Name": "Cookie", "Value": "x"}, {"key": "'pw'", "value": "'x'", "n": 1},
         {"name": "a", "value": "pw=x"}]) == [
        {"Name": "Cookie", "Value": "[scrubbed]"}, {"key": "'pw'", "value": "[scrubbed]", "n": 1},
        {"name": "a", "value": "pw=[scrubbed]"}]


def test_cookies():
    cookies = TextScrubber(name_checker()).cookies
    assert cookies("a=1; b=2=3") == {"a": "[scrubbed]", "b": "[scrubbed]"}
    assert cookies("opaque") == {"": "[scrubbed]"} and cookies("; ") == {}


def test_command_lines():
    words = TextScrubber(name_checker()).words(["job.py", "--password", "x", "--api-key=k", "-v", "out", "--pw"])
    assert words == ["job.py", "--password", "[scrubbed]", "--api-key=[scrubbed]", "-v", "out", "--pw"]


@pytest.mark.parametrize("make", [
    lambda n: "a" * n + "=", lambda n: "a=" * (n // 2), lambda n: "'" * n, lambda n: "password='" * (n // 10),
    lambda n: "a:" + " " * n, lambda n: "a_" * (n // 2), lambda n: "password={" * (n // 10),
    *(lambda n, part=part: part * (n // len(part)) for part in (
        "<pw>", "('pw',", "('pw',(", '("pw",\\"', "--pw ", "--pw (", "{pw: ", "{ pw: [", "pw: \"",
        'form-data name="pw"\n\n',
        'name="pw"', "value='a' ", "%3Dpw%253D", "Cookie: ", "Cookie: ='", "x-token:", "://a:", "bearer ", "[pw]=",
        "eyJ", "eyJ-", "eyJ.", "eyJaaaaaaaaaaaa.", ".eyJaaaaaaaaaaaa-", "sk_live_", "sk-", "sk-ant-a", "xoxb-", "SG.",
        "ghp_", "hooks.slack.com/services/", "4", "4 ", "4111 ", "4111-", "4111 1111 1111 1111 ", "411111111111111.",
        "id=4111111111111111 ")),
    lambda n: "".join(f"<pw{i % 1000}>" for i in range(n // 7)), lambda n: "bearer" + " " * n])
def test_text_is_scanned_in_linear_time(make):
    """Four times the text takes four times the work, not sixteen times."""
    scrubber = TextScrubber(name_checker())

    def cost(size):
        text, costs = make(size), []
        for _ in range(3):
            begin = time.thread_time()
            scrubber.text(text)
            costs.append(time.thread_time() - begin)
        return min(costs)
    assert cost(80_000) < 9 * cost(20_000) + 0.01
