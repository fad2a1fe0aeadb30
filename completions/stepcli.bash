# Completion of stepcli for bash; made from its commands by python -m stepcli.cli.docs

_stepcli_is_command() {
    case $1 in
    'speak' | 'stream' | 'transcribe' | 'voices' | 'voices list' | 'voices preview' | 'voices clone' | 'devices' | 'auth' | 'auth login' | 'auth status' | 'auth logout' | 'config' | 'config path' | 'config list' | 'config get' | 'config set' | 'config unset' | 'doctor' | 'sandbox') : ;;
    *) return 1 ;;
    esac
}

_stepcli_options() {
    case $1 in
    '') _stepcli_words --version --install-completion --show-completion -h --help ;;
    'speak') _stepcli_words -f --file -v --voice -i --instruction --speed --volume --pronounce --literal --markdown --model -o --output --play --format --sample-rate --device --jobs --dry-run --batch --output-dir --skip-existing --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'stream') _stepcli_words -f --file -v --voice -i --instruction --speed --volume --pronounce --literal --markdown --model -o --output --play --format --sample-rate --device --subtitles --flush-after --mode --wire-format --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'transcribe') _stepcli_words -l --language --hotword --no-itn --model --pcm --piece-minutes --jobs --mic --live --last --device --silence --duration --threshold --keep --format -o --output --output-dir --dry-run --no-cache --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'voices') _stepcli_words -h --help ;;
    'voices list') _stepcli_words --cloned --official --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'voices preview') _stepcli_words --say --transcript --record --microphone --keep-upload --model -o --output --play --format --sample-rate --device --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'voices clone') _stepcli_words --transcript --record --microphone --force --name -y --yes --model --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'devices') _stepcli_words --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'auth') _stepcli_words -h --help ;;
    'auth login') _stepcli_words --keyring --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'auth status') _stepcli_words --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'auth logout') _stepcli_words --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'config') _stepcli_words -h --help ;;
    'config path') _stepcli_words --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'config list') _stepcli_words --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'config get') _stepcli_words --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'config set') _stepcli_words --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'config unset') _stepcli_words --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'doctor') _stepcli_words --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    'sandbox') _stepcli_words --host --port --pace --latency --idle --fault --log --json -q --quiet --verbose --debug --base-url --sandbox --timeout --retries -h --help ;;
    *) return 1 ;;
    esac
}

