"""``websockets_stream.py ORIGIN KEY TEXT OUTPUT``"""

import json
import sys
from base64 import b64decode

from websockets.sync.client import connect

origin, key, text, output = sys.argv[1:]
url = f"ws{origin.removeprefix('http')}/step_plan/v1/realtime/audio?model=stepaudio-2.5-tts"
file = sys.stdout.buffer if output == "-" else open(output, "wb")  # noqa: SIM115, PTH123
with connect(url, additional_headers={"Authorization": f"Bearer {key}"}) as socket:
    session = {"session_id": json.loads(socket.recv())["data"]["session_id"]}
    manner = {"voice_id": "lively-girl", "response_format": "pcm"}
    socket.send(json.dumps({"type": "tts.create", "data": session | manner}))
    for frame in socket:
        message = json.loads(frame)
        match message["type"]:
            case "tts.response.created":
                said = {"type": "tts.text.delta", "data": session | {"text": text}}
                socket.send(json.dumps(said))
                socket.send(json.dumps({"type": "tts.text.done", "data": session}))
            case "tts.response.audio.delta":
                file.write(b64decode(message["data"]["audio"]))
                file.flush()
            case "tts.response.audio.done":
                break
