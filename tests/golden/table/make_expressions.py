#!/usr/bin/env python3
"""Writes expressions.tsv: random conditions and what SQLite says of them, row by row. Independent truth for the where-expressions.

Kept to the part of the language on which SQLite and Cupel agree by definition: no division of integers, LIKE with case.
"""
import random
import sqlite3
import sys

ROWS = [
    # a, b (integers), x (real), s, t (texts)
    (1, 5, 0.5, "Tops", "tops"),
    (2, None, -1.25, "Dresses", ""),
    (None, 3, None, None, "Intimate"),
    (4, 4, 4.0, "", None),
    (5, -7, 1e10, "Jackets", "Jackets"),
    (-3, 0, 2.75, "caf\u00e9", "CAFE"),
    (0, 9, 0.0, "\u65e5\u672c\u8a9e", "a_b%c"),
    (7, 2, -0.5, " padded  ", "padded"),
    (None, None, None, None, None),
    (2, 2, 2.0, "Trend", "Trend"),
    (9007199254740993, 1, 9007199254740992.0, "it's", "its"),
    (-1, 8, 100.125, "Tops", None),
]
rng = random.Random(20261123)


def number(depth):
    kinds = ["col", "lit", "lit"] + ["op", "call"] * (depth > 0)
    kind = rng.choice(kinds)
    if kind == "col":
        return rng.choice(["a", "b", "x"])
    if kind == "lit":
        return rng.choice(["0", "1", "2", "4", "-3", "2.5", "0.5", "-1.25", "1e3", "9007199254740992"])
    if kind == "op":
        return f"({real(depth - 1)} {rng.choice(['+', '-', '*', '/'])} {real(depth - 1)})"
    return rng.choice([f"abs({real(depth - 1)})", f"coalesce({real(depth - 1)}, {real(depth - 1)})", f"length({text(depth - 1)})"])


def real(depth):
    """Only real operands, so that / and + mean the same on both sides."""
    if depth <= 0 or rng.random() < 0.5:
        return rng.choice(["x", "x", "2.5", "0.5", "0.0", "-1.25"])
    return f"({real(depth - 1)} {rng.choice(['+', '-', '*', '/'])} {real(depth - 1)})"


def text(depth):
    kind = rng.choice(["col", "col", "lit"] + ["call"] * (depth > 0))
    if kind == "col":
        return rng.choice(["s", "t", '"s"'])
    if kind == "lit":
        return rng.choice(["'Tops'", "'Trend'", "''", "'it''s'", "'caf\u00e9'", "'padded'", "'a'"])
    return rng.choice(
        [f"trim({text(depth - 1)})", f"coalesce({text(depth - 1)}, {text(depth - 1)})", "lower(t)", "upper(t)", "lower('ABC')"]
    )


def condition(depth):
    kind = rng.choice(["cmp", "cmp", "textcmp", "in", "textin", "between", "like", "null"] + ["and", "or", "not"] * (3 * (depth > 0)))
    inverted = rng.choice(["", "not "])
    compare = rng.choice(["=", "==", "!=", "<>", "<", "<=", ">", ">="])
    if kind == "cmp":
        return f"{number(depth)} {compare} {number(depth)}"
    if kind == "textcmp":
        return f"{text(depth)} {compare} {text(depth)}"
    if kind == "in":
        return f"{number(depth)} {inverted}in ({', '.join(rng.choices(['1', '2', '4', '-3', '0.5', '2.75', 'null', '9'], k=rng.randint(1, 4)))})"
    if kind == "textin":
        values = ["'Tops'", "'Trend'", "''", "'Jackets'", "null", "'it''s'"]
        return f"{text(depth)} {inverted}in ({', '.join(rng.choices(values, k=rng.randint(1, 4)))})"
    if kind == "between":
        return f"{number(depth)} {inverted}between {number(depth)} and {number(depth)}"
    if kind == "like":
        return f"{text(depth)} {inverted}like {rng.choice(PATTERNS)}"
    if kind == "null":
        return f"{rng.choice([number, text])(depth)} is {inverted}null"
    if kind == "not":
        return f"not ({condition(depth - 1)})"
    terms = [condition(depth - 1) for _ in range(rng.randint(2, 3))]
    return f" {kind} ".join(rng.choice(["{}", "({})"]).format(term) if kind == "or" else f"({term})" for term in terms)


PATTERNS = ["'T%'", "'%s'", "'%e%'", "'____'", "'_'", "'%_%'", "'%'", "''", "'caf_'", "'%o%s'", "'___'", "'%a%a%'", "'% %'", "'J_c%t_'", "'a!_b!%c' escape '!'"]

base = sqlite3.connect(":memory:")
base.execute("pragma case_sensitive_like = on")
base.execute("create table rows (a integer, b integer, x real, s text, t text)")
base.executemany("insert into rows values (?, ?, ?, ?, ?)", ROWS)
seen = set()
print("# condition, then SQLite's answer for each of the 12 rows: 1 true, 0 false, ? unknown")
while len(seen) < 600:
    what = condition(rng.randint(0, 3))
    if what in seen or len(what) > 300:
        continue
    answers = [row[0] for row in base.execute(f"select {what} from rows order by rowid")]
    seen.add(what)
    print(what, "".join("?" if answer is None else str(answer) for answer in answers), sep="\t")
print(f"SQLite {sqlite3.sqlite_version}", file=sys.stderr)
