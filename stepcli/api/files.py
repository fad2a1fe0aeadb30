"""The account's file storage, `{open}/files` (PROTOCOL.md, section 5).

Storage is billed by the day, so an upload is repeated only if it was certainly not stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from stepcli.api.responses import invalid_answer, read_object
from stepcli.api.retry import IDEMPOTENT, UPLOAD
from stepcli.api.strict_json import as_text
from stepcli.errors import UsageError

if TYPE_CHECKING:
    from stepcli.api.client import Client

FILE_PREFIX = "file-"


def upload(client: Client, wav: bytes) -> str:
    """Upload `wav`, a complete WAV file, and return its file id."""
    from stepcli.api.client import ApiRequest, MultipartForm

    form = MultipartForm({"purpose": "storage"}, "sample.wav", "audio/wav", wav)
    with client.open(
        ApiRequest("POST", client.endpoint.open.url("files"), form=form, retry=UPLOAD)
    ) as response:
        file_id = as_text(read_object(response, client.endpoint).get("id"))
        if not file_id:
            raise invalid_answer(response, client.endpoint.host, "a response without a file id")
    return file_id


def delete(client: Client, file_id: str) -> None:
    """Delete a file from storage. A file that does not exist is not an error."""
    from stepcli.api.client import ApiRequest

    url = client.endpoint.open.url(f"files/{quote(file_id, safe='')}")
    try:
        with client.open(ApiRequest("DELETE", url, retry=IDEMPOTENT)) as response:
            response.read()
    except UsageError as exc:
        if exc.status != 404:
            raise
