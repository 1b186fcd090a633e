import re

import pytest

from flawless import _scrub
from flawless._scrub import TextScrubber, name_checker
from linear import assert_linear
from theirs import between, literals, source


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
    rules = source("scrub_names.cc")
    kinds = {"kAnywhere": "anywhere", "kWords": "words", "kLastWords": "last words", "kSuffix": "suffix",
             "kWhole": "whole"}
    theirs = {(name, kinds[kind]) for name, kind in re.findall(r'\{"(\w+)", (k\w+)\}', rules)}
    assert {(name, kind) for kind, names in _scrub._BUILT_INS.items() for name in names.split()} == theirs
    assert set(re.findall(r'"(\w+)"', between(rules, "kDescriptions[] = {", "};"))) == _scrub._DESCRIPTIONS


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


FORMS = literals("scrub_text_test.cc", "ScrubText, FormsInWhichProgramsPrintValues")
NO_SECRETS = literals("scrub_text_test.cc", "ScrubText, LeavesWhatIsNoSecret")


@pytest.mark.parametrize("text", [text for text in FORMS if "S3CRET" in text and text != "S3CRET"])
def test_the_forms_are_the_servers(text):
    """The client hides a quoted value with its quotes."""
    def with_mark(mark):
        return re.sub(rf"[bu]?\\*(['\"`]?){re.escape(mark)}\\*\1", "#", scrubbed if mark != "S3CRET" else text)
    scrubbed = TextScrubber(name_checker()).text(text)
    assert with_mark("[scrubbed]") == with_mark("S3CRET")
    assert TextScrubber(name_checker()).text(scrubbed) == scrubbed


@pytest.mark.parametrize("text", NO_SECRETS)
def test_what_is_no_secret_stays(text):
    assert TextScrubber(name_checker()).text(text) == text


def test_the_forms_are_found():
    assert len(FORMS) > 40 and len(NO_SECRETS) > 30


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
        'name="pw"', "value='a' ", "%3Dpw%253D", "Cookie: ", "Cookie: ='", "x-token:", "://a:", "bearer ", "[pw]=")),
    lambda n: "".join(f"<pw{i % 1000}>" for i in range(n // 7)), lambda n: "bearer" + " " * n])
def test_text_is_scanned_in_linear_time(make):
    assert_linear(TextScrubber(name_checker()).text, make)
