"""``httpx_transcribe.py ORIGIN KEY WAV``"""

import json
import sys
from base64 import b64encode
from pathlib import Path

import httpx

origin, key, path = sys.argv[1:]
transcription = {"model": "stepaudio-2.5-asr", "language": "en", "enable_timestamp": True}
audio = {
    "data": b64encode(Path(path).read_bytes()).decode(),
    "input": {"transcription": transcription, "format": {"type": "wav"}},
}
with httpx.stream(
    "POST",
    f"{origin}/step_plan/v1/audio/asr/sse",
    json={"audio": audio},
    headers={"Authorization": f"Bearer {key}"},
    timeout=180,
) as answer:
    for line in answer.iter_lines():
        if line.startswith("data:"):
            event = json.loads(line.removeprefix("data:"))
            if event["type"] == "transcript.text.done":
                sys.stdout.write(event["text"] + "\n")
