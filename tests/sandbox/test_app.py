"""Which requests are routed, and the answers to those that are not."""

from __future__ import annotations

import pytest

from tests.sandbox.client import SandboxClient


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/", 404),
        ("GET", "/v1/models/", 404),
        ("GET", "/v1/audio/speech", 405),
        ("GET", "/step_plan/v1/audio/system_voices", 404),
        ("GET", "/step_plan/v1/accounts", 404),
        ("POST", "/step_plan/v1/files", 404),
    ],
)
def test_request_without_an_endpoint_gets_an_error_of_the_service(
    server: SandboxClient, method: str, path: str, status: int
) -> None:
    """A trailing slash is not redirected, and the plan base has no voices, files or account."""
    response = server.api.request(method, server.origin + path)
    assert response.status_code == status
    assert response.json()["error"]["message"].startswith(f"{method} {path}: ")


@pytest.mark.parametrize("path", ["/audio/speech", "/audio/asr/sse", "/audio/voices/preview"])
def test_both_bases_speak_recognize_and_preview(server: SandboxClient, path: str) -> None:
    for base in (server.base, server.open):
        response = server.api.post(base + path, json={})
        assert (response.status_code, response.json()["error"]["type"]) == (
            400,
            "request_params_invalid",
        )


def test_administration_needs_no_key_and_is_not_logged(server: SandboxClient) -> None:
    assert server.admin("GET", "log").json()["entries"] == []
    assert server.admin("GET", "faults").status_code == 200
    assert server.admin("GET", "log").json()["entries"] == []
