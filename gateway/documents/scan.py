"""The text of a document in; nothing, or the limit it breaks, out. One pass without recursion, ended at the limit,
before anything is parsed."""

import re

from gateway.errors import DocumentTooLarge

# GraphQL's lexical tokens (specification 2.1), comments among them: reading them is work too. Possessive, so that no
# text makes the expression go back; what is no token is left to the parser.
TOKEN = re.compile(
    r"[ \t\r\n,\ufeff]++"
    r"|(?P<open>[{\[(])|(?P<close>[}\])])"
    r"|(?P<other>#[^\r\n]*+"
    r'|"""(?:[^"\\]++|\\"""|\\|"(?!""))*+"""'
    r'|"(?:[^"\\\r\n]++|\\.)*+"?'
    r"|-?[0-9][0-9.eE+-]*+|[_0-9A-Za-z]++|\.\.\.|.)",
    re.DOTALL,
)


def check_text(text: str, tokens: int, nesting: int) -> None:
    """Raise DocumentTooLarge for a text of more tokens, or with brackets nested more deeply, than that."""
    read = depth = 0
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is None:
            continue
        read += 1
        if read > tokens:
            raise DocumentTooLarge(f"The document has more than {tokens} tokens.")
        if kind == "open":
            depth += 1
            if depth > nesting:
                raise DocumentTooLarge(f"The document has more than {nesting} levels of brackets.")
        elif kind == "close":
            depth -= 1
