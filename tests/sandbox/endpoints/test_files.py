"""Uploading and deleting files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import SandboxClient


def test_file_is_uploaded_described_and_deleted(server: SandboxClient) -> None:
    form = {"data": {"purpose": "storage"}, "files": {"file": ("a name.wav", b"12345")}}
    result = server.api.post(f"{server.open}/files", **form).json()  # type: ignore[arg-type]
    assert result["id"].startswith("file-")
    assert (result["bytes"], result["filename"], result["purpose"]) == (5, "a name.wav", "storage")
    gone = server.api.delete(f"{server.open}/files/{result['id']}").json()
    assert gone == {"id": result["id"], "object": "file", "deleted": True}
    assert server.api.delete(f"{server.open}/files/{result['id']}").status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"data": {"purpose": "assistants"}, "files": {"file": ("x", b"1")}},
        {"files": {"file": ("x", b"1")}},
        {"data": {"purpose": "storage", "file": "text"}, "files": {"other": ("x", b"1")}},
        {"data": {"purpose": "storage"}, "files": {"other": ("x", b"1")}},
        {"json": {"purpose": "storage"}},
        {"content": b"nothing", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"nothing", "headers": {"content-type": "multipart/form-data"}},
    ],
    ids=str,
)
def test_invalid_upload_is_refused(server: SandboxClient, form: Any) -> None:
    response = server.api.post(f"{server.open}/files", **form)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "request_params_invalid"


def test_upload_over_128_mib_gets_413(server: SandboxClient) -> None:
    form = {"data": {"purpose": "storage"}, "files": {"file": ("x", bytes((128 << 20) + 1))}}
    response = server.api.post(f"{server.open}/files", **form)  # type: ignore[arg-type]
    assert response.status_code == 413
