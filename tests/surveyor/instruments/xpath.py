"""Expressions drawn by hypothesis, and their oracle: lxml's XPath 1.0 over <d><a>1</a>…</d>.

A reference is the string of its element.
"""

import math
import re

from hypothesis import strategies as st
from lxml import etree

from surveyor.instruments.expressions.evaluator import evaluate

ANSWERS = {"a": "1", "b": "2.5", "c": "", "many": "x y z", "word": "abc", "day": "2026-02-28"}
SIGNS = st.sampled_from("abc ${}().,'\"=<>!+-*/|[]@0123456789æ\n\t")
WORDS = st.sampled_from(
    [" and ", " or ", " div ", " mod ", "${a}", "not(", "if(", "1", "'x'", ")", ",", ".", "-"]
)
NUMBERS = st.one_of(
    st.integers(-50, 50).map(lambda n: str(n) if n >= 0 else f"(-{-n})"),
    st.sampled_from(["0.5", "2.25", ".5", "10.125"]),
)
STRINGS = st.sampled_from(["''", "'abc'", "'b'", "'7'", "' 3 '", "'0'", "'true'", "'-2'"])
REFERENCES = st.sampled_from(["${a}", "${b}", "${c}", "${word}"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(
        inner,
        st.sampled_from(["+", "-", "*", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "and", "or"]),
        inner,
    )
    return st.one_of(
        two.map(" ".join),
        two.map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda x: f"-({x})"),
        st.tuples(
            st.sampled_from(["not", "number", "boolean", "floor", "ceiling", "string-length"]), inner
        ).map(
            lambda parts: (
                f"{parts[0]}({'string(' + parts[1] + ')' if parts[0] == 'string-length' else parts[1]})"
            )
        ),
        st.tuples(
            st.sampled_from(["contains", "starts-with"]), STRINGS | REFERENCES, STRINGS | REFERENCES
        ).map(lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"),
        st.tuples(STRINGS | REFERENCES, STRINGS | REFERENCES).map(
            lambda parts: f"concat({parts[0]}, {parts[1]})"
        ),
        inner.map(lambda x: f"normalize-space(string({x} = 1))"),
        inner.map(lambda x: f"round({x})"),
        st.tuples(
            st.sampled_from(["substring-before", "substring-after"]), STRINGS | REFERENCES, STRINGS
        ).map(lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"),
        st.tuples(STRINGS | REFERENCES, STRINGS, STRINGS).map(
            lambda parts: f"translate({parts[0]}, {parts[1]}, {parts[2]})"
        ),
    )


EXPRESSIONS = st.recursive(NUMBERS | STRINGS | REFERENCES, _grown, max_leaves=12)


def check_equals_xpath(source: str) -> None:
    """Our value is lxml's, in kind and content."""
    document = etree.Element("d")
    for name, value in ANSWERS.items():
        etree.SubElement(document, name).text = value
    oracle = document.xpath(re.sub(r"\$\{(\w+)\}", r"string(/d/\1)", source))
    found = evaluate(source, ANSWERS)
    assert type(found) is type(oracle) or isinstance(oracle, str) and isinstance(found, str)
    both_nan = (
        isinstance(oracle, float) and math.isnan(oracle) and isinstance(found, float) and math.isnan(found)
    )
    assert both_nan or found == oracle
