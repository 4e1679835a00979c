"""Messages speak shell: no call, argument or class of Python reaches the command line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import heygen_async
from heygen_async.cli.wording import in_shell_words

PACKAGE = Path(heygen_async.__file__).parent
SENTENCE = 4  # words
SQL_OR_TYPE = re.compile(
    r"\b(SELECT|UPDATE|INSERT|DELETE|CREATE|CASE) |^\w+\[|\bsubstr\(|json_valid\("
)
PYTHON = re.compile(
    r"\b\w+=(?=$|[\s),;]|True|False)"  # an argument
    r"|\b[A-Za-z_]\w*\((?!s\))[^ ]"  # a call
    r"|\bawait\b|\basync with\b|\blambda\b"
    r"|\b(job|outcome|self|pathlib|client|heygen)\.\w+|\w+Policy\b"
    r"|\bstr\b|\bTrue\b|\bFalse\b|\bNone\b"
)
UNREACHABLE = {
    "name= is for postgresql:// ledgers": "it names a ledger in its URL",
    "a ledger needs key=": "the command line always gives it",
    "key(spec) must give": "it gives each spec one",
    "submit it by the create of": "it never submits by the call that is meant",
    "was finished by an earlier version, which": "it reads no ``outcome.result``",
    "it is closed; use it inside": "it opens a ledger once, and in a block",
    "client; use 'async with' or await its aclose()": "it closes its client",
    "a local file is given as pathlib.Path or bytes": "click has made a path of it",
    "proxy= and ssl= are for the client's own": "it lends no session",
    "ssl must be an ssl.SSLContext": "certificates are named by SSL_CERT_FILE",
    "or a SlotLimiter": "it counts slots by an option with a range",
    "AND ended_at IS NULL": "it is SQL",
}
"""The beginnings of messages that the command line never gets to hear, and why."""


def messages():
    """Yield the place and the text of all that is a sentence and no docstring."""
    for path in sorted(PACKAGE.rglob("*.py")):
        part = path.relative_to(PACKAGE).parts[0]
        if part in ("cli", "emulator", "webhooks", "pytest_plugin.py"):
            continue
        tree = ast.parse(path.read_text())
        inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if id(node) in inner or not isinstance(node, ast.Constant | ast.JoinedStr):
                continue
            if isinstance(node, ast.JoinedStr):
                inner.update(map(id, node.values))
            text = filled_in(node)
            if len(text.split()) >= SENTENCE and not SQL_OR_TYPE.search(text):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", text


def filled_in(node):
    """Return a text with a sample where a value would be."""
    if isinstance(node, ast.Constant):
        return str(node.value).replace("%r", "'sample'")
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "'sample'" for part in node.values
    )


def test_no_message_has_python_in_it():
    """What a message says by a call or an argument, a row of the table says by an option."""
    texts = dict(messages())
    assert len(texts) > 100
    spoken = [
        f"{place}: {told}"
        for place, text in texts.items()
        if PYTHON.search(told := in_shell_words(text)) and not any(s in text for s in UNREACHABLE)
    ]
    assert spoken == [], "\n".join(spoken)
    assert all(any(s in text for text in texts.values()) for s in UNREACHABLE)