# What follows an option that takes a value; fails for one that does not.
_stepcli_value() {
    case $1 in
    'speak -f' | 'speak --file' | 'stream -f' | 'stream --file' | 'sandbox --log') _stepcli_files ;;
    'speak -v' | 'speak --voice' | 'stream -v' | 'stream --voice') _stepcli_ask voices ;;
    'speak -i' | 'speak --instruction' | 'speak --speed' | 'speak --volume' | 'speak --pronounce' | 'speak --jobs' | 'speak --base-url' | 'speak --timeout' | 'speak --retries' | 'stream -i' | 'stream --instruction' | 'stream --speed' | 'stream --volume' | 'stream --pronounce' | 'stream --flush-after' | 'stream --base-url' | 'stream --timeout' | 'stream --retries' | 'transcribe --hotword' | 'transcribe --pcm' | 'transcribe --piece-minutes' | 'transcribe --jobs' | 'transcribe --silence' | 'transcribe --duration' | 'transcribe --threshold' | 'transcribe --base-url' | 'transcribe --timeout' | 'transcribe --retries' | 'voices list --base-url' | 'voices list --timeout' | 'voices list --retries' | 'voices preview --say' | 'voices preview --transcript' | 'voices preview --record' | 'voices preview --base-url' | 'voices preview --timeout' | 'voices preview --retries' | 'voices clone --transcript' | 'voices clone --record' | 'voices clone --name' | 'voices clone --base-url' | 'voices clone --timeout' | 'voices clone --retries' | 'devices --base-url' | 'devices --timeout' | 'devices --retries' | 'auth login --base-url' | 'auth login --timeout' | 'auth login --retries' | 'auth status --base-url' | 'auth status --timeout' | 'auth status --retries' | 'auth logout --base-url' | 'auth logout --timeout' | 'auth logout --retries' | 'config path --base-url' | 'config path --timeout' | 'config path --retries' | 'config list --base-url' | 'config list --timeout' | 'config list --retries' | 'config get --base-url' | 'config get --timeout' | 'config get --retries' | 'config set --base-url' | 'config set --timeout' | 'config set --retries' | 'config unset --base-url' | 'config unset --timeout' | 'config unset --retries' | 'doctor --base-url' | 'doctor --timeout' | 'doctor --retries' | 'sandbox --host' | 'sandbox --port' | 'sandbox --pace' | 'sandbox --latency' | 'sandbox --idle' | 'sandbox --fault' | 'sandbox --base-url' | 'sandbox --timeout' | 'sandbox --retries') : ;;
    'speak --model' | 'stream --model' | 'voices preview --model' | 'voices clone --model') _stepcli_words stepaudio-2.5-tts stepaudio-3-tts step-tts-2 step-tts-mini ;;
    'speak -o' | 'speak --output' | 'stream -o' | 'stream --output' | 'transcribe --keep' | 'voices preview -o' | 'voices preview --output') _stepcli_files mp3 wav flac opus ogg pcm raw ;;
    'speak --format' | 'stream --format' | 'voices preview --format') _stepcli_words mp3 wav flac opus pcm ;;
    'speak --sample-rate' | 'stream --sample-rate' | 'voices preview --sample-rate') _stepcli_words 8000 16000 22050 24000 48000 ;;
    'speak --device' | 'stream --device' | 'voices preview --device') _stepcli_ask outputs ;;
    'speak --batch') _stepcli_files txt jsonl ;;
    'speak --output-dir' | 'transcribe --output-dir') _stepcli_directories ;;
    'stream --subtitles') _stepcli_files srt vtt ;;
    'stream --mode') _stepcli_words auto default sentence ;;
    'stream --wire-format') _stepcli_words pcm mp3_stream opus_stream ;;
    'transcribe -l' | 'transcribe --language') _stepcli_words en zh ;;
    'transcribe --model') _stepcli_words stepaudio-2.5-asr ;;
    'transcribe --device' | 'voices preview --microphone' | 'voices clone --microphone') _stepcli_ask inputs ;;
    'transcribe --format') _stepcli_words text json jsonl srt vtt tsv ;;
    'transcribe -o' | 'transcribe --output') _stepcli_files txt json jsonl srt vtt tsv ;;
    *) return 1 ;;
    esac
}

