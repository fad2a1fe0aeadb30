# Completion of stepcli for fish; made from its commands by python -m stepcli.cli.pages

set -g __stepcli_commands ' speak' ' transcribe' ' devices' ' sandbox'
function __stepcli_command --description 'The command that stands on the line'
    set -l command
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and continue
        if not contains -- "$command $word" $__stepcli_commands
            string match -q -- "$command *" $__stepcli_commands; and set command ' ?'
            break
        end
        set command "$command $word"
    end
    string trim -- "$command"
end

function __stepcli_at --description 'Whether that is the command'
    set -l command (__stepcli_command)
    test "$command" = "$argv"
end

function __stepcli_ask --description 'Values that the program knows'
    set -l program (commandline -opc)[1]
    _STEPCLI_COMPLETE=$argv[1] $program 2>/dev/null
end

function __stepcli_files --description 'Files with these extensions, else all; and directories'
    set -l found (__fish_complete_path (string replace -r -- '^-[^=]*=' '' (commandline -ct)))
    set -l fitting (string match -er -i -- '(/|\.('(string join '|' $argv)'))(\t|$)' $found)
    string match -qr -- '\.[^/]*(\t|$)' $fitting; and set found $fitting
    printf '%s\n' $found
end

complete -c stepcli -f

complete -c stepcli -n '__stepcli_at' -a speak -d 'Speak text of any length: play it, write it to a file, or both'
complete -c stepcli -n '__stepcli_at' -a transcribe -d 'Transcribe sound'
complete -c stepcli -n '__stepcli_at' -a devices -d 'List the audio devices of this machine'
complete -c stepcli -n '__stepcli_at' -a sandbox -d 'Serve a stand-in for the service on this machine: real speech, real recognition, no account'
complete -c stepcli -n '__stepcli_at' -l version -d 'Show the version and exit'
complete -c stepcli -n '__stepcli_at' -l install-completion -d 'Let this shell complete stepcli when TAB is pressed'
complete -c stepcli -n '__stepcli_at' -l show-completion -d 'Print the script that does that'
complete -c stepcli -n '__stepcli_at' -s h -l help -d 'Show this message and exit'

complete -c stepcli -n '__stepcli_at speak' -s f -l file -x -a '(__stepcli_files )' -d 'Read the text from FILE'
complete -c stepcli -n '__stepcli_at speak' -s v -l voice -x -a '(__stepcli_ask voices)' -d 'An official voice, or the id of a cloned one'
complete -c stepcli -n '__stepcli_at speak' -s i -l instruction -x -d 'How to say it, in words: \'whispering, out of breath\''
complete -c stepcli -n '__stepcli_at speak' -l speed -x -d '0.5 to 2.0 times as fast'
complete -c stepcli -n '__stepcli_at speak' -l volume -x -d '0.1 to 2.0 times as loud'
complete -c stepcli -n '__stepcli_at speak' -l pronounce -x -d 'Say A as B: \'LOL/laugh out loudly\', \'阿胶/e1胶\''
complete -c stepcli -n '__stepcli_at speak' -l literal -d 'Speak what stands in ( ) too'
complete -c stepcli -n '__stepcli_at speak' -l markdown -d 'Strip Markdown before speaking'
complete -c stepcli -n '__stepcli_at speak' -l model -x -a 'stepaudio-2.5-tts stepaudio-3-tts step-tts-2 step-tts-mini' -d 'The model that speaks'
complete -c stepcli -n '__stepcli_at speak' -s o -l output -x -a '(__stepcli_files mp3 wav flac opus ogg pcm raw)' -d 'Write the sound to FILE; \'-\' is stdout'
complete -c stepcli -n '__stepcli_at speak' -l play -d 'Play as well as write FILE'
complete -c stepcli -n '__stepcli_at speak' -l format -x -a 'mp3 wav flac opus pcm' -d 'mp3, wav, flac, opus or pcm'
complete -c stepcli -n '__stepcli_at speak' -l sample-rate -x -a '8000 16000 22050 24000 48000' -d '8000, 16000, 22050, 24000 or 48000'
complete -c stepcli -n '__stepcli_at speak' -l device -x -a '(__stepcli_ask outputs)' -d 'Play on this device: its number or part of its name'
complete -c stepcli -n '__stepcli_at speak' -l jobs -x -d 'Requests at once, at most'
complete -c stepcli -n '__stepcli_at speak' -l dry-run -d 'Show the requests and what they would cost; send nothing'
complete -c stepcli -n '__stepcli_at speak' -l batch -x -a '(__stepcli_files txt jsonl)' -d 'One utterance a line, or JSON Lines with text, id and options; \'-\' is stdin'
complete -c stepcli -n '__stepcli_at speak' -l output-dir -x -a '(__fish_complete_directories)' -d 'Where a batch\'s files go'
complete -c stepcli -n '__stepcli_at speak' -l skip-existing -d 'Leave out what DIR already has'
complete -c stepcli -n '__stepcli_at speak' -l json -d 'One JSON object on stdout instead of text'
complete -c stepcli -n '__stepcli_at speak' -s q -l quiet -d 'Only results and errors'
complete -c stepcli -n '__stepcli_at speak' -l verbose -d 'Say more on stderr'
complete -c stepcli -n '__stepcli_at speak' -l debug -d 'Log what goes over the wire, keys masked'
complete -c stepcli -n '__stepcli_at speak' -l base-url -x -d 'The service\'s plan base'
complete -c stepcli -n '__stepcli_at speak' -l sandbox -d 'Run against a private local sandbox: no account, no network'
complete -c stepcli -n '__stepcli_at speak' -l timeout -x -d 'Seconds of silence allowed between bytes; no cap on the whole'
complete -c stepcli -n '__stepcli_at speak' -l retries -x -d 'How often to try again what surely was not done'
complete -c stepcli -n '__stepcli_at speak' -s h -l help -d 'Show this message and exit'

