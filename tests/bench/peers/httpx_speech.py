"""``httpx_speech.py ORIGIN KEY TEXT OUTPUT``"""

import sys
from pathlib import Path

import httpx

origin, key, text, output = sys.argv[1:]
with (
    httpx.stream(
        "POST",
        f"{origin}/step_plan/v1/audio/speech",
        json={"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": text},
        headers={"Authorization": f"Bearer {key}"},
        timeout=180,
    ) as answer,
    Path(output).open("wb") as file,
):
    for block in answer.iter_bytes():
        file.write(block)