_stepcli_argument() {
    case $1 in
    '') [[ $other ]] || _stepcli_words speak stream transcribe voices devices auth config doctor sandbox ;;
    'transcribe') _stepcli_files mp3 wav flac opus ogg pcm raw m4a mp4 aac aiff webm mkv mov avi ;;
    'voices') [[ $other ]] || _stepcli_words list preview clone ;;
    'voices preview') _stepcli_files mp3 wav flac opus ogg pcm raw m4a mp4 aac aiff webm mkv mov avi; _stepcli_ask voices ;;
    'voices clone') _stepcli_files mp3 wav flac opus ogg pcm raw m4a mp4 aac aiff webm mkv mov avi ;;
    'auth') [[ $other ]] || _stepcli_words login status logout ;;
    'config') [[ $other ]] || _stepcli_words path list get set unset ;;
    'config get') _stepcli_words base-url batch cloned debug device dry-run duration fault file flush-after force format host hotword idle instruction jobs json keep keep-upload keyring language last latency literal live log markdown mic microphone mode model name no-cache no-itn official output output-dir pace pcm piece-minutes play port pronounce quiet record retries sample-rate sandbox say silence skip-existing speed subtitles threshold timeout transcript verbose voice volume wire-format yes auth.login.base-url auth.login.debug auth.login.json auth.login.keyring auth.login.quiet auth.login.retries auth.login.sandbox auth.login.timeout auth.login.verbose auth.logout.base-url auth.logout.debug auth.logout.json auth.logout.quiet auth.logout.retries auth.logout.sandbox auth.logout.timeout auth.logout.verbose auth.status.base-url auth.status.debug auth.status.json auth.status.quiet auth.status.retries auth.status.sandbox auth.status.timeout auth.status.verbose config.get.base-url config.get.debug config.get.json config.get.quiet config.get.retries config.get.sandbox config.get.timeout config.get.verbose config.list.base-url config.list.debug config.list.json config.list.quiet config.list.retries config.list.sandbox config.list.timeout config.list.verbose config.path.base-url config.path.debug config.path.json config.path.quiet config.path.retries config.path.sandbox config.path.timeout config.path.verbose config.set.base-url config.set.debug config.set.json config.set.quiet config.set.retries config.set.sandbox config.set.timeout config.set.verbose config.unset.base-url config.unset.debug config.unset.json config.unset.quiet config.unset.retries config.unset.sandbox config.unset.timeout config.unset.verbose devices.base-url devices.debug devices.json devices.quiet devices.retries devices.sandbox devices.timeout devices.verbose doctor.base-url doctor.debug doctor.json doctor.quiet doctor.retries doctor.sandbox doctor.timeout doctor.verbose sandbox.base-url sandbox.debug sandbox.fault sandbox.host sandbox.idle sandbox.json sandbox.latency sandbox.log sandbox.pace sandbox.port sandbox.quiet sandbox.retries sandbox.sandbox sandbox.timeout sandbox.verbose speak.base-url speak.batch speak.debug speak.device speak.dry-run speak.file speak.format speak.instruction speak.jobs speak.json speak.literal speak.markdown speak.model speak.output speak.output-dir speak.play speak.pronounce speak.quiet speak.retries speak.sample-rate speak.sandbox speak.skip-existing speak.speed speak.timeout speak.verbose speak.voice speak.volume stream.base-url stream.debug stream.device stream.file stream.flush-after stream.format stream.instruction stream.json stream.literal stream.markdown stream.mode stream.model stream.output stream.play stream.pronounce stream.quiet stream.retries stream.sample-rate stream.sandbox stream.speed stream.subtitles stream.timeout stream.verbose stream.voice stream.volume stream.wire-format transcribe.base-url transcribe.debug transcribe.device transcribe.dry-run transcribe.duration transcribe.format transcribe.hotword transcribe.jobs transcribe.json transcribe.keep transcribe.language transcribe.last transcribe.live transcribe.mic transcribe.model transcribe.no-cache transcribe.no-itn transcribe.output transcribe.output-dir transcribe.pcm transcribe.piece-minutes transcribe.quiet transcribe.retries transcribe.sandbox transcribe.silence transcribe.threshold transcribe.timeout transcribe.verbose voices.clone.base-url voices.clone.debug voices.clone.force voices.clone.json voices.clone.microphone voices.clone.model voices.clone.name voices.clone.quiet voices.clone.record voices.clone.retries voices.clone.sandbox voices.clone.timeout voices.clone.transcript voices.clone.verbose voices.clone.yes voices.list.base-url voices.list.cloned voices.list.debug voices.list.json voices.list.official voices.list.quiet voices.list.retries voices.list.sandbox voices.list.timeout voices.list.verbose voices.preview.base-url voices.preview.debug voices.preview.device voices.preview.format voices.preview.json voices.preview.keep-upload voices.preview.microphone voices.preview.model voices.preview.output voices.preview.play voices.preview.quiet voices.preview.record voices.preview.retries voices.preview.sample-rate voices.preview.sandbox voices.preview.say voices.preview.timeout voices.preview.transcript voices.preview.verbose ;;
    'config set') _stepcli_words base-url batch cloned debug device dry-run duration fault file flush-after force format host hotword idle instruction jobs json keep keep-upload keyring language last latency literal live log markdown mic microphone mode model name no-cache no-itn official output output-dir pace pcm piece-minutes play port pronounce quiet record retries sample-rate sandbox say silence skip-existing speed subtitles threshold timeout transcript verbose voice volume wire-format yes auth.login.base-url auth.login.debug auth.login.json auth.login.keyring auth.login.quiet auth.login.retries auth.login.sandbox auth.login.timeout auth.login.verbose auth.logout.base-url auth.logout.debug auth.logout.json auth.logout.quiet auth.logout.retries auth.logout.sandbox auth.logout.timeout auth.logout.verbose auth.status.base-url auth.status.debug auth.status.json auth.status.quiet auth.status.retries auth.status.sandbox auth.status.timeout auth.status.verbose config.get.base-url config.get.debug config.get.json config.get.quiet config.get.retries config.get.sandbox config.get.timeout config.get.verbose config.list.base-url config.list.debug config.list.json config.list.quiet config.list.retries config.list.sandbox config.list.timeout config.list.verbose config.path.base-url config.path.debug config.path.json config.path.quiet config.path.retries config.path.sandbox config.path.timeout config.path.verbose config.set.base-url config.set.debug config.set.json config.set.quiet config.set.retries config.set.sandbox config.set.timeout config.set.verbose config.unset.base-url config.unset.debug config.unset.json config.unset.quiet config.unset.retries config.unset.sandbox config.unset.timeout config.unset.verbose devices.base-url devices.debug devices.json devices.quiet devices.retries devices.sandbox devices.timeout devices.verbose doctor.base-url doctor.debug doctor.json doctor.quiet doctor.retries doctor.sandbox doctor.timeout doctor.verbose sandbox.base-url sandbox.debug sandbox.fault sandbox.host sandbox.idle sandbox.json sandbox.latency sandbox.log sandbox.pace sandbox.port sandbox.quiet sandbox.retries sandbox.sandbox sandbox.timeout sandbox.verbose speak.base-url speak.batch speak.debug speak.device speak.dry-run speak.file speak.format speak.instruction speak.jobs speak.json speak.literal speak.markdown speak.model speak.output speak.output-dir speak.play speak.pronounce speak.quiet speak.retries speak.sample-rate speak.sandbox speak.skip-existing speak.speed speak.timeout speak.verbose speak.voice speak.volume stream.base-url stream.debug stream.device stream.file stream.flush-after stream.format stream.instruction stream.json stream.literal stream.markdown stream.mode stream.model stream.output stream.play stream.pronounce stream.quiet stream.retries stream.sample-rate stream.sandbox stream.speed stream.subtitles stream.timeout stream.verbose stream.voice stream.volume stream.wire-format transcribe.base-url transcribe.debug transcribe.device transcribe.dry-run transcribe.duration transcribe.format transcribe.hotword transcribe.jobs transcribe.json transcribe.keep transcribe.language transcribe.last transcribe.live transcribe.mic transcribe.model transcribe.no-cache transcribe.no-itn transcribe.output transcribe.output-dir transcribe.pcm transcribe.piece-minutes transcribe.quiet transcribe.retries transcribe.sandbox transcribe.silence transcribe.threshold transcribe.timeout transcribe.verbose voices.clone.base-url voices.clone.debug voices.clone.force voices.clone.json voices.clone.microphone voices.clone.model voices.clone.name voices.clone.quiet voices.clone.record voices.clone.retries voices.clone.sandbox voices.clone.timeout voices.clone.transcript voices.clone.verbose voices.clone.yes voices.list.base-url voices.list.cloned voices.list.debug voices.list.json voices.list.official voices.list.quiet voices.list.retries voices.list.sandbox voices.list.timeout voices.list.verbose voices.preview.base-url voices.preview.debug voices.preview.device voices.preview.format voices.preview.json voices.preview.keep-upload voices.preview.microphone voices.preview.model voices.preview.output voices.preview.play voices.preview.quiet voices.preview.record voices.preview.retries voices.preview.sample-rate voices.preview.sandbox voices.preview.say voices.preview.timeout voices.preview.transcript voices.preview.verbose ;;
    'config unset') _stepcli_words base-url batch cloned debug device dry-run duration fault file flush-after force format host hotword idle instruction jobs json keep keep-upload keyring language last latency literal live log markdown mic microphone mode model name no-cache no-itn official output output-dir pace pcm piece-minutes play port pronounce quiet record retries sample-rate sandbox say silence skip-existing speed subtitles threshold timeout transcript verbose voice volume wire-format yes auth.login.base-url auth.login.debug auth.login.json auth.login.keyring auth.login.quiet auth.login.retries auth.login.sandbox auth.login.timeout auth.login.verbose auth.logout.base-url auth.logout.debug auth.logout.json auth.logout.quiet auth.logout.retries auth.logout.sandbox auth.logout.timeout auth.logout.verbose auth.status.base-url auth.status.debug auth.status.json auth.status.quiet auth.status.retries auth.status.sandbox auth.status.timeout auth.status.verbose config.get.base-url config.get.debug config.get.json config.get.quiet config.get.retries config.get.sandbox config.get.timeout config.get.verbose config.list.base-url config.list.debug config.list.json config.list.quiet config.list.retries config.list.sandbox config.list.timeout config.list.verbose config.path.base-url config.path.debug config.path.json config.path.quiet config.path.retries config.path.sandbox config.path.timeout config.path.verbose config.set.base-url config.set.debug config.set.json config.set.quiet config.set.retries config.set.sandbox config.set.timeout config.set.verbose config.unset.base-url config.unset.debug config.unset.json config.unset.quiet config.unset.retries config.unset.sandbox config.unset.timeout config.unset.verbose devices.base-url devices.debug devices.json devices.quiet devices.retries devices.sandbox devices.timeout devices.verbose doctor.base-url doctor.debug doctor.json doctor.quiet doctor.retries doctor.sandbox doctor.timeout doctor.verbose sandbox.base-url sandbox.debug sandbox.fault sandbox.host sandbox.idle sandbox.json sandbox.latency sandbox.log sandbox.pace sandbox.port sandbox.quiet sandbox.retries sandbox.sandbox sandbox.timeout sandbox.verbose speak.base-url speak.batch speak.debug speak.device speak.dry-run speak.file speak.format speak.instruction speak.jobs speak.json speak.literal speak.markdown speak.model speak.output speak.output-dir speak.play speak.pronounce speak.quiet speak.retries speak.sample-rate speak.sandbox speak.skip-existing speak.speed speak.timeout speak.verbose speak.voice speak.volume stream.base-url stream.debug stream.device stream.file stream.flush-after stream.format stream.instruction stream.json stream.literal stream.markdown stream.mode stream.model stream.output stream.play stream.pronounce stream.quiet stream.retries stream.sample-rate stream.sandbox stream.speed stream.subtitles stream.timeout stream.verbose stream.voice stream.volume stream.wire-format transcribe.base-url transcribe.debug transcribe.device transcribe.dry-run transcribe.duration transcribe.format transcribe.hotword transcribe.jobs transcribe.json transcribe.keep transcribe.language transcribe.last transcribe.live transcribe.mic transcribe.model transcribe.no-cache transcribe.no-itn transcribe.output transcribe.output-dir transcribe.pcm transcribe.piece-minutes transcribe.quiet transcribe.retries transcribe.sandbox transcribe.silence transcribe.threshold transcribe.timeout transcribe.verbose voices.clone.base-url voices.clone.debug voices.clone.force voices.clone.json voices.clone.microphone voices.clone.model voices.clone.name voices.clone.quiet voices.clone.record voices.clone.retries voices.clone.sandbox voices.clone.timeout voices.clone.transcript voices.clone.verbose voices.clone.yes voices.list.base-url voices.list.cloned voices.list.debug voices.list.json voices.list.official voices.list.quiet voices.list.retries voices.list.sandbox voices.list.timeout voices.list.verbose voices.preview.base-url voices.preview.debug voices.preview.device voices.preview.format voices.preview.json voices.preview.keep-upload voices.preview.microphone voices.preview.model voices.preview.output voices.preview.play voices.preview.quiet voices.preview.record voices.preview.retries voices.preview.sample-rate voices.preview.sandbox voices.preview.say voices.preview.timeout voices.preview.transcript voices.preview.verbose ;;
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
