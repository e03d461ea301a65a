"""Masking: what is known as a secret goes, what only looks like one stays, and no text takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mi6_tui.frameworks.text import clean, compact_json, one_line
from mi6_tui.model.secrets import masked

_RANDOM = "Zq9fT4kB7mX2cV8nL1pR6sW3yH5jD0gA"
"""32 letters and digits that nobody's key is."""
_HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_JWT = f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyIn0.{_RANDOM}"
_PEM = f"-----BEGIN RSA PRIVATE KEY-----\nMIIE{_RANDOM}\n{_RANDOM}\n-----END RSA PRIVATE KEY-----"

SECRETS = {
    # Keys of providers, by how they begin. Put together here, so that nobody takes them for real ones.
    "OpenAI": ("sk-" + "proj-" + _RANDOM, "key"),
    "Anthropic": ("sk-" + "ant-api03-" + _RANDOM, "key"),
    "GitHub": ("gh" + "p_" + _RANDOM + "abcd", "key"),
    "GitHub OAuth": ("gh" + "o_" + _RANDOM, "key"),
    "GitHub fine-grained": ("github" + "_pat_11ABCDEFG0_" + _RANDOM, "key"),
    "AWS": ("AK" + "IAIOSFODNN7EXAMPLE", "key"),
    "AWS session": ("AS" + "IAIOSFODNN7EXAMPLE", "key"),
    "Google": ("AI" + "zaSyD" + _RANDOM, "key"),
    "Google OAuth": ("ya" + "29." + _RANDOM, "key"),
    "Slack": ("xox" + "b-123456789012-" + _RANDOM, "key"),
    "GitLab": ("gl" + "pat-" + _RANDOM[:20], "key"),
    "npm": ("np" + "m_" + _RANDOM + "abcd", "key"),
    "PyPI": ("py" + "pi-AgEIcHlwaS5vcmc" + _RANDOM, "key"),
    "Stripe": ("sk" + "_live_" + _RANDOM, "key"),
    "Hugging Face": ("hf" + "_" + _RANDOM, "key"),
    "Groq": ("gs" + "k_" + _RANDOM, "key"),
    "xAI": ("xa" + "i-" + _RANDOM, "key"),
    "JSON web token": (_JWT, "token"),
    "private key": (_PEM, "private key"),
    "e-mail": ("ada.lovelace+x@mail.example.co.uk", "e-mail"),
    "organisation": ("org-" + _RANDOM[:24], "account"),
}
"""By name: the secret, and what stands in its place."""

AROUND = {
    "alone": "{}",
    "in prose": "use {} from now on",
    "in quotes": 'x = "{}"',
    "behind an equals sign": "VALUE={}",
    "in parentheses": "f({})",
    "behind an escaped newline": '{{"text":"a\\n{}"}}',
    "in a header": "curl -H 'X-Thing: {}' host",
    "in an address": "https://host/path?value={}&more=1",
    "on a line of its own": "one\n{}\ntwo",
    **{
        f"behind {escape}": f"https://h/?x=a1b2{escape}{{}}"
        for escape in (
            *("%3D", "%3d", "%20", "%22", "%0A", "%253D", "=3D"),
            *(r"\u003d", r"\u0026", r"\u003E", r"\u0022", r"\U0000003d", r"\x3d", r"\075"),
            *(r"\f", r"\b", r"\v", r"\0", r"\t", r"\r"),
            *(r"\u001b[32m", r"\033[0m", r"\x1b[1;32m", r"\e[m", "\x1b[38;5;196m", r"\u001b[38;2;0;0;255m"),
        )
    },
}


@pytest.mark.parametrize("place", AROUND)
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_masked_wherever_it_stands(name: str, place: str) -> None:
    secret, kind = SECRETS[name]
    told = masked(AROUND[place].format(secret))
    assert secret not in told
    assert secret[-12:] not in told
    assert "[masked: " in told
    if place in ("alone", "in prose", "on a line of its own"):
        assert told == AROUND[place].format(f"[masked: {kind}]")


