"""The base URL is parsed once; no spelling of it changes what it means."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from stepcli.base_url import BaseURL
from stepcli.errors import UsageError

PACKAGE = Path(__file__).parents[1] / "stepcli"


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("https://api.stepfun.ai/step_plan/v1", "https://api.stepfun.ai/step_plan/v1"),
        ("HTTPS://API.StepFun.AI/step_plan/v1/", "https://api.stepfun.ai/step_plan/v1"),
        ("https://api.stepfun.ai.:443/v1", "https://api.stepfun.ai/v1"),
        ("https://api.stepfun.ai:8443/v1", "https://api.stepfun.ai:8443/v1"),
        ("https://straße.example/v1", "https://xn--strae-oqa.example/v1"),
        ("https://h//a/./b/../v1//", "https://h/a/v1"),
        ("https://h/%2e%2E/v1", "https://h/v1"),
        ("https://h/ü", "https://h/%C3%BC"),
        ("hTTp://LocalHost:1/v1", "http://localhost:1/v1"),
        ("http://localhost./v1", "http://localhost/v1"),
        ("http://127.9.9.9/v1", "http://127.9.9.9/v1"),
        ("http://[0:0::1]:80/v1", "http://[::1]/v1"),
        ("http://[::FFFF:127.0.0.1]/v1", "http://[::ffff:7f00:1]/v1"),
    ],
)
def test_spellings_have_one_value(text: str, normalized: str) -> None:
    base = BaseURL.parse(text)
    assert str(base) == normalized
    assert BaseURL.parse(normalized) == base


@pytest.mark.parametrize(
    "text",
    [
        "", "https://", "https:h", "//h/v1", "example.com/v1", "ftp://example.com", "wss://h/v1",
        "http://example.com/v1", "HTTP://example.com/v1", "http://10.0.0.1/v1", "http://0.0.0.0/v1",
        "http://localhost.example.com/v1", "http://127.0.0.1.example.com/v1", "http://127.1/v1",
        "http://１２７.0.0.1/v1", "http://ｌocalhost/v1", "http://[::ffff:8.8.8.8]/v1",
        "https://user:pass@example.com/v1", "https://user@example.com", "https://@example.com/v1",
        "https://h/v1?", "https://h/v1?x=1", "https://h/v1#", "https://h\\@evil.example/v1",
        "https://h:0/v1", "https://h:65536/v1", "https://h:port/v1", "https://a..b/v1",
        "https://%65xample.com/v1", "https://[::1%25lo]/v1", "https://[::1/v1", "https://h /v1",
    ],
)  # fmt: skip
def test_urls_that_must_not_receive_the_key_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        BaseURL.parse(text)


@pytest.mark.parametrize(
    "text", ["https://user:secret@h/v1?", "https://u:secret@h /v1", "x:secret@h"]
)
def test_refusal_does_not_repeat_credentials(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        BaseURL.parse(text)
    assert "secret" not in caught.value.message


def test_http_to_another_host_cannot_be_constructed() -> None:
    with pytest.raises(ValueError, match="this machine"):
        BaseURL("http", "example.com", 80, "")
    with pytest.raises(ValueError, match="scheme"):
        BaseURL("HTTPS", "example.com", 443, "")


@pytest.mark.parametrize(
    ("plan", "open_base"),
    [
        ("https://h/step_plan/v1", "https://h/v1"),
        ("https://h/proxy/step_plan/v1", "https://h/proxy/v1"),
        ("https://h/v1", "https://h/v1"),
        ("https://h/step_plan", "https://h"),
        ("https://h/step_planner/v1", "https://h/step_planner/v1"),
        ("https://h/step_plan.evil.example", "https://h/step_plan.evil.example"),
    ],
)
def test_open_base_lacks_the_plan_segment_and_keeps_the_host(plan: str, open_base: str) -> None:
    assert str(BaseURL.parse(plan).open) == open_base


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("HTTPS://H/v1", "wss://h/v1/x"),
        ("http://[::1]:8/v1", "ws://[::1]:8/v1/x"),
        ("HTTP://localhost", "ws://localhost/x"),
    ],
)
def test_websocket_is_encrypted_exactly_if_the_base_is(text: str, url: str) -> None:
    assert BaseURL.parse(text).websocket_url("x") == url


def test_domain_is_compared_by_labels() -> None:
    assert BaseURL.parse("https://api.stepfun.com").belongs_to("stepfun.com")
    assert BaseURL.parse("https://stepfun.com").belongs_to("stepfun.com")
    assert not BaseURL.parse("https://notstepfun.com").belongs_to("stepfun.com")


def test_nothing_else_looks_at_the_spelling_of_a_url() -> None:
    """Everywhere else, a scheme or host is an attribute of a parsed value."""
    parsers = {"base_url.py", "api/network.py", "api/file_url.py", "api/download.py"}
    found = []
    for path in PACKAGE.rglob("*.py"):
        name = str(path.relative_to(PACKAGE))
        if name in parsers or name.startswith("sandbox/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and node.value in (
                "http",
                "https",
                "http:",
                "https:",
                "wss:",
            ):
                found.append(f"{name}:{node.lineno}")
            if isinstance(node, ast.Name) and node.id in ("urlsplit", "urlparse"):
                found.append(f"{name}:{node.lineno}")
    assert found == []
