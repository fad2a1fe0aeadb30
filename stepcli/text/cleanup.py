"""Remove characters that the service charges for but does not speak.

- Terminal sequences (ECMA-48), other control characters, and overstrike, by which programs such as
  man print bold (`N`, backspace, `N`) and underlined text (`_`, backspace, `N`).
- Runs of white space become one character: a line feed if they contain a line break, otherwise a
  space. A single character of white space stays as it is, but line breaks are always line feeds. No
  line break becomes a space: in Chinese and Japanese that would be wrong.
- A word that is hyphenated at the end of a line is joined. Whether the hyphen belongs to the word,
  as in "well-known", cannot be known; it is removed, because "wellknown" sounds much like it, but
  "exam-ple" does not sound like a word. The hyphen stays if no lowercase letter follows it, or if
  one of `_AFTER_SUSPENDED` does, as in "pre- and post-war".

Cleaning clean text changes nothing, and text in blocks is cleaned like the whole text. White space
apart, and seen as a terminal shows it, the text keeps its grapheme clusters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from unicodedata import combining

from stepcli.text.graphemes import extends

_AFTER_SUSPENDED = ("and", "or", "und", "oder", "bis")
_LONGEST_STRING = 4096
"""Characters of a control string, such as the address of a link, that are taken for one."""

_BODY = rf"[^\x07\x1b\x9c\n]{{0,{_LONGEST_STRING}}}+"
_SEQUENCE = re.compile(
    rf"""
      \x1b[\]PX^_] {_BODY} (?: \x07 | \x1b\\ | \x9c )
    | (?: \x1b\[ | \x9b ) [0-?]*+ [\ -/]*+ [@-~]?+
    | \x1b [\ -/]*+ [0-~]?+
    | [\x00-\x07\x0e-\x1a\x7f-\x84\x86-\x9f]
    """,
    re.VERBOSE,
)
_OPEN_SEQUENCE = re.compile(
    rf"""
    (?: \x1b[\]PX^_] {_BODY} \x1b?+
      | (?: \x1b\[ | \x9b ) [0-?]*+ [\ -/]*+
      | \x1b [\ -/]*+
    ) \Z
    """,
    re.VERBOSE,
)
_OVERSTRIKE = re.compile(
    r"""
      __\x08\x08 | _\x08                            # underlined: a wide character has two columns
    | ([^\x08]) (?: \x08+ (?: \1 | _ ) )+           # bold, or underlined afterwards
    | \x08+
    """,
    re.VERBOSE,
)

_LINE_BREAK = re.compile(r"\r\n|[\n\v\f\r\x85\u2028\u2029]")
_HYPHEN = "[-\u2010\u00ad]"
_BLANKS = re.compile(
    rf"(?<=[^\W\d_]|[\u0300-\u036f])(?P<hyphen>{_HYPHEN})(?P<between>\s+)(?=[^\W\d_])|\s+"
)
_SUSPENDED = re.compile(rf"(?:{'|'.join(_AFTER_SUSPENDED)})(?!\S)")
_BEGUN = "|".join({word[:end] for word in _AFTER_SUSPENDED for end in range(len(word) + 1)})
_OPEN_BLANKS = re.compile(rf"(?:{_HYPHEN}(?:\s++(?:{_BEGUN}))?|(?<!\s)\s++)\Z")


def clean(text: str) -> str:
    """Return `text` without characters that are charged for and cannot be spoken."""
    return "".join(clean_blocks([text]))


def clean_blocks(blocks: Iterable[str]) -> Iterator[str]:
    """Yield the text of `blocks` cleaned, each word as soon as it has arrived.

    Only what later text can change is held back: white space, a hyphen, an incomplete sequence.
    """
    for step in (_without_sequences, _without_overstrike, _with_single_blanks):
        blocks = step(blocks)
    return (block for block in blocks if block)


def _without_sequences(blocks: Iterable[str]) -> Iterator[str]:
    held = ""
    for block in blocks:
        text = held + block
        settled = _settled(text, _OPEN_SEQUENCE)
        held = text[settled:]
        yield _SEQUENCE.sub("", text[:settled])
    yield _SEQUENCE.sub("", held)


def _without_overstrike(blocks: Iterable[str]) -> Iterator[str]:
    """Yield the text as it looks; the last character shown may be struck over again."""
    held = last = ""
    for block in blocks:
        text = held + block
        settled = len(text.rstrip("_\x08"))
        held = text[settled:]
        if settled:
            shown = _OVERSTRIKE.sub(r"\1", last + text[:settled])
            yield shown[len(last) :]
            last = shown[-1]
    yield _OVERSTRIKE.sub(r"\1", last + held)[len(last) :]


def _with_single_blanks(blocks: Iterable[str]) -> Iterator[str]:
    held = last = ""
    for block in blocks:
        text = last + held + block
        settled = _settled(text, _OPEN_BLANKS)
        yield _single_blanks(text, len(last), settled)
        last, held = text[:settled][-1:], text[settled:]
    yield _single_blanks(last + held, len(last), len(last + held))


def _settled(text: str, unfinished: re.Pattern[str]) -> int:
    """Return where `unfinished` begins at the end of `text`, or its length."""
    found = unfinished.search(text)
    return found.start() if found else len(text)


def _single_blanks(text: str, start: int, end: int) -> str:
    """Return `text` from `start` to `end`; what is around them decides about hyphens."""
    pieces = []
    for found in _BLANKS.finditer(text, start):
        if found.start() >= end:
            break
        pieces += [text[start : found.start()], _replacement(found)]
        start = found.end()
    return "".join([*pieces, text[start:end]])


def _replacement(found: re.Match[str]) -> str:
    if found["hyphen"] is None:
        return _single_blank(found[0], found.string[found.end() : found.end() + 1])
    if _is_divided(found):
        return ""
    return found["hyphen"] + _single_blank(found["between"], "")


def _is_divided(found: re.Match[str]) -> bool:
    """Return whether a word is divided by a hyphen and a line break."""
    before, after = found.string[found.start() - 1], found.string[found.end()]
    return (
        len(_LINE_BREAK.findall(found["between"])) == 1
        and (before.islower() or before.isupper() or bool(combining(before)))
        and after.islower()
        and not _SUSPENDED.match(found.string, found.end())
    )


def _single_blank(run: str, following: str) -> str:
    """Return the replacement for a run of white space; an accent that follows keeps its base."""
    base = run[-1] if following and not _LINE_BREAK.match(run[-1]) and extends(following) else ""
    if _LINE_BREAK.search(run):
        return "\n" + base
    return run if len(run) == 1 else base or " "