complete -c stepcli -n '__stepcli_at transcribe' -a '(__stepcli_files mp3 wav flac opus ogg pcm raw m4a mp4 aac aiff webm mkv mov avi)'
complete -c stepcli -n '__stepcli_at transcribe' -s l -l language -x -a 'en zh' -d 'zh or en'
complete -c stepcli -n '__stepcli_at transcribe' -l hotword -x -d 'A word to listen for'
complete -c stepcli -n '__stepcli_at transcribe' -l no-itn -d 'Leave numbers and dates as they were spoken'
complete -c stepcli -n '__stepcli_at transcribe' -l model -x -a 'stepaudio-2.5-asr' -d 'The model that listens'
complete -c stepcli -n '__stepcli_at transcribe' -l json -d 'One JSON object on stdout instead of text'
complete -c stepcli -n '__stepcli_at transcribe' -s q -l quiet -d 'Only results and errors'
complete -c stepcli -n '__stepcli_at transcribe' -l verbose -d 'Say more on stderr'
complete -c stepcli -n '__stepcli_at transcribe' -l debug -d 'Log what goes over the wire, keys masked'
complete -c stepcli -n '__stepcli_at transcribe' -l base-url -x -d 'The service\'s plan base'
complete -c stepcli -n '__stepcli_at transcribe' -l sandbox -d 'Run against a private local sandbox: no account, no network'
complete -c stepcli -n '__stepcli_at transcribe' -l timeout -x -d 'Seconds of silence allowed between bytes; no cap on the whole'
complete -c stepcli -n '__stepcli_at transcribe' -l retries -x -d 'How often to try again what surely was not done'
complete -c stepcli -n '__stepcli_at transcribe' -s h -l help -d 'Show this message and exit'

complete -c stepcli -n '__stepcli_at devices' -l json -d 'One JSON object on stdout instead of text'
complete -c stepcli -n '__stepcli_at devices' -s q -l quiet -d 'Only results and errors'
complete -c stepcli -n '__stepcli_at devices' -l verbose -d 'Say more on stderr'
complete -c stepcli -n '__stepcli_at devices' -l debug -d 'Log what goes over the wire, keys masked'
complete -c stepcli -n '__stepcli_at devices' -s h -l help -d 'Show this message and exit'

complete -c stepcli -n '__stepcli_at sandbox' -l host -x -d 'Where to listen; beyond loopback only if told'
complete -c stepcli -n '__stepcli_at sandbox' -l port -x -d '0 picks a free port'
complete -c stepcli -n '__stepcli_at sandbox' -l pace -x -d 'Deliver sound at X times real time'
complete -c stepcli -n '__stepcli_at sandbox' -l latency -x -d 'Seconds before an answer\'s first byte'
complete -c stepcli -n '__stepcli_at sandbox' -l idle -x -d 'End a silent realtime session after S'
complete -c stepcli -n '__stepcli_at sandbox' -l fault -x -d 'Misbehave'
complete -c stepcli -n '__stepcli_at sandbox' -l log -x -a '(__stepcli_files )' -d 'Write what was asked, as JSON lines'
complete -c stepcli -n '__stepcli_at sandbox' -l json -d 'One JSON object on stdout instead of text'
complete -c stepcli -n '__stepcli_at sandbox' -s q -l quiet -d 'Only results and errors'
complete -c stepcli -n '__stepcli_at sandbox' -l verbose -d 'Say more on stderr'
complete -c stepcli -n '__stepcli_at sandbox' -l debug -d 'Log what goes over the wire, keys masked'
complete -c stepcli -n '__stepcli_at sandbox' -s h -l help -d 'Show this message and exit'
