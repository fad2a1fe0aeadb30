"""``POST /files`` and ``DELETE /files/{id}``: voice samples (PROTOCOL.md §5)."""

from __future__ import annotations

from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stepcli.sandbox.http.errors import ServiceError
from stepcli.sandbox.http.validation import invalid_field
from stepcli.sandbox.state import UploadedFile, new_id, sandbox_state, unix_time

MAX_BYTES = 128 << 20
MAX_FILES = 1000


async def upload_file(request: Request) -> Response:
    """Store a file."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ServiceError("the body must be multipart/form-data")
    files = sandbox_state(request).files
    if len(files) >= MAX_FILES:
        raise ServiceError(f"you already have {MAX_FILES} files")
    try:
        async with request.form() as form:
            file = await _read(form)
    except FormParserError as exc:
        raise ServiceError(f"the form is not valid: {exc}") from None
    files[file.id] = file
    return JSONResponse(_describe(file))


async def delete_file(request: Request) -> Response:
    """Delete a file."""
    state = sandbox_state(request)
    file = state.file(request.path_params["id"], status=404)
    del state.files[file.id]
    return JSONResponse({"id": file.id, "object": "file", "deleted": True})


async def _read(form: FormData) -> UploadedFile:
    for name in form:
        if name not in ("purpose", "file"):
            raise invalid_field(name, "is not a field of this request")
    if form.get("purpose") != "storage":
        raise invalid_field("purpose", "must be storage")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise invalid_field("file", "is required and must be a file")
    if (file.size or 0) > MAX_BYTES:
        raise ServiceError(f"the file is larger than {MAX_BYTES} bytes", status=413, param="file")
    data = await file.read()
    return UploadedFile(new_id("file-"), file.filename or "", "storage", data, unix_time())


def _describe(file: UploadedFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "object": "file",
        "bytes": len(file.data),
        "created_at": file.created_at,
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
    }
