"""``stdlib_speech.py ORIGIN KEY TEXT OUTPUT``"""

import json
import sys
from pathlib import Path
from urllib.request import Request, urlopen

origin, key, text, output = sys.argv[1:]
body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": text}
request = Request(f"{origin}/step_plan/v1/audio/speech", json.dumps(body).encode())
request.add_header("Authorization", f"Bearer {key}")
request.add_header("Content-Type", "application/json")
with urlopen(request) as answer, Path(output).open("wb") as file:
    while block := answer.read1():
        file.write(block)
