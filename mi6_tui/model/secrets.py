"""Secrets, e-mail addresses and account ids in text that others wrote, masked before anything is kept of it.

Known patterns only: hashes, ids of requests and commits, and paths stay. Whatever a pattern begins with is
masked as far as it reaches, so that the beginning of one that was cut short does not stay behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final, NamedTuple

SIGHT: Final = 64
"""Characters of a secret that must be seen to know it: one cut shorter may be taken for a word."""

# Every repetition is bounded, or possessive and begun only where a run begins: time is linear in the text.
_ESCAPES: Final = (
    r"(?<=\\[abefnrtv0])",
    r"(?<=\\x[0-9A-Fa-f]{2})",
    r"(?<=\\[0-7]{3})",
    r"(?<=\\u[0-9A-Fa-f]{4})",
    r"(?<=\\U[0-9A-Fa-f]{8})",
    r"(?<=[%=][0-9A-Fa-f]{2})",
    r"(?<=%25[0-9A-Fa-f]{2})",
    *(rf"(?<=[\[;]{digits}m)" for digits in ("", r"\d", r"\d\d", r"\d\d\d")),
)
"""What stands for a sign or a colour and ends in a letter or a digit: a text may be JSON itself, part of an
address, of a mail, or what a program wrote for a terminal."""
_START: Final = rf"(?:(?<![A-Za-z0-9])|(?<=[A-Fa-f0-9mnrtv])(?:{'|'.join(_ESCAPES)}))"
_WORD: Final = (
    r"(pass(?:word|wd|phrase|code)|(?<![a-z])pwd|(?<=_)pass|secret|token|(?:api|access|secret|private|auth"
    r"|account|session|signing|encryption|master)[_-]?key(?:[_-]?id)?)"
)
_BETWEEN: Final = r"((?:\\?[\"'])?\s{0,3}(?::=|=>|=|:|\\{1,2}u003[ad]|%(?:25)?3[ad])\s{0,3})"
_QUOTED: Final = r"(?:[^\n\"'`\\]|\\[^\n])"
_QUOTED_TWICE: Final = r"(?:[^\n\"'`\\]|\\\\(?:\\[^\n]|[^\n\\]))"
"""Within JSON that is a text of JSON: there the quote is escaped, and what is escaped within it twice."""
_BARE: Final = r"[^\s\"'`,;(){}\[\]<>|&\\]"
_VALUE: Final = (
    rf"(?:([bfru]?[\"'`]){_QUOTED}{{4,{SIGHT}}}+|([bfru]?\\[\"'`]){_QUOTED_TWICE}{{4,{SIGHT}}}+"
    rf"|(?!\$){_BARE}{{4,{SIGHT}}}+)"
)
_SHORTEST: Final = 4
"""Characters of a value."""
_NAMED: Final = _WORD + _BETWEEN + _VALUE

_PLACEHOLDERS: Final = ("$", "{", "<", "%", "[", "*", "http://", "https://", "...")
_PASSWORDS: Final = ("pass", "pwd")
_NO_VALUES: Final = ("none", "null", "true", "false", "undefined", "string", "required", "optional")


class _Rule(NamedTuple):
    """One of the needles stands in every text, in lower case, that holds what is to be masked."""

    needles: tuple[str, ...]
    mask: Callable[[str], str]


def _mask(kind: str) -> str:
    return f"[masked: {kind}]"


# Patterns are compiled when a text asks for them: most commands see none.
_compiled: Final = cache(re.compile)


def _starting(heads: str, pattern: str) -> str:
    """`pattern` at the start of a word; it begins with one of `heads`, which pass by most places fast."""
    return f"(?=[{heads}]){_START}(?:{pattern})"


def _replacing(kind: str, pattern: str, flags: int = 0) -> Callable[[str], str]:
    """What masks all that matches `pattern`, but for its first group."""

    def mask(text: str) -> str:
        compiled = _compiled(pattern, flags)
        return compiled.sub((r"\1" if compiled.groups else "") + _mask(kind), text)

    return mask


def _mask_named(text: str) -> str:
    """Mask the values that stand behind words like `password`, unless they are names or prose."""
    pieces: list[str] = []
    start = at = 0
    named = _compiled(_NAMED, re.IGNORECASE)
    while match := named.search(text, at):
        word, between, plain, escaped = match.groups()
        quote = plain or escaped
        begin = match.end(3 if plain else 4 if escaped else 2)
        value = text[begin : match.end()]
        if _is_secret(word.lower(), between, value, quote, text[match.end() : match.end() + 1]):
            pieces += text[start:begin], _mask(_kind(word.lower()))
            one = _QUOTED if plain else _QUOTED_TWICE if escaped else _BARE
            ending = _compiled(f"{one}*+").match(text, match.end())
            end = ending.end() if ending else match.end()
            start = at = _unclosed(text, begin, end, quote) if quote else end
        else:
            # A value that is none may hold a word and its value.
            at = match.end(2)
    return "".join((*pieces, text[start:]))


def _unclosed(text: str, begin: int, end: int, quote: str) -> int:
    """Where a quoted value ends that would go on to `end`: a quote that nobody closes holds one line."""
    closing = quote.lstrip("bfruBFRU")
    if text.startswith(closing, end):
        return end
    line = _compiled(r"\\+[nr\"']").search(text, begin + _SHORTEST, end)
    return line.start() if line else end


def _is_secret(word: str, between: str, value: str, quote: str | None, behind: str) -> bool:
    """Whether `value`, which stands after `word`, is one, and no name in a program, no count and no prose."""
    if value.startswith(_PLACEHOLDERS) or value.lower() in _NO_VALUES:
        return False
    if quote:
        return True
    if value.isdigit():
        return word.startswith(_PASSWORDS)
    if behind in ("(", "["):
        return False
    if not value.translate(_NAME_SIGNS).isalpha():
        return True
    return word.startswith(_PASSWORDS) and "." not in value.rstrip(".:") and not value.lower().endswith(word)


_NAME_SIGNS: Final = {ord(sign): None for sign in "_.:"}


def _kind(word: str) -> str:
    if word.startswith(_PASSWORDS):
        return "password"
    return "key" if "key" in word else word


_DASHED: Final = (
    r"sk-(?=[A-Za-z_-]{0,40}+\d)[\w-]{16,}+|xox[a-z]-[\w-]{10,}+|xapp-[\w-]{10,}+|glpat-[\w.-]{16,}+"
    r"|pypi-AgE[\w-]{12,}+|xai-[A-Za-z0-9]{32,}+|pplx-[A-Za-z0-9]{32,}+|GOCSPX-[\w-]{16,}+"
    r"|AGE-SECRET-KEY-[A-Z0-9]{16,}+"
)
_UNDERSCORED: Final = (
    r"gh[pousr]_[A-Za-z0-9]{16,}+|github_pat_\w{16,}+|npm_[A-Za-z0-9]{30,}+|hf_[A-Za-z0-9]{30,}+"
    r"|gsk_[A-Za-z0-9]{32,}+|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}+|whsec_[A-Za-z0-9+/=]{16,}+"
    r"|glsa_\w{20,}+|shp(?:at|ss|ca|pa)_[A-Fa-f0-9]{24,}+|lin_api_[A-Za-z0-9]{20,}+|ntn_[A-Za-z0-9]{30,}+"
    r"|do[opr]_v1_[a-f0-9]{32,}+|r8_[A-Za-z0-9]{30,}+"
)
_FILE_ENDINGS: Final = (
    r"(?:png|jpe?g|gif|svg|webp|js|ts|json|css|html|service|socket|timer|target|mount|t?gz|zip|whl)"
)

_HOST: Final = rf"(?:[A-Za-z0-9-]{{1,63}}\.){{1,6}}(?!{_FILE_ENDINGS}\b)[^\W\d_]{{2,24}}(?![\w-])"

_PRIVATE_KEY: Final = _Rule(
    ("-----begin",),
    _replacing(
        "private key",
        r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[^-]++|-(?!----END ))*+(?:-----END [A-Z0-9 ]{0,64}-----)?",
    ),
)
_JSON_TOKEN: Final = _Rule(("eyj",), _replacing("token", _starting("e", r"eyJ[\w-]{17,}+(?:\.[\w-]*+){0,4}")))
_DASHED_KEY: Final = _Rule(
    ("sk-", "xox", "xapp-", "glpat-", "pypi-", "xai-", "pplx-", "gocspx-", "age-secret-key-"),
    _replacing("key", _starting("sxgpGA", _DASHED)),
)
_UNDERSCORED_KEY: Final = _Rule(
    (
        *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "npm_", "hf_", "gsk_", "k_live_", "k_test_"),
        *("whsec_", "glsa_", "shpat_", "shpss_", "shpca_", "shppa_", "lin_api_", "ntn_", "_v1_", "r8_"),
    ),
    _replacing("key", _starting("dghlnrsw", _UNDERSCORED)),
)
_CLOUD_KEY: Final = _Rule(
    ("akia", "asia", "aiza", "ya29."),
    _replacing("key", _starting("Ay", r"A[KS]IA[A-Z0-9]{12,}+|AIza[\w-]{30,}+|ya29\.[\w-]{16,}+")),
)
_ADDRESS_KEY: Final = _Rule(
    ("hooks.slack.com/",),
    _replacing("key", r"(hooks\.slack\.com/(?:services|workflows)/)[\w/]{8,}+"),
)
_ADDRESS_PASSWORD: Final = _Rule(
    ("://",),
    _replacing("password", r"(://[^\s/:@\"'<>]{0,128}+:)[^\s/@\"'<>$\[]{1,256}+(?=@)"),
)
_BEARER: Final = _Rule(
    ("bearer",),
    _replacing("token", r"(\bbearer\s{1,3})(?=[A-Za-z._~+/=-]{0,40}+\d)[\w.~+/=-]{8,}+", re.IGNORECASE),
)
_AUTHORIZATION: Final = _Rule(
    ("authorization",),
    _replacing(
        "token",
        r"(authorization\\?[\"']?\s{0,3}[:=]\s{0,3}(?:\\?[\"'])?"
        r"(?:(?:bearer|basic|token|digest)\s{1,3}|(?=[A-Za-z._~+/=-]{0,40}+\d)))[^\s\"'\\$<{\[]{4,}+",
        re.IGNORECASE,
    ),
)
_NAMED_VALUE: Final = _Rule(
    ("passw", "passp", "passc", "pwd", "_pass", "secret", "token", "key"), _mask_named
)
_OPTION: Final = _Rule(
    ("passw", "passp", "secret", "token", "key"),
    _replacing(
        "password",
        r"(--(?:[a-z]{1,16}-){0,3}(?:password|passwd|passphrase|secret|token|(?:api|access|secret|auth)-key)\s{1,3})"
        r"(?![-$<{\[(*])(?:(?:\\?[\"'])?[^\s\"'`$]{4,}+)",
    ),
)
_USER_OPTION: Final = _Rule(
    ("-u", "-user"),
    _replacing(
        "password",
        r"( (?:-u|--(?:proxy-)?user)[ =][\"']?(?=[^\s:\"'$]{0,64}?[A-Za-z])[^\s:\"'$]{1,64}+:)"
        r"[^\s\"'$/]{3,256}+",
    ),
)
_MAIL: Final = _Rule(
    ("@",),
    _replacing(
        "e-mail",
        r"(?<![\w.%+-])(?!git@)[\w.%+-]++@(?![23]x\.)" + _HOST,
    ),
)
_MAIL_OF_ADDRESS: Final = _Rule(
    ("%40",), _replacing("e-mail", r"(?<![\w.+-])[\w.+-]++%40(?![23]x\.|\d+\.)" + _HOST)
)
_ACCOUNT: Final = _Rule(
    ("org-", "user-", "user_", "acct_", "arn:aws"),
    _replacing(
        "account",
        _starting(
            r"oua\d",
            r"(?:org|user)-(?=[A-Za-z]{0,40}+\d)[A-Za-z0-9]{16,}+|user_[a-f0-9]{32,}+"
            r"|acct_[A-Za-z0-9]{12,}+|(?<=:)\d{12}(?=:)",
        ),
    ),
)
_NAMED_ACCOUNT: Final = _Rule(
    ("account", "organi", "org", "tenant", "subscription"),
    _replacing(
        "account",
        r"((?:account|organi[sz]ation|org|tenant|subscription)[_-]?(?:uu)?id\\?[\"']?\s{0,3}[:=]\s{0,3}"
        r"\\?[\"']?)(?=[A-Za-z_-]{0,40}+\d)[\w-]{6,}+",
        re.IGNORECASE,
    ),
)
_RULES: Final = (
    ("-", (_PRIVATE_KEY, _DASHED_KEY, _USER_OPTION, _ACCOUNT)),
    ("_", (_UNDERSCORED_KEY, _ACCOUNT)),
    ("eyJ", (_JSON_TOKEN,)),
    ("AKIA", (_CLOUD_KEY,)),
    ("ASIA", (_CLOUD_KEY,)),
    ("AIza", (_CLOUD_KEY,)),
    ("ya29.", (_CLOUD_KEY,)),
    ("earer", (_BEARER,)),
    ("--", (_OPTION,)),
    ("=", (_AUTHORIZATION, _NAMED_VALUE, _NAMED_ACCOUNT)),
    ("\\u003", (_NAMED_VALUE,)),
    ("%", (_NAMED_VALUE, _MAIL_OF_ADDRESS)),
    (":", (_ADDRESS_KEY, _AUTHORIZATION, _NAMED_VALUE, _NAMED_ACCOUNT, _ACCOUNT)),
    ("@", (_ADDRESS_PASSWORD, _MAIL)),
)
"""What to look for in a text that holds a sign. Few texts hold any, and that is found out fastest."""


_SIGNS: Final = tuple(sign for sign, _ in _RULES)
_UNSEEN: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters without a width, which come along when a text is copied from a page."""
_TAKEN_OUT: Final = dict.fromkeys(map(ord, _UNSEEN))


def masked(text: str) -> str:
    """`text` with `[masked: kind]` in place of every secret, e-mail address and account id known as such.

    Where characters that nobody sees stand in one of them, all of these are taken out of the text.
    """
    told = _masked_by_rules(text) if any(map(text.__contains__, _SIGNS)) else text
    if told.isascii() or not any(map(told.__contains__, _UNSEEN)):
        return told
    seen = told.translate(_TAKEN_OUT)
    found = _masked_by_rules(seen)
    return told if found == seen else found


# What a call does is told when it begins and when it ends: as its text, its command and its preview.
@lru_cache(maxsize=64)
def _masked_by_rules(text: str) -> str:
    lower = text.lower()
    asked = {mask: needles for sign, rules in _RULES if sign in text for needles, mask in rules}
    for mask, needles in asked.items():
        if any(map(lower.__contains__, needles)):
            text = mask(text)
    return text
