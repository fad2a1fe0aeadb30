"""Recipes with other programs, which stepcli-recipes(7) shows.

A line of an example has at most 76 characters, so that it fits on a narrow page.
"""

from __future__ import annotations

from stepcli.cli.docs.chapters import Chapter

SHELL = Chapter(
    "Shell",
    ("Announce a finished build, listen to a log, or hear every official voice:",),
    """\
make; stepcli speak "The build ended with status $?"

tail -f build.log | stepcli stream

for v in $(stepcli voices list --official | cut -d' ' -f1)
do stepcli voices preview "$v"; done
""",
)

AGENT_SCRIPT = Chapter(
    "Coding agents",
    (
        "Claude Code can speak its answers, and its questions while you are elsewhere. Write this "
        "script to `~/.claude/speak.sh` and make it executable. It needs jq, and runs in the "
        "background so that the agent does not wait.",
    ),
    """\
#!/bin/sh
text=$(jq -r '.last_assistant_message // .message')
stepcli stream --markdown -q -- "$text" >/dev/null 2>&1 &
""",
)

AGENT_HOOKS = Chapter(
    "",
    ("These hooks in `~/.claude/settings.json` run it:",),
    """\
{
  "hooks": {
    "Stop": [
      {"hooks": [{"type": "command", "command": "~/.claude/speak.sh"}]}
    ],
    "Notification": [
      {"hooks": [{"type": "command", "command": "~/.claude/speak.sh"}]}
    ]
  }
}
""",
)

CODEX = Chapter(
    "",
    ("Codex adds the message as JSON to the command `notify` in `~/.codex/config.toml`:",),
    """\
notify = ["sh", "-c", '''
  text=$(printf %s "$1" | jq -r '."last-assistant-message"')
  stepcli stream --markdown -q -- "$text" >/dev/null 2>&1 &
''', "codex"]
""",
)

ANY_AGENT = Chapter(
    "",
    (
        "What any agent prints can be spoken while it is being written. A skill file teaches "
        "agents to use stepcli themselves.",
    ),
    """\
claude -p "Explain this repository" | stepcli stream --markdown

mkdir -p ~/.claude/skills/stepcli
stepcli help --skill >~/.claude/skills/stepcli/SKILL.md
""",
)

TMUX = Chapter(
    "tmux",
    (
        "In `~/.tmux.conf`: prefix S speaks what was copied last, prefix D starts a dictation and "
        "ends it, and pastes its text into the pane.",
    ),
    """\
bind-key S run-shell -b 'tmux save-buffer - | stepcli speak -q'
bind-key D run-shell -b 'text=$(stepcli transcribe --toggle -q) && \\
  [ -n "$text" ] && tmux set-buffer -- "$text" && tmux paste-buffer'
""",
)

VIM = Chapter(
    "Vim",
    (
        "`:w !stepcli speak` speaks the buffer, and with a selection only its lines. "
        "`:r !stepcli transcribe --mic` inserts a dictation. As mappings in `~/.vimrc`:",
    ),
    """\
nnoremap <leader>s :w !stepcli speak -q<CR>
xnoremap <leader>s :w !stepcli speak -q<CR>
nnoremap <leader>d :r !stepcli transcribe --mic -q<CR>
""",
)

DICTATION_KEYS = Chapter(
    "Dictation keys",
    (
        "One key of the desktop starts and ends a dictation, and the text is typed into the "
        "focused window. Store the API key first with `stepcli auth login`. If the desktop does "
        "not find stepcli, write its full path.",
    ),
    """\
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
  bindsym --release $mod+t exec pkill -TERM -x stepcli
""",
)

LIVE_AUDIO = Chapter(
    "Live audio",
    ("An utterance is printed when the speaker pauses.",),
    """\
Transcribe what the computer plays (PulseAudio, PipeWire):
  parec -d @DEFAULT_MONITOR@ --format=s16le --rate=16000 \\
    --channels=1 | stepcli transcribe --live --pcm 16000 -

Transcribe a stream:
  ffmpeg -i URL -f s16le -ac 1 -ar 16000 - |
    stepcli transcribe --live --pcm 16000 -
""",
)

SPEECH_DISPATCHER = Chapter(
    "Speech Dispatcher",
    (
        "Speech Dispatcher is what Orca and other programs of the desktop speak through. Add the "
        'line `AddModule "stepcli" "sd_generic" "stepcli.conf"` to '
        "`~/.config/speech-dispatcher/speechd.conf`, and write "
        "`~/.config/speech-dispatcher/modules/stepcli.conf` as follows. Every sentence is a "
        "request, so this is for articles and messages rather than for every key. "
        "`spd-say -o stepcli Hello` tries it.",
    ),
    """\
GenericExecuteSynth "printf %s \\'$DATA\\' | stepcli speak -q -v $VOICE \\
  --speed $(printf '%s\\\\n' 0.5 $RATE | sort -n | tail -n 1)"
GenericCmdDependency "stepcli"
GenericRateAdd 1
GenericRateMultiply 1
GenericLanguage "en" "en" "utf-8"
GenericLanguage "zh" "zh" "utf-8"
AddVoice "en" "FEMALE1" "lively-girl"
AddVoice "en" "MALE1" "vibrant-youth"
AddVoice "zh" "FEMALE1" "livelybreezy-female"
AddVoice "zh" "MALE1" "zixinnansheng"
DefaultVoice "lively-girl"
""",
)

HOME_ASSISTANT = Chapter(
    "Home Assistant",
    (
        "In `configuration.yaml`. Write the full path of stepcli if Home Assistant does not find "
        "it. The action `shell_command.speak` then takes a `message`.",
    ),
    """\
shell_command:
  speak: stepcli speak -q -- {{ message | to_json }}
""",
)

SYSTEMD_SERVICE = Chapter(
    "systemd timer",
    ("This timer says the time every hour. In `~/.config/systemd/user/stepcli-time.service`:",),
    """\
[Unit]
Description=Say the time

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'stepcli speak -q "It is $$(date +%%H:%%M)"'
""",
)

SYSTEMD_TIMER = Chapter(
    "",
    (
        "In `stepcli-time.timer` beside it. Start it with "
        "`systemctl --user enable --now stepcli-time.timer`.",
    ),
    """\
[Unit]
Description=Say the time every hour

[Timer]
OnCalendar=hourly

[Install]
WantedBy=timers.target
""",
)

CI = Chapter(
    "Continuous integration",
    (
        "Scripts that use stepcli can be tested without a key and without a network, for example "
        "in a workflow of GitHub Actions with the sandbox extra installed:",
    ),
    """\
- run: ./announce.sh
  env:
    STEPCLI_SANDBOX: "1"
""",
)

FAULTS = Chapter(
    "",
    ("A sandbox with faults shows how a script handles a failure of the service:",),
    """\
stepcli sandbox --fault speech:1:503 >sandbox.env &
until grep -q STEP_API_KEY sandbox.env; do sleep 0.1; done
. ./sandbox.env
./announce.sh
kill $!
""",
)

RECIPES = (
    SHELL,
    AGENT_SCRIPT,
    AGENT_HOOKS,
    CODEX,
    ANY_AGENT,
    TMUX,
    VIM,
    DICTATION_KEYS,
    LIVE_AUDIO,
    SPEECH_DISPATCHER,
    HOME_ASSISTANT,
    SYSTEMD_SERVICE,
    SYSTEMD_TIMER,
    CI,
    FAULTS,
)
"""The recipes in the order of the page."""
