"""The account's file storage: ``POST {open}/files``, ``DELETE {open}/files/{id}`` (protocol.md §5).

Storage is billed by the day, so an upload is repeated only if it was certainly not stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from stepcli.api.responses import invalid_answer, read_object, text
from stepcli.api.retry import IDEMPOTENT, UPLOAD
from stepcli.errors import UsageError

if TYPE_CHECKING:
    from stepcli.api.client import Client

FILE_PREFIX = "file-"


def upload(client: Client, wav: bytes) -> str:
    """Upload ``wav``, a complete WAV file, and return its file id."""
    from stepcli.api.client import ApiRequest, MultipartForm

    form = MultipartForm({"purpose": "storage"}, "sample.wav", "audio/wav", wav)
    with client.open(
        ApiRequest("POST", client.endpoint.open.url("files"), form=form, retry=UPLOAD)
    ) as response:
        file_id = text(read_object(response, client.endpoint).get("id"))
        if not file_id:
            raise invalid_answer(response, client.endpoint.host, "an answer without a file id")
    return file_id


def delete(client: Client, file_id: str) -> None:
    """Remove a file from storage. One that is not there any more is as good as removed."""
    from stepcli.api.client import ApiRequest

    url = client.endpoint.open.url(f"files/{quote(file_id, safe='')}")
    try:
        with client.open(ApiRequest("DELETE", url, retry=IDEMPOTENT)) as response:
            response.read()
    except UsageError as exc:
        if exc.status != 404:
            raise
