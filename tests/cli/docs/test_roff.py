"""Escaping for man(7), and the macros of the manual pages."""

from __future__ import annotations

from stepcli.cli.docs import roff


def test_characters_that_roff_interprets_are_escaped() -> None:
    assert roff.escaped(r"-o 'a' \n `b` ^~") == r"\-o \(aqa\(aq \en \(gab\(ga \(ha\(ti"
    assert roff.escaped(".TH") == r"\&.TH"
    assert roff.bold("--all") == r"\fB\-\-all\fR"
    assert roff.italic("X") == r"\fIX\fR"


def test_prose_has_a_line_for_each_sentence() -> None:
    """Code and names of pages are bold."""
    text = "Run `stepcli speak -o x`. See stepcli-speak(1)! e.g. this one."
    assert roff.prose(text).splitlines() == [
        r"Run \fBstepcli speak \-o x\fR\&.",
        r"See \fBstepcli\-speak\fR(1)! e.g. this one.",
    ]


def test_line_is_as_short_as_mandoc_accepts_and_never_a_request() -> None:
    lines = roff.filled("。 " * 30 + "word " * 30 + ".hidden").splitlines()
    assert max(len(line.encode("ascii", "xmlcharrefreplace")) for line in lines) <= 80
    dots = roff.filled(f"{'x' * 79} .hidden").splitlines()
    assert dots == ["x" * 79, r"\&.hidden"]


def test_empty_section_is_left_out() -> None:
    assert list(roff.section("Notes", [])) == []
    assert list(roff.section("Notes", ["One."])) == [".SH NOTES", "One."]


def test_paragraphs_and_examples_are_apart() -> None:
    assert list(roff.paragraphs(["One.", "Two."])) == ["One.", ".PP", "Two."]
    code = [".PP", ".RS 4", ".EX", r"\&\&.b \-c", ".EE", ".RE"]
    examples = list(roff.examples([("Do a", ".b -c"), ("Do d", ".b -c")]))
    assert examples == ["Do a:", *code, ".PP", "Do d:", *code]


def test_terms_are_markup_and_their_texts_are_plain() -> None:
    assert list(roff.bold_definitions({"-a": "All - of it."})) == [
        ".TP",
        r"\fB\-a\fR",
        r"All \- of it.",
    ]


def test_preformatted_lines_begin_no_request() -> None:
    assert list(roff.verbatim("a\n.b")) == [".nf", r"\&a", r"\&\&.b", ".fi"]


def test_page_header_has_no_hyphenation() -> None:
    assert list(roff.header("stepcli-speak", 1, "2026-01-01", "stepcli 1.0")) == [
        ".nr HY 0",
        r'.TH STEPCLI\-SPEAK 1 2026-01-01 "stepcli 1.0" "stepcli manual"',
        ".ad l",
    ]
