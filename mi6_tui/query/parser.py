"""From the pieces of a query to its tree."""

from __future__ import annotations

from typing import Final, NoReturn

from mi6_tui.query.error import QueryError
from mi6_tui.query.tokens import Token, tokens
from mi6_tui.query.tree import Both, Either, Item, Node, Not, Term, Words

LONGEST: Final = 2000
"""Characters of a query."""
_DEEPEST: Final = 30


def tree(text: str) -> Node:
    """The tree of a query; QueryError at the first piece that does not fit."""
    if len(text) > LONGEST:
        raise QueryError(f"the query is longer than {LONGEST} characters", LONGEST, len(text) - LONGEST)
    if "\0" in text:
        raise QueryError("a null character cannot be looked for", text.index("\0"), 1)
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(tokens(text))
        self._end = len(text)
        self._place = 0
        self._depth = 0

    def whole(self) -> Node:
        """The tree of all pieces."""
        if not self._tokens:
            return Both(())
        node = self._either()
        if self._next is not None:
            self._fail("this parenthesis was never opened", self._next)
        return node

    @property
    def _next(self) -> Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _take(self, kind: str, *texts: str) -> Token | None:
        """The next piece, if it is of that kind and one of those texts (none given: any)."""
        token = self._next
        if token is None or token.kind != kind or (texts and token.text not in texts):
            return None
        self._place += 1
        return token

    def _either(self) -> Node:
        nodes = [self._both()]
        while word := self._take("keyword", "or"):
            self._expect_term(word)
            nodes.append(self._both())
        return nodes[0] if len(nodes) == 1 else Either(tuple(nodes))

    def _both(self) -> Node:
        nodes = [self._one()]
        while self._more():
            if word := self._take("keyword", "and"):
                self._expect_term(word)
            nodes.append(self._one())
        return nodes[0] if len(nodes) == 1 else Both(tuple(nodes))

    def _more(self) -> bool:
        """Whether a further term is to hold as well."""
        token = self._next
        return token is not None and token.kind != "close" and (token.kind, token.text) != ("keyword", "or")

    def _expect_term(self, after: Token) -> None:
        if self._next is None or self._next.kind == "close":
            self._fail(f"a term is missing after {after.text!r}", after)

    def _one(self) -> Node:
        negative = False
        while word := self._take("keyword", "not"):
            self._expect_term(word)
            negative = not negative
        node = self._plain()
        return Not(node) if negative else node

    def _plain(self) -> Node:
        token = self._next
        if token is None or token.kind in ("close", "keyword"):
            self._missing(token)
        if token.kind == "open":
            return self._group(token)
        if token.kind == "text":
            self._place += 1
            self._check_closed(token)
            if token.text in ("-", "!") and not token.quoted:
                self._fail("nothing is excluded", token, "write it before a term, without a space")
            return Words(_item(token))
        return self._term(token)

    def _missing(self, token: Token | None) -> NoReturn:
        if token is None:
            raise QueryError("a term is missing", self._end, 0)
        if token.kind == "close":
            self._fail("a term is missing before this parenthesis", token)
        hint = "to look for the word, put it in quotation marks"
        self._fail(f"a term is missing before {token.text!r}", token, hint)

    def _group(self, token: Token) -> Node:
        self._place += 1
        self._depth += 1
        if self._depth > _DEEPEST:
            self._fail(f"there are more than {_DEEPEST} parentheses in each other", token)
        if self._next is None:
            self._fail("this parenthesis is never closed", token)
        node = self._either()
        if self._take("close") is None:
            self._fail("this parenthesis is never closed", token)
        self._depth -= 1
        return node

    def _term(self, first: Token) -> Term:
        field = self._take("field")
        operator = self._take("operator")
        if operator is None:
            raise AssertionError("an operator follows each field")
        if field is None and operator.text != "~":
            self._fail("no field stands before this", operator, "put text in quotation marks")
        items = []
        while (value := self._take("value")) or self._take("comma"):
            if value:
                self._check_closed(value)
                items.append(_item(value))
        if not items:
            hint = "the value stands right behind it, in quotation marks if it has spaces"
            self._fail("a value is missing", operator, hint)
        return Term(field.text if field else "", operator.text, tuple(items), first.start)

    def _check_closed(self, token: Token) -> None:
        if not token.closed:
            self._fail("this quotation mark is never closed", token)

    def _fail(self, message: str, token: Token, hint: str = "") -> NoReturn:
        raise QueryError(message, token.start, token.end - token.start, hint)


def _item(token: Token) -> Item:
    return Item(token.text, token.quoted, token.start, token.end)