NAMED = [
    ("password=hunter2", "password=[masked: password]"),
    ("DB_PASSWORD='correct horse'", "DB_PASSWORD='[masked: password]'"),
    ("password: changeme", "password: [masked: password]"),
    ('{"password": "hunter2", "user": "ada"}', '{"password": "[masked: password]", "user": "ada"}'),
    ('{\\"password\\": \\"hunter2\\"}', '{\\"password\\": \\"[masked: password]\\"}'),
    ("token: 4f9a8b7c", "token: [masked: token]"),
    (f"AWS_SECRET_ACCESS_KEY={_RANDOM}/+x", "AWS_SECRET_ACCESS_KEY=[masked: key]"),
    ("client_secret=9a8b7c6d&x=1", "client_secret=[masked: secret]&x=1"),
    ("https://h/?access_token=a1b2c3d4&page=2", "https://h/?access_token=[masked: token]&page=2"),
    ("Authorization: Bearer abc.def-123456", "Authorization: Bearer [masked: token]"),
    ("authorization: Basic dXNlcjpwYXNz", "authorization: Basic [masked: token]"),
    ("Authorization: token 0123abcd", "Authorization: token [masked: token]"),
    ("mysql --password s3cr3t db", "mysql --password [masked: password] db"),
    ("tool --api-key 12345678 run", "tool --api-key [masked: password] run"),
    ("curl -u ada:s3cret https://h", "curl -u ada:[masked: password] https://h"),
    ("git clone https://ada:s3cret@host/r.git", "git clone https://ada:[masked: password]@host/r.git"),
    ('"accountUuid":"0d5f7c2e-1111-2222"', '"accountUuid":"[masked: account]"'),
    ("organization_id = 123456789", "organization_id = [masked: account]"),
    ("arn:aws:iam::123456789012:role/x", "arn:aws:iam::[masked: account]:role/x"),
    ("Author: Ada <ada@example.org>", "Author: Ada <[masked: e-mail]>"),
    ("token: password=hunter2", "token: [masked: token]"),
    ('secret: "$X" password=hunter2', 'secret: "$X" password=[masked: password]'),
    ('password="ab\\"cd1234secret" x', 'password="[masked: password]" x'),
    ('{"password":"abc\\\\","b":"c"}', '{"password":"[masked: password]","b":"c"}'),
    (
        '{\\"password\\": \\"ab\\\\\\"cd1234\\", \\"b\\": \\"c\\"}',
        '{\\"password\\": \\"[masked: password]\\", \\"b\\": \\"c\\"}',
    ),
    ("/cb?access_token%3Da1b2c3d4", "/cb?access_token%3D[masked: token]"),
    ("/cb?max_tokens%3D4096&x%3D1", "/cb?max_tokens%3D4096&x%3D1"),
    (r"?a=1\u0026api_token\u003da1b2c3d4\u0026b=2", r"?a=1\u0026api_token\u003d[masked: token]\u0026b=2"),
    (r"TOKEN\u003d\"hunter2x9\"", r"TOKEN\u003d\"[masked: token]\""),
    ("mail=ada%40example.com&x", "mail=[masked: e-mail]&x"),
]


@pytest.mark.parametrize(("text", "told"), NAMED)
def test_a_value_with_such_a_name_is_masked(text: str, told: str) -> None:
    assert masked(text) == told


HARMLESS = [
    "",
    "ok",
    f"commit {_HEX[:40]}",
    f"sha256:{_HEX}",
    "01a2070a-0aba-7462-812d-4a54185fdf25",
    "req_011CSHoEeqs5C35K2UUqR7Fy",
    "msg_01XFDUDYJgAACzvnptvVoYEL",
    "toolu_01A09q90qw90lq917835lq9",
    "max_tokens=4096, tokens: 12, total_tokens=123456",
    "the token is missing; a password is needed",
    "def login(token: str, password: string | None = None) -> None:",
    "login(password=args.password, token=token, secret=settings.secret)",
    "token = get_token()",
    'token = os.environ["TOKEN"]',
    "password=$PASSWORD token=${TOKEN} secret=<your secret>",
    "secret: rotate it",
    "tokenizer: cl100k",
    "git@github.com:owner/repo.git",
    "react@18.2.0 @types/node@20 actions/checkout@v4",
    "@app.route @pytest.mark.x",
    "react%4018.2.0 icon%402x.png 50%40 a%3Db",
    r"token = '\n' password: \"\" secret=\u003cyours\u003e",
    "icon@2x.png getty@tty1.service",
    "docker run -u 1000:1000 image",
    "https://host:8080/path@x",
    "/home/ada/src/secret-santa/token.py",
    "task-management-system-for-everybody disk-usage-of-all-machines",
    "sk-fading-circle-container",
    "Asia and asiatic, eyJust a word",
    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
    "ssh ada@box 'ls'",
    "if a == b: c = d",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert masked(text) == text


UNSEEN = ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"]


@pytest.mark.parametrize("sign", UNSEEN, ids=ascii)
@pytest.mark.parametrize("name", SECRETS)
def test_characters_that_nobody_sees_save_no_secret(name: str, sign: str) -> None:
    secret, _ = SECRETS[name]
    for step in (1, 2, 7):
        hidden = sign.join(secret[at : at + step] for at in range(0, len(secret), step))
        told = masked(f"use {hidden} now").replace(sign, "")
        assert secret[-12:] not in told, step
        assert secret[4:16] not in told, step
        assert "[masked: " in told


@pytest.mark.parametrize("sign", UNSEEN, ids=ascii)
def test_they_stay_where_they_hide_nothing(sign: str) -> None:
    text = f"a fam{sign}ily: \U0001f468{sign}\U0001f469, key=value"
    assert masked(text) == text
    assert masked(f"{text} {SECRETS['GitHub'][0]}") == f"{text} [masked: key]"


def test_a_private_key_without_an_end_is_masked_to_the_end() -> None:
    cut = _PEM[: len(_PEM) // 2]
    assert masked(f"key:\n{cut}") == "key:\n[masked: private key]"


@settings(max_examples=300, deadline=None)
@given(
    before=st.text(max_size=80),
    secret=st.sampled_from([secret for secret, _ in SECRETS.values()]),
    behind=st.text(max_size=80),
)
def test_whatever_stands_around_it(before: str, secret: str, behind: str) -> None:
    told = masked(f"{before} {secret} {behind}")
    assert secret not in told


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["password", "token", "=", ": ", '"', "\\", "\n", "@", "a.b", "sk-", "://", "-u ", "x1y2z3"]
        ),
        max_size=40,
    ).map("".join)
)
def test_masking_is_the_same_each_time_and_soon_has_nothing_left_to_do(text: str) -> None:
    once = masked(text)
    assert masked(text) == once
    # What was masked may make more of its surroundings to be seen as named by it, but not for ever.
    for _ in range(4):
        once = masked(once)
    assert masked(once) == once


