"""``openai_speech.py ORIGIN KEY TEXT OUTPUT``"""

import sys

from openai import OpenAI

origin, key, text, output = sys.argv[1:]
client = OpenAI(base_url=f"{origin}/step_plan/v1", api_key=key)
with client.audio.speech.with_streaming_response.create(
    model="stepaudio-2.5-tts", voice="lively-girl", input=text
) as answer:
    answer.stream_to_file(output)
