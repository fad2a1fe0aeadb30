# Completion of stepcli for bash; made from its commands by python -m stepcli.cli.pages

_stepcli_is_command() {
    case $1 in
    'speak' | 'transcribe' | 'devices' | 'sandbox') : ;;
    *) return 1 ;;
    esac
}

_stepcli_options() {
    case $1 in
    '') _stepcli_words --version --install-completion --show-completion -h --help ;;
    'speak') _stepcli_words -f --file -v --voice -i --instruction --speed --volume --pronounce --literal --markdown --model -o --output --play --format --sample-rate --device --jobs --dry-run --batch --output-dir --skip-existing --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'transcribe') _stepcli_words -l --language --hotword --no-itn --model --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'devices') _stepcli_words --json -q --quiet --verbose --debug -h --help ;;
    'sandbox') _stepcli_words --host --port --pace --latency --idle --fault --log --json -q --quiet --verbose --debug -h --help ;;
    *) return 1 ;;
    esac
}

# What follows an option that takes a value; fails for one that does not.
_stepcli_value() {
    case $1 in
    'speak -f' | 'speak --file' | 'sandbox --log') _stepcli_files ;;
    'speak -v' | 'speak --voice') _stepcli_ask voices ;;
    'speak -i' | 'speak --instruction' | 'speak --speed' | 'speak --volume' | 'speak --pronounce' | 'speak --jobs' | 'speak --base-url' | 'speak --timeout' | 'speak --retries' | 'transcribe --hotword' | 'transcribe --base-url' | 'transcribe --timeout' | 'transcribe --retries' | 'sandbox --host' | 'sandbox --port' | 'sandbox --pace' | 'sandbox --latency' | 'sandbox --idle' | 'sandbox --fault') : ;;
    'speak --model') _stepcli_words stepaudio-2.5-tts stepaudio-3-tts step-tts-2 step-tts-mini ;;
    'speak -o' | 'speak --output') _stepcli_files mp3 wav flac opus ogg pcm raw ;;
    'speak --format') _stepcli_words mp3 wav flac opus pcm ;;
    'speak --sample-rate') _stepcli_words 8000 16000 22050 24000 48000 ;;
    'speak --device') _stepcli_ask outputs ;;
    'speak --batch') _stepcli_files txt jsonl ;;
    'speak --output-dir') _stepcli_directories ;;
    'transcribe -l' | 'transcribe --language') _stepcli_words en zh ;;
    'transcribe --model') _stepcli_words stepaudio-2.5-asr ;;
    *) return 1 ;;
    esac
}

_stepcli_argument() {
    case $1 in
    '') [[ $other ]] || _stepcli_words speak transcribe devices sandbox ;;
    'transcribe') _stepcli_files mp3 wav flac opus ogg pcm raw m4a mp4 aac aiff webm mkv mov avi ;;
    *) : ;;
    esac
}

# Each of these adds to COMPREPLY what begins with $current.
_stepcli_words() {
    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$*" -- "$current")
}

_stepcli_files() {
    local extension
    compopt -o default -o filenames
    for extension; do
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -X "!*.$extension" -- "$current")
    done
    [[ $# -eq 0 ]] || mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current")
}

_stepcli_directories() {
    compopt -o dirnames
}

_stepcli_ask() {
    local value begun=${current//[\\\"\']/}
    compopt -o filenames
    while IFS=$'\t' read -r value _; do
        [[ $value == "$begun"* ]] && COMPREPLY+=("$value")
    done < <(_STEPCLI_COMPLETE=$1 "$program" 2>/dev/null)
}

_stepcli() {
    local program=$1 current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command= other= word
    COMPREPLY=()
    if [[ $current == = ]]; then
        current=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
        [[ $word == -* ]] && continue
        _stepcli_is_command "$command${command:+ }$word" || { other=$word; break; }
        command+=${command:+ }$word
    done
    if [[ " ${COMP_WORDS[*]:1:COMP_CWORD - 1} " != *" -- "* ]]; then
        _stepcli_value "$command $before" && return
        [[ $current == -* ]] && _stepcli_options "$command" && return
    fi
    _stepcli_argument "$command"
}

complete -F _stepcli stepcli
