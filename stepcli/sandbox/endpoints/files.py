"""``POST /files`` and ``DELETE /files/{id}``: samples for voices (protocol.md §5)."""

from __future__ import annotations

from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.http.validation import invalid
from stepcli.sandbox.state import StoredFile, new_id, now, service_of

LARGEST = 128 << 20  # bytes
MOST = 1000  # files a user may hold


async def upload(request: Request) -> Response:
    """Keep a file."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refusal("the body must be multipart/form-data")
    files = service_of(request).files
    if len(files) >= MOST:
        raise Refusal(f"you already hold {MOST} files")
    try:
        async with request.form() as form:
            stored = await _stored(form)
    except FormParserError as failure:
        raise Refusal(f"the form cannot be read: {failure}") from None
    files[stored.id] = stored
    return JSONResponse(_described(stored))


async def delete(request: Request) -> Response:
    """Forget a file."""
    service = service_of(request)
    stored = service.file(request.path_params["id"], status=404)
    del service.files[stored.id]
    return JSONResponse({"id": stored.id, "object": "file", "deleted": True})


async def _stored(form: FormData) -> StoredFile:
    for name in form:
        if name not in ("purpose", "file"):
            raise invalid(name, "is not a field of this request")
    if form.get("purpose") != "storage":
        raise invalid("purpose", "must be storage")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise invalid("file", "is required, and must be a file")
    if (file.size or 0) > LARGEST:
        raise Refusal(f"the file is larger than {LARGEST} bytes", status=413, param="file")
    return StoredFile(new_id("file-"), file.filename or "", "storage", await file.read(), now())


def _described(stored: StoredFile) -> dict[str, Any]:
    return {
        "id": stored.id,
        "object": "file",
        "bytes": len(stored.data),
        "created_at": stored.created_at,
        "filename": stored.filename,
        "purpose": stored.purpose,
        "status": "processed",
    }
