# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""contenders.py: who is measured: how each is started, how it says that it is ready, and what it has reported in the end."""
import os
import re
import shutil
from dataclasses import dataclass
from typing import Callable, Optional

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

OTHER = "other twtrace"
# Of what twtrace counts as lost, what makes a close go unreported.
LOST_CLOSES = ("ring_close", "connection_map", "overwritten")


@dataclass
class Contender:
    name: str
    argv: Optional[list] = None  # None: no tracer
    says_ready: Optional[bytes] = None  # on stderr; a tracer that does not say is ready once its programs are attached
    count: Optional[Callable] = None  # its stdout -> ends of connections that it reported
    on_terminal: bool = False  # stdin and stdout are one, and what comes out is thrown away

    def missing(self):
        return self.argv is not None and shutil.which(self.argv[0]) is None


def count_lines(pattern):
    seen = re.compile(pattern)

    def count(path):
        with open(path, "rb") as f:
            return sum(1 for line in f if seen.search(line))

    return count


def count_table(path):
    """twtrace's table ends with totals: closed, less what could not be told in detail."""
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read()
    closed = re.search(r"^Connections .*\bclosed (\d+)", text, re.M)
    lost = re.search(r"^Lost .*", text, re.M)
    if not closed or not lost:
        return None
    return int(closed[1]) - sum(int(n) for kind, n in re.findall(r"(\w+) (\d+)", lost[0]) if kind in LOST_CLOSES)


# A close of a connection, not of a listener nor of a connect() that failed.
END_OF_STATES = rb"\s(FIN_WAIT1|FIN_WAIT2|CLOSING|CLOSE_WAIT|LAST_ACK|ESTABLISHED|TIME_WAIT)\s+-> CLOSE\s"


def twtrace(*args):
    return [os.environ.get("TWTRACE", os.path.join(ROOT, "twtrace")), *args]


def null(*args):
    return [os.environ.get("NULL", os.path.join(ROOT, "build/tests/bench/null")), *args]


def null_contender(fentry=()):
    if not fentry:
        return Contender("null", null(), b"null: ready")
    return Contender("null fentry", null("--fentry", *fentry), b"null: ready")


def table_contender(*args):
    return Contender("twtrace", twtrace(*args), b"twtrace: ready", count_table)


def screen_contender():
    return Contender("twtrace screen", twtrace(), b"twtrace: ready", on_terminal=True)


def another_build(path):
    return Contender(OTHER, [path], b"twtrace: ready", count_table)


def all_contenders(fentry=(), other=None):
    return [
        Contender("no tracer"),
        null_contender(),
        *([null_contender(fentry)] if fentry else []),
        table_contender(),
        *([another_build(other)] if other else []),
        Contender("twtrace events", twtrace("events", "--json"), b"twtrace: ready", count_lines(rb'"type":"close"')),
        Contender("tcplife", ["tcplife"], None, count_lines(rb"^\d")),
        Contender("tcpstates", ["tcpstates"], None, count_lines(END_OF_STATES)),
        Contender("bpftrace", ["bpftrace", os.path.join(HERE, "tcplife.bt")], None, count_lines(rb"^\d")),
    ]
