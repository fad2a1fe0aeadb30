"""``stepcli.cli.params.transcription_options``: language codes and those that are tried."""

from __future__ import annotations

import pytest

from stepcli.cli.params.transcription_options import languages_to_try, normalized_language
from stepcli.errors import UsageError


@pytest.mark.parametrize(
    ("code", "normalized"),
    [
        ("zh", "zh"), ("zh-CN", "zh"), ("ZH_Hant_TW", "zh"), ("EN-us", "en"), ("Auto", "auto"),
        ("yue", "yue"), ("KO", "ko"), ("pt-BR", "pt-BR"),
    ],
)  # fmt: skip
def test_language_codes_are_normalized(code: str, normalized: str) -> None:
    assert normalized_language(code) == normalized


@pytest.mark.parametrize("code", ["", " ", "e", "en us", "en-", "zh\n", "中文"])
def test_other_text_is_not_a_language(code: str) -> None:
    with pytest.raises(UsageError):
        normalized_language(code)


@pytest.mark.parametrize(
    ("environ", "languages"),
    [
        ({}, ("en", "zh")),
        ({"LANG": "de_DE.UTF-8"}, ("en", "zh")),
        ({"LANG": "zh_TW.UTF-8"}, ("zh", "en")),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, ("en", "zh")),
    ],
)
def test_language_of_the_locale_is_tried_first(
    environ: dict[str, str], languages: tuple[str, str]
) -> None:
    assert languages_to_try(environ) == languages
