"""``httpx_transcribe.py ORIGIN KEY WAV...``"""

import json
import sys
from base64 import b64encode
from pathlib import Path

import httpx

origin, key, *paths = sys.argv[1:]
transcription = {"model": "stepaudio-2.5-asr", "language": "en", "enable_timestamp": True}
with httpx.Client(timeout=180, headers={"Authorization": f"Bearer {key}"}) as client:
    for path in paths:
        audio = {
            "data": b64encode(Path(path).read_bytes()).decode(),
            "input": {"transcription": transcription, "format": {"type": "wav"}},
        }
        url = f"{origin}/step_plan/v1/audio/asr/sse"
        with client.stream("POST", url, json={"audio": audio}) as answer:
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    event = json.loads(line.removeprefix("data:"))
                    if event["type"] == "transcript.text.done":
                        sys.stdout.write(event["text"] + "\n")
