import pytest

from flawless._scrub import TextScrubber, name_checker


@pytest.mark.parametrize("name", [
    "password", "mysqlpassword1", "db_pass_passwd", "X-Api-Key", "xApiKey", "HTTP_AUTHORIZATION", "auth", "http_auth",
    "stripetoken", "token2", "session", "csrf_token", "credit_card_number", "card_number", "client_secret", "sessionid",
    "HTTP_COOKIE", "pw", "DB_PASSWORD", "refreshTokens", "aws_access_key_id"])
def test_secret_names(name):
    assert name_checker()(name)


@pytest.mark.parametrize("name", [
    "author", "token_count", "password_changed_at", "session_start", "cookie_banner", "PWD", "passage", "keyboard",
    "secretary", "x", "", "_", "tokenizer", "authority", "class_name", "pwdx"])
def test_names_that_are_none(name):
    assert not name_checker()(name)


def test_extra_names():
    is_secret = name_checker(["iban", "blood-type"])
    assert is_secret("customer_iban") and is_secret("bloodType") and not is_secret("urban")


@pytest.mark.parametrize("text, expected", [
    ("postgres://ann:hunter2@db/shop", "postgres://ann:[scrubbed]@db/shop"),
    ("login(password='hun\\'ter2', user='ann')", "login(password=[scrubbed], user='ann')"),
    ('{"api_key": "abc", "n": 1}', '{"api_key": [scrubbed], "n": 1}'),
    ("GET /?token=abc&page=2", "GET /?token=[scrubbed]&page=2"),
    ("Authorization: Bearer abcdefghijk", "Authorization: [scrubbed]"),
    ("Host: h\r\nCookie: a=b; c=d\r\nAccept: x", "Host: h\r\nCookie: [scrubbed]\r\nAccept: x"),
    ("'Cookie: a=b; c=d\\r\\nAccept: x'", "'Cookie: [scrubbed]\\r\\nAccept: x'"),
    ("sent Bearer abcdefghijk away", "sent Bearer [scrubbed] away"),
    ("password=None, token=True", "password=None, token=True"),
    ("a = 1: no secret here", "a = 1: no secret here"),
    ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----!", "[scrubbed]!"),
    ("{'user': {'password': 'a b, c'}}", "{'user': {'password': [scrubbed]}}"),
    ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
])
def test_text(text, expected):
    scrubber = TextScrubber(name_checker())
    assert scrubber.text(text) == expected
    assert scrubber.text(expected) == expected, "twice changes nothing more"


def test_command_lines():
    words = TextScrubber(name_checker()).words(["job.py", "--password", "x", "--api-key=k", "-v", "out", "--pw"])
    assert words == ["job.py", "--password", "[scrubbed]", "--api-key=[scrubbed]", "-v", "out", "--pw"]


def test_text_is_scanned_in_linear_time():
    import time
    begin = time.perf_counter()
    for text in ("a" * 200000 + "=", "a=" * 100000, "'" * 200000, "password='" * 20000, "a:" + " " * 200000):
        TextScrubber(name_checker()).text(text)
    assert time.perf_counter() - begin < 3