@pytest.mark.parametrize("limit", [40, 80, 100, 200, 2048])
@pytest.mark.parametrize("name", SECRETS)
def test_no_limit_cuts_a_secret_so_that_its_head_stays(name: str, limit: int) -> None:
    secret, _ = SECRETS[name]
    heads = [secret[:length] for length in (8, 12, 16) if not secret[:length].startswith("-----")]
    for begin in range(limit - 30, limit + 1):
        told = clean("word " * (begin // 5) + " " * (begin % 5) + secret + " and more words" * 300, limit)
        assert len(told) <= limit
        assert [head for head in heads if head in told] == [], begin


@pytest.mark.parametrize("name", ["OpenAI", "AWS", "JSON web token"])
def test_nor_does_a_text_that_is_mostly_control_characters(name: str) -> None:
    """So little is left of what was looked at that its end is shown, where a secret begins."""
    secret, _ = SECRETS[name]
    for noise in range(3800, 4200, 7):
        told = clean("x " + "\x07" * noise + secret + "\x07" * 9000, 2048)
        assert secret[:8] not in told, noise


def test_every_way_to_clean_a_text_masks() -> None:
    secret = SECRETS["GitHub"][0]
    assert clean(f"a\n{secret}") == "a\n[masked: key]"
    assert one_line(f"a\n{secret}", 100) == "a [masked: key]"
    assert compact_json(command=f"use {secret}") == '{"command":"use [masked: key]"}'


HOSTILE = (
    *(
        "a",
        "-",
        "_",
        "@",
        "=",
        "sk-",
        "sk-a",
        "eyJ",
        "eyJ.",
        "a@",
        "a@b.",
        "a.b@",
        "é@",
        "@é.",
        "://",
        "://a:",
    ),
    *("password", "password=", "token:", "token: ", 'token="', "token:token", "pass", "a=b ", "-u ", " -u a"),
    *(
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----a",
        "-----END ",
        "ghp_",
        "AKIA",
    ),
    *("Bearer ", "bearer a", "authorization: ", "authorization: a", "--token ", "--a-", "--token a", "xoxb-"),
    *("%3D", r"\u003d", r"\x1b[0m", "[1;", "%41a", "a%40", "a%40b.", "password%3D", 'token="\\', "sk-%3Dsk-"),
    *("\u200b", "sk-\u200b", 'token=\\"\\\\', "org-%3D", "1%31"),
    *("account_id=", "account_id=a", ":123456789012", "org-", "org-a", "\\n", "hooks.slack.com/services/"),
)
"""Each of them, again and again, is the beginning of something."""


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_time_grows_with_the_text_and_not_faster(piece: str) -> None:
    """Of the processor, relative to a text that holds nothing: the machine's speed does not matter."""

    def seconds(text: str) -> float:
        best = 1e9
        for number in range(3):
            unseen = f"{text}{number}"  # what was masked just before is remembered
            begun = time.process_time()
            masked(unseen)
            best = min(best, time.process_time() - begun)
        return best

    short, long = (piece * (size // len(piece)) + "\n" for size in (20_000, 160_000))
    # Eight times as long; sixty-four times, were it quadratic. Below a millisecond the clock is too coarse.
    assert seconds(long) < 24 * max(seconds(short), 0.001)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (r"the token: 'abcd\n## Plan\n1. read it", r"the token: '[masked: token]\n## Plan\n1. read it"),
        (r"a token: 'abcd123\" and more", r"a token: '[masked: token]\" and more"),
        (r"password='ab\'cd\n12345' and more", "password='[masked: password]' and more"),
        ("password='abcdefghij", "password='[masked: password]"),
    ],
)
def test_a_quote_that_nobody_closes_takes_one_line(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize("text", ["https://x/foo%401.2.beta", "https://x/types%40latest.tgz"])
def test_a_version_in_an_address_is_no_mail(text: str) -> None:
    assert masked(text) == text
