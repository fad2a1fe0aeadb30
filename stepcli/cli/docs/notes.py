"""Preformatted sections of the pages of single commands: their titles and texts.

A line has at most 72 characters, so that it fits on a narrow page.
"""

from __future__ import annotations

from stepcli.sandbox import FAULT_SYNTAX

DICTATION_KEYS = """\
One key of the desktop starts and ends a dictation, and the text is
typed into the focused window. Store the API key first: stepcli auth
login. If the desktop does not find stepcli, write its full path.

sway (~/.config/sway/config):
  bindsym $mod+d exec \\
    stepcli transcribe --toggle | tr -d '\\n' | wtype -

Hyprland (~/.config/hypr/hyprland.conf):
  bind = SUPER, D, exec, \\
    stepcli transcribe --toggle | tr -d '\\n' | wtype -

GNOME (Settings > Keyboard > Custom Shortcuts; needs ydotoold):
  sh -c "stepcli transcribe --toggle | tr -d '\\n' |
    ydotool type --file -"

X11 (any program that binds keys):
  sh -c "stepcli transcribe --toggle | tr -d '\\n' |
    xdotool type --clearmodifiers --file -"

macOS (Shortcuts > Run Shell Script, with a keyboard shortcut):
  stepcli transcribe --toggle | tr -d '\\n' | pbcopy
  osascript -e 'tell application "System Events"
    to keystroke "v" using command down'

Push to talk (sway): hold the key while speaking. SIGTERM ends the
recording; its text is typed.
  bindsym --no-repeat $mod+t exec \\
    stepcli transcribe --mic --silence 3600 | tr -d '\\n' | wtype -
  bindsym --release $mod+t exec pkill -TERM -x stepcli"""

LIVE_AUDIO = """\
Transcribe what the computer plays (PulseAudio, PipeWire):
  parec -d @DEFAULT_MONITOR@ --format=s16le --rate=16000 \\
    --channels=1 | stepcli transcribe --live --pcm 16000 -

Transcribe a stream:
  ffmpeg -i URL -f s16le -ac 1 -ar 16000 - |
    stepcli transcribe --live --pcm 16000 -"""

INTERIM_COST = """\
An utterance is sent at each pause of 0.4 s, so that its text is there
when --silence has passed. If you go on speaking, less than five
seconds are sent again with what follows; anything longer is kept. With
interim words, what follows the last pause is also sent every --interim
seconds. When reading aloud, {pauses:.1f} times the speech is sent, and
{interim:.1f} times with interim words every second. --dry-run shows the
estimate; --interim 0 saves most of it."""


def notes(path: str) -> tuple[tuple[str, str], ...]:
    """Return the sections of the command at `path`, such as ``voices list``."""
    from stepcli.tasks.transcription.interim import extra_share

    if path == "sandbox":
        return (("Faults", FAULT_SYNTAX.rstrip()),)
    if path == "transcribe":
        pauses, interim = (1 + extra_share(interval) for interval in (0.0, 1.0))
        return (
            ("Dictation keys", DICTATION_KEYS),
            ("Live audio", LIVE_AUDIO),
            ("Cost of interim words", INTERIM_COST.format(pauses=pauses, interim=interim)),
        )
    return ()
