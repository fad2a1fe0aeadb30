# Completion of stepcli for PowerShell; made from its commands by python -m stepcli.cli.docs

Register-ArgumentCompleter -Native -CommandName stepcli -ScriptBlock {
    param($word, $ast, $cursor)

    function Offer($value, $about) {
        if ($value -notlike "$word*") { return }
        $text = $value
        if ($value -match '[^\w.,:=/-]') { $text = "'" + ($value -replace "'", "''") + "'" }
        if (-not $about) { $about = $value }
        [Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $about)
    }
    function Words { foreach ($value in $args) { Offer $value } }
    function Files {
        $found = [Management.Automation.CompletionCompleters]::CompleteFilename($word)
        $pattern = if ($args) { "\.($($args -join '|'))$" } else { '' }
        $found | Where-Object {
            $_.ResultType -eq 'ProviderContainer' -or $_.ListItemText -match $pattern
        }
    }
    function Directories {
        [Management.Automation.CompletionCompleters]::CompleteFilename($word) |
            Where-Object { $_.ResultType -eq 'ProviderContainer' }
    }
    function Ask($what) {
        $env:_STEPCLI_COMPLETE = $what
        $encoding = [Console]::OutputEncoding
        try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new() } catch { }
        $lines = & $program 2>$null
        try { [Console]::OutputEncoding = $encoding } catch { }
        Remove-Item Env:_STEPCLI_COMPLETE
        foreach ($line in $lines) {
            $value, $about = $line -split "`t"
            Offer $value $about
        }
    }

    $commands = @{
        '' = @{
            Options = {
                Offer '--version' 'Show the version and exit'
                Offer '--install-completion' 'Let this shell complete stepcli when TAB is pressed'
                Offer '--show-completion' 'Print the script that does that'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
            }
            Arguments = {
                Offer 'speak' 'Speak text of any length: play it, write it to a file, or both'
                Offer 'stream' 'Speak text while it is still being written, from a pipe or a prompt'
                Offer 'transcribe' 'Transcribe sound of any format and length'
                Offer 'voices' 'List voices, hear them, and make new ones from a few seconds of speech'
                Offer 'devices' 'List the audio devices of this machine'
                Offer 'auth' 'Keep the API key, look whether it works, forget it'
                Offer 'config' 'Look at the config file, and change it'
                Offer 'doctor' 'Look whether speaking and transcribing can work, and say what to do where they cannot'
                Offer 'sandbox' 'Serve a stand-in for the service on this machine: real speech and recognition, no account'
                Words
            }
        }
        'speak' = @{
            Options = {
                Offer '-f' 'Read the text from FILE'
                Offer '--file' 'Read the text from FILE'
                Offer '-v' 'An official voice, a cloned one''s id, or your name for it'
                Offer '--voice' 'An official voice, a cloned one''s id, or your name for it'
                Offer '-i' 'How to say it, in words: ''whispering, out of breath'''
                Offer '--instruction' 'How to say it, in words: ''whispering, out of breath'''
                Offer '--speed' '0.5 to 2.0 times as fast'
                Offer '--volume' '0.1 to 2.0 times as loud'
                Offer '--pronounce' 'Say A as B: ''LOL/laugh out loudly'', ''??/e1?'''
                Offer '--literal' 'Speak what stands in ( ) too'
                Offer '--markdown' 'Strip Markdown before speaking'
                Offer '--model' 'The model that speaks'
                Offer '-o' 'Write the sound to FILE; ''-'' is stdout'
                Offer '--output' 'Write the sound to FILE; ''-'' is stdout'
                Offer '--play' 'Play as well as write FILE'
                Offer '--format' 'mp3, wav, flac, opus or pcm'
                Offer '--sample-rate' '8000, 16000, 22050, 24000 or 48000'
                Offer '--device' 'Play on this device: its number or part of its name'
                Offer '--jobs' 'Requests at once, at most'
                Offer '--dry-run' 'Show the requests and what they would cost; send nothing'
                Offer '--batch' 'One utterance a line, or JSON Lines with text, id and options; ''-'' is stdin'
                Offer '--output-dir' 'Where a batch''s files go'
                Offer '--skip-existing' 'Leave out what DIR already has'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '-f' = { Files }
                '--file' = { Files }
                '-v' = { Ask 'voices' }
                '--voice' = { Ask 'voices' }
                '-i' = { Words }
                '--instruction' = { Words }
                '--speed' = { Words }
                '--volume' = { Words }
                '--pronounce' = { Words }
                '--model' = { Words 'stepaudio-2.5-tts' 'stepaudio-3-tts' 'step-tts-2' 'step-tts-mini' }
                '-o' = { Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' }
                '--output' = { Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' }
                '--format' = { Words 'mp3' 'wav' 'flac' 'opus' 'pcm' }
                '--sample-rate' = { Words '8000' '16000' '22050' '24000' '48000' }
                '--device' = { Ask 'outputs' }
                '--jobs' = { Words }
                '--batch' = { Files 'txt' 'jsonl' }
                '--output-dir' = { Directories }
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'stream' = @{
            Options = {
                Offer '-f' 'Read the text from FILE'
                Offer '--file' 'Read the text from FILE'
                Offer '-v' 'An official voice, a cloned one''s id, or your name for it'
                Offer '--voice' 'An official voice, a cloned one''s id, or your name for it'
                Offer '-i' 'How to say it, in words: ''whispering, out of breath'''
                Offer '--instruction' 'How to say it, in words: ''whispering, out of breath'''
                Offer '--speed' '0.5 to 2.0 times as fast'
                Offer '--volume' '0.1 to 2.0 times as loud'
                Offer '--pronounce' 'Say A as B: ''LOL/laugh out loudly'', ''??/e1?'''
                Offer '--literal' 'Speak what stands in ( ) too'
                Offer '--markdown' 'Strip Markdown before speaking'
                Offer '--model' 'The model that speaks'
                Offer '-o' 'Write the sound to FILE; ''-'' is stdout'
                Offer '--output' 'Write the sound to FILE; ''-'' is stdout'
                Offer '--play' 'Play as well as write FILE'
                Offer '--format' 'mp3, wav, flac, opus or pcm'
                Offer '--sample-rate' '8000, 16000, 22050, 24000 or 48000'
                Offer '--device' 'Play on this device: its number or part of its name'
                Offer '--subtitles' 'Write when what is said, as FILE.srt or FILE.vtt'
                Offer '--flush-after' 'Speak an unfinished sentence after a pause of MS milliseconds in the text'
                Offer '--mode' 'default gathers words into sentences, sentence cuts at ???!?; auto is sentence for TEXT and -f, default for stdin'
                Offer '--wire-format' 'pcm; mp3_stream or opus_stream for a link slower than speech (needs ffmpeg)'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '-f' = { Files }
                '--file' = { Files }
                '-v' = { Ask 'voices' }
                '--voice' = { Ask 'voices' }
                '-i' = { Words }
                '--instruction' = { Words }
                '--speed' = { Words }
                '--volume' = { Words }
                '--pronounce' = { Words }
                '--model' = { Words 'stepaudio-2.5-tts' 'stepaudio-3-tts' 'step-tts-2' 'step-tts-mini' }
                '-o' = { Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' }
                '--output' = { Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' }
                '--format' = { Words 'mp3' 'wav' 'flac' 'opus' 'pcm' }
                '--sample-rate' = { Words '8000' '16000' '22050' '24000' '48000' }
                '--device' = { Ask 'outputs' }
                '--subtitles' = { Files 'srt' 'vtt' }
                '--flush-after' = { Words }
                '--mode' = { Words 'auto' 'default' 'sentence' }
                '--wire-format' = { Words 'pcm' 'mp3_stream' 'opus_stream' }
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'transcribe' = @{
            Options = {
                Offer '-l' 'zh or en'
                Offer '--language' 'zh or en'
                Offer '--hotword' 'A word to listen for'
                Offer '--no-itn' 'Leave numbers and dates as they were spoken'
                Offer '--model' 'The model that listens'
                Offer '--pcm' 'The input is raw signed 16-bit little-endian samples'
                Offer '--piece-minutes' 'Longer sounds are cut at a pause before M minutes'
                Offer '--jobs' 'Requests at once, at most'
                Offer '--mic' 'Listen to the microphone until Enter, Ctrl-C or a pause'
                Offer '--live' 'Go on after a pause: print each utterance as it ends'
                Offer '--last' 'Try the last recording again'
                Offer '--device' 'Record from this device: its number or part of its name'
                Offer '--silence' 'Seconds without speech that end an utterance'
                Offer '--duration' 'Stop after S seconds'
                Offer '--threshold' 'How surely it must be speech, 0 to 1; lower for a faint voice'
                Offer '--keep' 'Save the recording as FILE'
                Offer '--format' 'text, json, jsonl, srt, vtt or tsv'
                Offer '-o' 'Write the transcript to FILE; ''-'' is stdout'
                Offer '--output' 'Write the transcript to FILE; ''-'' is stdout'
                Offer '--output-dir' 'Write each transcript to a file of its own in DIR'
                Offer '--dry-run' 'Show the pieces and what they would cost; send nothing'
                Offer '--no-cache' 'Forget what a failed run has kept, and keep nothing of this one'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '-l' = { Words 'en' 'zh' }
                '--language' = { Words 'en' 'zh' }
                '--hotword' = { Words }
                '--model' = { Words 'stepaudio-2.5-asr' }
                '--pcm' = { Words }
                '--piece-minutes' = { Words }
                '--jobs' = { Words }
                '--device' = { Ask 'inputs' }
                '--silence' = { Words }
                '--duration' = { Words }
                '--threshold' = { Words }
                '--keep' = { Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' }
                '--format' = { Words 'text' 'json' 'jsonl' 'srt' 'vtt' 'tsv' }
                '-o' = { Files 'txt' 'json' 'jsonl' 'srt' 'vtt' 'tsv' }
                '--output' = { Files 'txt' 'json' 'jsonl' 'srt' 'vtt' 'tsv' }
                '--output-dir' = { Directories }
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' 'm4a' 'mp4' 'aac' 'aiff' 'webm' 'mkv' 'mov' 'avi'
                Words
            }
        }
        'voices' = @{
            Options = {
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
            }
            Arguments = {
                Offer 'list' 'List voices: the service''s, and the account''s own with your names for them'
                Offer 'preview' 'Hear how a clone of a sample would sound, without making one; or how a voice sounds'
                Offer 'clone' 'Make a voice from 5 to 10 seconds of speech, and print its id'
                Words
            }
        }
        'voices list' = @{
            Options = {
                Offer '--cloned' 'Only the account''s own voices'
                Offer '--official' 'Only the service''s voices'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'voices preview' = @{
            Options = {
                Offer '--say' 'The sentence to hear; about 50 characters'
                Offer '--transcript' 'What the sample says'
                Offer '--record' 'Record S seconds from the microphone instead of reading a file'
                Offer '--microphone' 'Record from this device: its number or part of its name'
                Offer '--keep-upload' 'Leave the sample in the file storage'
                Offer '--model' 'The model that speaks'
                Offer '-o' 'Write the sound to FILE; ''-'' is stdout'
                Offer '--output' 'Write the sound to FILE; ''-'' is stdout'
                Offer '--play' 'Play as well as write FILE'
                Offer '--format' 'mp3, wav, flac, opus or pcm'
                Offer '--sample-rate' '8000, 16000, 22050, 24000 or 48000'
                Offer '--device' 'Play on this device: its number or part of its name'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--say' = { Words }
                '--transcript' = { Words }
                '--record' = { Words }
                '--microphone' = { Ask 'inputs' }
                '--model' = { Words 'stepaudio-2.5-tts' 'stepaudio-3-tts' 'step-tts-2' 'step-tts-mini' }
                '-o' = { Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' }
                '--output' = { Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' }
                '--format' = { Words 'mp3' 'wav' 'flac' 'opus' 'pcm' }
                '--sample-rate' = { Words '8000' '16000' '22050' '24000' '48000' }
                '--device' = { Ask 'outputs' }
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' 'm4a' 'mp4' 'aac' 'aiff' 'webm' 'mkv' 'mov' 'avi'
                Ask 'voices'
                Words
            }
        }
        'voices clone' = @{
            Options = {
                Offer '--transcript' 'What the sample says'
                Offer '--record' 'Record S seconds from the microphone instead of reading a file'
                Offer '--microphone' 'Record from this device: its number or part of its name'
                Offer '--force' 'Send a sample that is not 5 to 10 s long'
                Offer '--name' 'Keep a name for the voice: -v NAME speaks in it'
                Offer '-y' 'Agree to the price beforehand'
                Offer '--yes' 'Agree to the price beforehand'
                Offer '--model' 'The model that speaks'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--transcript' = { Words }
                '--record' = { Words }
                '--microphone' = { Ask 'inputs' }
                '--name' = { Words }
                '--model' = { Words 'stepaudio-2.5-tts' 'stepaudio-3-tts' 'step-tts-2' 'step-tts-mini' }
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Files 'mp3' 'wav' 'flac' 'opus' 'ogg' 'pcm' 'raw' 'm4a' 'mp4' 'aac' 'aiff' 'webm' 'mkv' 'mov' 'avi'
                Words
            }
        }
        'devices' = @{
            Options = {
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'auth' = @{
            Options = {
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
            }
            Arguments = {
                Offer 'login' 'Keep an API key for later runs: typed without echo, or read from stdin'
                Offer 'status' 'Show which key is used, and ask the service whether it accepts it'
                Offer 'logout' 'Forget the kept key'
                Words
            }
        }
        'auth login' = @{
            Options = {
                Offer '--keyring' 'Keep the key in the system''s keyring, not in a file'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'auth status' = @{
            Options = {
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'auth logout' = @{
            Options = {
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'config' = @{
            Options = {
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
            }
            Arguments = {
                Offer 'path' 'Print where the config file is, or would be'
                Offer 'list' 'List everything that the config file sets'
                Offer 'get' 'Print what the config file sets KEY to; exit 1 where it does not'
                Offer 'set' 'Set KEY to VALUE; to several where the option can be repeated'
                Offer 'unset' 'Remove KEY, so that the default holds again'
                Words
            }
        }
        'config path' = @{
            Options = {
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'config list' = @{
            Options = {
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'config get' = @{
            Options = {
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words 'base-url' 'batch' 'cloned' 'debug' 'device' 'dry-run' 'duration' 'fault' 'file' 'flush-after' 'force' 'format' 'host' 'hotword' 'idle' 'instruction' 'jobs' 'json' 'keep' 'keep-upload' 'keyring' 'language' 'last' 'latency' 'literal' 'live' 'log' 'markdown' 'mic' 'microphone' 'mode' 'model' 'name' 'no-cache' 'no-itn' 'official' 'output' 'output-dir' 'pace' 'pcm' 'piece-minutes' 'play' 'port' 'pronounce' 'quiet' 'record' 'retries' 'sample-rate' 'sandbox' 'say' 'silence' 'skip-existing' 'speed' 'subtitles' 'threshold' 'timeout' 'transcript' 'verbose' 'voice' 'volume' 'wire-format' 'yes' 'auth.login.base-url' 'auth.login.debug' 'auth.login.json' 'auth.login.keyring' 'auth.login.quiet' 'auth.login.retries' 'auth.login.sandbox' 'auth.login.timeout' 'auth.login.verbose' 'auth.logout.base-url' 'auth.logout.debug' 'auth.logout.json' 'auth.logout.quiet' 'auth.logout.retries' 'auth.logout.sandbox' 'auth.logout.timeout' 'auth.logout.verbose' 'auth.status.base-url' 'auth.status.debug' 'auth.status.json' 'auth.status.quiet' 'auth.status.retries' 'auth.status.sandbox' 'auth.status.timeout' 'auth.status.verbose' 'config.get.base-url' 'config.get.debug' 'config.get.json' 'config.get.quiet' 'config.get.retries' 'config.get.sandbox' 'config.get.timeout' 'config.get.verbose' 'config.list.base-url' 'config.list.debug' 'config.list.json' 'config.list.quiet' 'config.list.retries' 'config.list.sandbox' 'config.list.timeout' 'config.list.verbose' 'config.path.base-url' 'config.path.debug' 'config.path.json' 'config.path.quiet' 'config.path.retries' 'config.path.sandbox' 'config.path.timeout' 'config.path.verbose' 'config.set.base-url' 'config.set.debug' 'config.set.json' 'config.set.quiet' 'config.set.retries' 'config.set.sandbox' 'config.set.timeout' 'config.set.verbose' 'config.unset.base-url' 'config.unset.debug' 'config.unset.json' 'config.unset.quiet' 'config.unset.retries' 'config.unset.sandbox' 'config.unset.timeout' 'config.unset.verbose' 'devices.base-url' 'devices.debug' 'devices.json' 'devices.quiet' 'devices.retries' 'devices.sandbox' 'devices.timeout' 'devices.verbose' 'doctor.base-url' 'doctor.debug' 'doctor.json' 'doctor.quiet' 'doctor.retries' 'doctor.sandbox' 'doctor.timeout' 'doctor.verbose' 'sandbox.base-url' 'sandbox.debug' 'sandbox.fault' 'sandbox.host' 'sandbox.idle' 'sandbox.json' 'sandbox.latency' 'sandbox.log' 'sandbox.pace' 'sandbox.port' 'sandbox.quiet' 'sandbox.retries' 'sandbox.sandbox' 'sandbox.timeout' 'sandbox.verbose' 'speak.base-url' 'speak.batch' 'speak.debug' 'speak.device' 'speak.dry-run' 'speak.file' 'speak.format' 'speak.instruction' 'speak.jobs' 'speak.json' 'speak.literal' 'speak.markdown' 'speak.model' 'speak.output' 'speak.output-dir' 'speak.play' 'speak.pronounce' 'speak.quiet' 'speak.retries' 'speak.sample-rate' 'speak.sandbox' 'speak.skip-existing' 'speak.speed' 'speak.timeout' 'speak.verbose' 'speak.voice' 'speak.volume' 'stream.base-url' 'stream.debug' 'stream.device' 'stream.file' 'stream.flush-after' 'stream.format' 'stream.instruction' 'stream.json' 'stream.literal' 'stream.markdown' 'stream.mode' 'stream.model' 'stream.output' 'stream.play' 'stream.pronounce' 'stream.quiet' 'stream.retries' 'stream.sample-rate' 'stream.sandbox' 'stream.speed' 'stream.subtitles' 'stream.timeout' 'stream.verbose' 'stream.voice' 'stream.volume' 'stream.wire-format' 'transcribe.base-url' 'transcribe.debug' 'transcribe.device' 'transcribe.dry-run' 'transcribe.duration' 'transcribe.format' 'transcribe.hotword' 'transcribe.jobs' 'transcribe.json' 'transcribe.keep' 'transcribe.language' 'transcribe.last' 'transcribe.live' 'transcribe.mic' 'transcribe.model' 'transcribe.no-cache' 'transcribe.no-itn' 'transcribe.output' 'transcribe.output-dir' 'transcribe.pcm' 'transcribe.piece-minutes' 'transcribe.quiet' 'transcribe.retries' 'transcribe.sandbox' 'transcribe.silence' 'transcribe.threshold' 'transcribe.timeout' 'transcribe.verbose' 'voices.clone.base-url' 'voices.clone.debug' 'voices.clone.force' 'voices.clone.json' 'voices.clone.microphone' 'voices.clone.model' 'voices.clone.name' 'voices.clone.quiet' 'voices.clone.record' 'voices.clone.retries' 'voices.clone.sandbox' 'voices.clone.timeout' 'voices.clone.transcript' 'voices.clone.verbose' 'voices.clone.yes' 'voices.list.base-url' 'voices.list.cloned' 'voices.list.debug' 'voices.list.json' 'voices.list.official' 'voices.list.quiet' 'voices.list.retries' 'voices.list.sandbox' 'voices.list.timeout' 'voices.list.verbose' 'voices.preview.base-url' 'voices.preview.debug' 'voices.preview.device' 'voices.preview.format' 'voices.preview.json' 'voices.preview.keep-upload' 'voices.preview.microphone' 'voices.preview.model' 'voices.preview.output' 'voices.preview.play' 'voices.preview.quiet' 'voices.preview.record' 'voices.preview.retries' 'voices.preview.sample-rate' 'voices.preview.sandbox' 'voices.preview.say' 'voices.preview.timeout' 'voices.preview.transcript' 'voices.preview.verbose'
                Words
            }
        }
        'config set' = @{
            Options = {
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words 'base-url' 'batch' 'cloned' 'debug' 'device' 'dry-run' 'duration' 'fault' 'file' 'flush-after' 'force' 'format' 'host' 'hotword' 'idle' 'instruction' 'jobs' 'json' 'keep' 'keep-upload' 'keyring' 'language' 'last' 'latency' 'literal' 'live' 'log' 'markdown' 'mic' 'microphone' 'mode' 'model' 'name' 'no-cache' 'no-itn' 'official' 'output' 'output-dir' 'pace' 'pcm' 'piece-minutes' 'play' 'port' 'pronounce' 'quiet' 'record' 'retries' 'sample-rate' 'sandbox' 'say' 'silence' 'skip-existing' 'speed' 'subtitles' 'threshold' 'timeout' 'transcript' 'verbose' 'voice' 'volume' 'wire-format' 'yes' 'auth.login.base-url' 'auth.login.debug' 'auth.login.json' 'auth.login.keyring' 'auth.login.quiet' 'auth.login.retries' 'auth.login.sandbox' 'auth.login.timeout' 'auth.login.verbose' 'auth.logout.base-url' 'auth.logout.debug' 'auth.logout.json' 'auth.logout.quiet' 'auth.logout.retries' 'auth.logout.sandbox' 'auth.logout.timeout' 'auth.logout.verbose' 'auth.status.base-url' 'auth.status.debug' 'auth.status.json' 'auth.status.quiet' 'auth.status.retries' 'auth.status.sandbox' 'auth.status.timeout' 'auth.status.verbose' 'config.get.base-url' 'config.get.debug' 'config.get.json' 'config.get.quiet' 'config.get.retries' 'config.get.sandbox' 'config.get.timeout' 'config.get.verbose' 'config.list.base-url' 'config.list.debug' 'config.list.json' 'config.list.quiet' 'config.list.retries' 'config.list.sandbox' 'config.list.timeout' 'config.list.verbose' 'config.path.base-url' 'config.path.debug' 'config.path.json' 'config.path.quiet' 'config.path.retries' 'config.path.sandbox' 'config.path.timeout' 'config.path.verbose' 'config.set.base-url' 'config.set.debug' 'config.set.json' 'config.set.quiet' 'config.set.retries' 'config.set.sandbox' 'config.set.timeout' 'config.set.verbose' 'config.unset.base-url' 'config.unset.debug' 'config.unset.json' 'config.unset.quiet' 'config.unset.retries' 'config.unset.sandbox' 'config.unset.timeout' 'config.unset.verbose' 'devices.base-url' 'devices.debug' 'devices.json' 'devices.quiet' 'devices.retries' 'devices.sandbox' 'devices.timeout' 'devices.verbose' 'doctor.base-url' 'doctor.debug' 'doctor.json' 'doctor.quiet' 'doctor.retries' 'doctor.sandbox' 'doctor.timeout' 'doctor.verbose' 'sandbox.base-url' 'sandbox.debug' 'sandbox.fault' 'sandbox.host' 'sandbox.idle' 'sandbox.json' 'sandbox.latency' 'sandbox.log' 'sandbox.pace' 'sandbox.port' 'sandbox.quiet' 'sandbox.retries' 'sandbox.sandbox' 'sandbox.timeout' 'sandbox.verbose' 'speak.base-url' 'speak.batch' 'speak.debug' 'speak.device' 'speak.dry-run' 'speak.file' 'speak.format' 'speak.instruction' 'speak.jobs' 'speak.json' 'speak.literal' 'speak.markdown' 'speak.model' 'speak.output' 'speak.output-dir' 'speak.play' 'speak.pronounce' 'speak.quiet' 'speak.retries' 'speak.sample-rate' 'speak.sandbox' 'speak.skip-existing' 'speak.speed' 'speak.timeout' 'speak.verbose' 'speak.voice' 'speak.volume' 'stream.base-url' 'stream.debug' 'stream.device' 'stream.file' 'stream.flush-after' 'stream.format' 'stream.instruction' 'stream.json' 'stream.literal' 'stream.markdown' 'stream.mode' 'stream.model' 'stream.output' 'stream.play' 'stream.pronounce' 'stream.quiet' 'stream.retries' 'stream.sample-rate' 'stream.sandbox' 'stream.speed' 'stream.subtitles' 'stream.timeout' 'stream.verbose' 'stream.voice' 'stream.volume' 'stream.wire-format' 'transcribe.base-url' 'transcribe.debug' 'transcribe.device' 'transcribe.dry-run' 'transcribe.duration' 'transcribe.format' 'transcribe.hotword' 'transcribe.jobs' 'transcribe.json' 'transcribe.keep' 'transcribe.language' 'transcribe.last' 'transcribe.live' 'transcribe.mic' 'transcribe.model' 'transcribe.no-cache' 'transcribe.no-itn' 'transcribe.output' 'transcribe.output-dir' 'transcribe.pcm' 'transcribe.piece-minutes' 'transcribe.quiet' 'transcribe.retries' 'transcribe.sandbox' 'transcribe.silence' 'transcribe.threshold' 'transcribe.timeout' 'transcribe.verbose' 'voices.clone.base-url' 'voices.clone.debug' 'voices.clone.force' 'voices.clone.json' 'voices.clone.microphone' 'voices.clone.model' 'voices.clone.name' 'voices.clone.quiet' 'voices.clone.record' 'voices.clone.retries' 'voices.clone.sandbox' 'voices.clone.timeout' 'voices.clone.transcript' 'voices.clone.verbose' 'voices.clone.yes' 'voices.list.base-url' 'voices.list.cloned' 'voices.list.debug' 'voices.list.json' 'voices.list.official' 'voices.list.quiet' 'voices.list.retries' 'voices.list.sandbox' 'voices.list.timeout' 'voices.list.verbose' 'voices.preview.base-url' 'voices.preview.debug' 'voices.preview.device' 'voices.preview.format' 'voices.preview.json' 'voices.preview.keep-upload' 'voices.preview.microphone' 'voices.preview.model' 'voices.preview.output' 'voices.preview.play' 'voices.preview.quiet' 'voices.preview.record' 'voices.preview.retries' 'voices.preview.sample-rate' 'voices.preview.sandbox' 'voices.preview.say' 'voices.preview.timeout' 'voices.preview.transcript' 'voices.preview.verbose'
                Words
            }
        }
        'config unset' = @{
            Options = {
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words 'base-url' 'batch' 'cloned' 'debug' 'device' 'dry-run' 'duration' 'fault' 'file' 'flush-after' 'force' 'format' 'host' 'hotword' 'idle' 'instruction' 'jobs' 'json' 'keep' 'keep-upload' 'keyring' 'language' 'last' 'latency' 'literal' 'live' 'log' 'markdown' 'mic' 'microphone' 'mode' 'model' 'name' 'no-cache' 'no-itn' 'official' 'output' 'output-dir' 'pace' 'pcm' 'piece-minutes' 'play' 'port' 'pronounce' 'quiet' 'record' 'retries' 'sample-rate' 'sandbox' 'say' 'silence' 'skip-existing' 'speed' 'subtitles' 'threshold' 'timeout' 'transcript' 'verbose' 'voice' 'volume' 'wire-format' 'yes' 'auth.login.base-url' 'auth.login.debug' 'auth.login.json' 'auth.login.keyring' 'auth.login.quiet' 'auth.login.retries' 'auth.login.sandbox' 'auth.login.timeout' 'auth.login.verbose' 'auth.logout.base-url' 'auth.logout.debug' 'auth.logout.json' 'auth.logout.quiet' 'auth.logout.retries' 'auth.logout.sandbox' 'auth.logout.timeout' 'auth.logout.verbose' 'auth.status.base-url' 'auth.status.debug' 'auth.status.json' 'auth.status.quiet' 'auth.status.retries' 'auth.status.sandbox' 'auth.status.timeout' 'auth.status.verbose' 'config.get.base-url' 'config.get.debug' 'config.get.json' 'config.get.quiet' 'config.get.retries' 'config.get.sandbox' 'config.get.timeout' 'config.get.verbose' 'config.list.base-url' 'config.list.debug' 'config.list.json' 'config.list.quiet' 'config.list.retries' 'config.list.sandbox' 'config.list.timeout' 'config.list.verbose' 'config.path.base-url' 'config.path.debug' 'config.path.json' 'config.path.quiet' 'config.path.retries' 'config.path.sandbox' 'config.path.timeout' 'config.path.verbose' 'config.set.base-url' 'config.set.debug' 'config.set.json' 'config.set.quiet' 'config.set.retries' 'config.set.sandbox' 'config.set.timeout' 'config.set.verbose' 'config.unset.base-url' 'config.unset.debug' 'config.unset.json' 'config.unset.quiet' 'config.unset.retries' 'config.unset.sandbox' 'config.unset.timeout' 'config.unset.verbose' 'devices.base-url' 'devices.debug' 'devices.json' 'devices.quiet' 'devices.retries' 'devices.sandbox' 'devices.timeout' 'devices.verbose' 'doctor.base-url' 'doctor.debug' 'doctor.json' 'doctor.quiet' 'doctor.retries' 'doctor.sandbox' 'doctor.timeout' 'doctor.verbose' 'sandbox.base-url' 'sandbox.debug' 'sandbox.fault' 'sandbox.host' 'sandbox.idle' 'sandbox.json' 'sandbox.latency' 'sandbox.log' 'sandbox.pace' 'sandbox.port' 'sandbox.quiet' 'sandbox.retries' 'sandbox.sandbox' 'sandbox.timeout' 'sandbox.verbose' 'speak.base-url' 'speak.batch' 'speak.debug' 'speak.device' 'speak.dry-run' 'speak.file' 'speak.format' 'speak.instruction' 'speak.jobs' 'speak.json' 'speak.literal' 'speak.markdown' 'speak.model' 'speak.output' 'speak.output-dir' 'speak.play' 'speak.pronounce' 'speak.quiet' 'speak.retries' 'speak.sample-rate' 'speak.sandbox' 'speak.skip-existing' 'speak.speed' 'speak.timeout' 'speak.verbose' 'speak.voice' 'speak.volume' 'stream.base-url' 'stream.debug' 'stream.device' 'stream.file' 'stream.flush-after' 'stream.format' 'stream.instruction' 'stream.json' 'stream.literal' 'stream.markdown' 'stream.mode' 'stream.model' 'stream.output' 'stream.play' 'stream.pronounce' 'stream.quiet' 'stream.retries' 'stream.sample-rate' 'stream.sandbox' 'stream.speed' 'stream.subtitles' 'stream.timeout' 'stream.verbose' 'stream.voice' 'stream.volume' 'stream.wire-format' 'transcribe.base-url' 'transcribe.debug' 'transcribe.device' 'transcribe.dry-run' 'transcribe.duration' 'transcribe.format' 'transcribe.hotword' 'transcribe.jobs' 'transcribe.json' 'transcribe.keep' 'transcribe.language' 'transcribe.last' 'transcribe.live' 'transcribe.mic' 'transcribe.model' 'transcribe.no-cache' 'transcribe.no-itn' 'transcribe.output' 'transcribe.output-dir' 'transcribe.pcm' 'transcribe.piece-minutes' 'transcribe.quiet' 'transcribe.retries' 'transcribe.sandbox' 'transcribe.silence' 'transcribe.threshold' 'transcribe.timeout' 'transcribe.verbose' 'voices.clone.base-url' 'voices.clone.debug' 'voices.clone.force' 'voices.clone.json' 'voices.clone.microphone' 'voices.clone.model' 'voices.clone.name' 'voices.clone.quiet' 'voices.clone.record' 'voices.clone.retries' 'voices.clone.sandbox' 'voices.clone.timeout' 'voices.clone.transcript' 'voices.clone.verbose' 'voices.clone.yes' 'voices.list.base-url' 'voices.list.cloned' 'voices.list.debug' 'voices.list.json' 'voices.list.official' 'voices.list.quiet' 'voices.list.retries' 'voices.list.sandbox' 'voices.list.timeout' 'voices.list.verbose' 'voices.preview.base-url' 'voices.preview.debug' 'voices.preview.device' 'voices.preview.format' 'voices.preview.json' 'voices.preview.keep-upload' 'voices.preview.microphone' 'voices.preview.model' 'voices.preview.output' 'voices.preview.play' 'voices.preview.quiet' 'voices.preview.record' 'voices.preview.retries' 'voices.preview.sample-rate' 'voices.preview.sandbox' 'voices.preview.say' 'voices.preview.timeout' 'voices.preview.transcript' 'voices.preview.verbose'
                Words
            }
        }
        'doctor' = @{
            Options = {
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
        'sandbox' = @{
            Options = {
                Offer '--host' 'Where to listen; beyond loopback only if told'
                Offer '--port' '0 picks a free port'
                Offer '--pace' 'Deliver sound at X times the speed of hearing it'
                Offer '--latency' 'Seconds before an answer''s first byte'
                Offer '--idle' 'End a silent realtime session after S seconds'
                Offer '--fault' 'Misbehave as SPEC says, see below'
                Offer '--log' 'Write what was asked to FILE, as JSON lines'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done, or a part of a long text'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '--host' = { Words }
                '--port' = { Words }
                '--pace' = { Words }
                '--latency' = { Words }
                '--idle' = { Words }
                '--fault' = { Words }
                '--log' = { Files }
                '--base-url' = { Words }
                '--timeout' = { Words }
                '--retries' = { Words }
            }
            Arguments = {
                Words
            }
        }
    }
    $program = "$($ast.CommandElements[0])"
    $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } |
        Select-Object -Skip 1 | ForEach-Object { "$_" })
    $command = ''
    foreach ($one in $before) {
        if ($one -like '-*') { continue }
        $below = "$command $one".Trim()
        if (-not $commands.ContainsKey($below)) { break }
        $command = $below
    }
    $here = $commands[$command]
    if ($before -notcontains '--') {
        $value = if ($before.Count) { $here.Values[$before[-1]] }
        if ($value) { return & $value }
        if ($word -like '-*') { return & $here.Options }
    }
    & $here.Arguments
}
