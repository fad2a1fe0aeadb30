"""The ranked places where text may be cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
import regex
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stepcli.text.boundaries import Rank, boundaries

CHARACTERS = st.text(
    st.sampled_from(
        "ab1. ,()（）“”\n\r中か가ᄀ\u1161\u11a8กำิเ\u0e33\u0301\u0323\u0600क\u094dष"
        "\u200d\ufe0f👩🏽🇨🇳🇺‼♥ℹ\u0d4e"
    ),
    max_size=80,
)


def marked(text: str) -> str:
    """Return ``text`` with a bar per rank at each place; none for FORCED places."""
    shown, last = "", 0
    for position, rank in boundaries(text, 1000):
        shown += text[last:position] + "|" * rank
        last = position
    return shown + text[last:]


@pytest.mark.parametrize(
    "text",
    [
        # Numbers
        *("3.14", "1,000,000", "10:30", "2026-11-23", "3–4", "1/2", "10\u00a0000", "192.168.0.1"),
        *(
            "50%",
            "5%-10%",
            "-5",
            "+86",
            "$9.99",
            "￥50",
            "5€",
            "20℃",
            "-40°",
            "±3",
            "#1",
            "No. 5",
            "p. 12",
        ),
        *("2026年", "3个", "第3章", "１０：３０", "5G"),
        # Abbreviations
        *("U.S.A", "a.m", "Dr. Smith", "Mr.\nSmith", "J. K. Rowling", "e.g. this", "i.e. that"),
        # Addresses
        *("https://example.com/a_(b)?q=1&r=%20#top", "www.example.com/x,y;z", "mailto:a@b.c"),
        *("example.com/a?b=c", "me.too+x@example.co.uk", "https://zh.wikipedia.org/wiki/北京"),
        # Words
        *("don't", "rock’n’roll", "well-known", "and/or", "snake_case", "soft\u00adhyphen", "ﬁn"),
        *(
            "コンピュータ",
            "ジョン・スミス",
            "らー",
            "きゃ",
            "少々",
            "เที่",
            "ไป",
            "จะ",
            "ນໍ້າ",
            "می\u200cشود",
        ),
        # Graphemes
        *(
            "👨‍👩‍👧‍👦",
            "👍🏽",
            "🇨🇳",
            "1️⃣",
            "❤️",
            "‼️",
            "e\u0301",
            "한",
            "प्रकाश",
            "漢\ufe00",
            "か\u3099",
        ),
    ],
)
def test_tokens_have_no_places_inside(text: str) -> None:
    """In any context."""
    for around in ("{}", "a {} b", "一 {} 二", "一{}二", "“{}”", "a, {}. B"):
        assert text in marked(around.format(text))


@pytest.mark.parametrize(
    "text",
    [
        # Sentences
        "It ||ends. ||||It ||begins! ||||Does ||it? ||||Yes.",
        "它|走|了。||||它|来|了！||||是|吗？||||是。",
        "एक ||वाक्य। ||||दूसरा ||वाक्य।",
        "كيف ||حالك؟ ||||بخير.",
        "What?! ||||No‼ ||||Yes⁉️ ||||So",
        "Quoi ? ||||Non.",
        "and ||so. |||it ||goes ||on. |||in ||lower ||case",
        "“Stop!” |||he ||said. ||||“No.” ||||She ||did.",
        "No. ||||I ||will. ||||So ||do ||I. ||||He ||too.",
        "at ||10 ||a.m. ||Eastern, |||Acme ||Inc. ||Works, |||so ||etc. ||The ||end",
        "in ||2026. ||||It ||was",
        "“So ||it ||ends.” ||||“and ||so ||it ||does.” |||he ||said",
        # Paragraphs and lines
        "One\n\n|||||two.\n|||||Three\n|||Four\n||lines\r\n\r\n|||||five",
        "1. One ||thing\n|||2. Two ||things",
        "A. One ||thing\n|||B) Two ||things",
        "苹|果\n|||1、一|个\n|||A、二|个",
        "好||1. ||||B",
        "Buy:\n|||- one\n|||- two\n|||* three\n|||## Four",
        # Clauses
        "one, |||two; |||three: |||four—|||five – |||six",
        "one - |||two -- |||three--|||four",
        "Well... |||so… |||and . . . |||then",
        "一，|||二；|||三：|||四、|||五……|||六——|||七",
        "ไป |||ไป",
        "as ||a,||b ||a:||b ||a?||b ||a.b",
        # Words and characters
        "使|う||コンピュータ|を||書|く",
        "我|用||Python||写||3个||字",
        "word ||-5 ||.NET ||*bold* ||`code` ||**“Bold”** ||x",
        "C++ ||is ||50 % ||good",
        "¿Qué? ||||¡Sí!",
        # Quotations
        "他|说：|||“你|好。”||||她|说：|||「再|见。」||||他|走",
        '他|说:|||"你|好。"||||她|说||"再|见"，|||他|走',
        'said, |||"Hello," |||and ||"\'Bye\'" ||too',
        '她|说||"你|好\n\n|||||她|说||"再|见"，|||他',
        'One ||"two.\n\n|||||"Three" ||four',
        "Er: |||„Ja“, |||dann ||»nein« ||und ||«non» ||so",
        "the ||boys' ||toys, |||[a ||bracket] ||{b} ||《书》||名",
        # Directions
        "So. ||||(softly) I ||go ||(fast) on.",
        "So. ||||(softly)\n\n(then) “I ||go",
        "I ||give ||up (sighs). ||||So (there), |||well",
        "好。||||（笑）“你|好||（低声）再|见（笑）。||||是",
        "item|(s) here :|||( no ||(a (b) c) d",
        "the ||end. (sighs)",
        "“好（笑）……”|||花||（笑）……你||“好（笑）”||她",
        "(softly)“Hi” ||so",
    ],
)
def test_ranks(text: str) -> None:
    """One bar for a character, two a word, three a clause, four a sentence, five a paragraph."""
    assert marked(text.replace("|", "")) == text


def test_direction_over_the_limit_is_cut_as_text() -> None:
    text = "(one two three) four"
    assert Rank.WORD not in {rank for position, rank in boundaries(text, 15) if position < 15}
    assert [position for position, rank in boundaries(text, 14) if rank is Rank.WORD] == [5, 9, 16]


@pytest.mark.parametrize(
    "text", ["a" * 50, " " * 50, "(" * 50, "ab " * 20, "😀" * 50, "e" + "\u0301" * 50]
)
def test_neighbouring_places_are_within_the_limit(text: str) -> None:
    places = [0, *(position for position, _ in boundaries(text, 10)), len(text)]
    assert all(0 < after - before <= 10 for before, after in pairwise(places))


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(CHARACTERS | st.text(max_size=40), st.integers(1, 40))
def test_places_are_between_grapheme_clusters(text: str, limit: int) -> None:
    # The library joins what a virama links even where no consonant stands before it.
    assume(not regex.search(r"(?<!\p{InCB=Consonant})\p{InCB=Linker}", text))
    clusters = [found.span() for found in regex.finditer(r"\X", text)]
    torn = {
        place for start, end in clusters if end - start <= limit for place in range(start + 1, end)
    }
    assert torn.isdisjoint(position for position, _ in boundaries(text, limit))
