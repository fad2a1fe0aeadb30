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
                Offer '--install-completion' 'Install completion for the current shell'
                Offer '--show-completion' 'Print the completion script for the current shell'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
            }
            Arguments = {
                Offer 'speak' 'Speak text of any length: play it, write it to a file, or both'
                Offer 'stream' 'Speak text while it is still being written, from a pipe or a prompt'
                Offer 'transcribe' 'Transcribe audio of any format and length'
                Offer 'voices' 'List, preview and clone voices'
                Offer 'devices' 'List the audio devices'
                Offer 'auth' 'Store, check and remove the API key'
                Offer 'config' 'Show and change the config file'
                Offer 'doctor' 'Check the setup and suggest fixes'
                Offer 'sandbox' 'Run a local stand-in for the service, with real speech and recognition'
                Words
            }
        }
        'speak' = @{
            Options = {
                Offer '-f' 'Read the text from FILE'
                Offer '--file' 'Read the text from FILE'
                Offer '-v' 'Voice to use: an official voice, the id of a cloned voice, or an alias'
                Offer '--voice' 'Voice to use: an official voice, the id of a cloned voice, or an alias'
                Offer '-i' 'How to speak, such as ''whispering, out of breath'''
                Offer '--instruction' 'How to speak, such as ''whispering, out of breath'''
                Offer '--speed' 'Speed factor, 0.5 to 2.0'
                Offer '--volume' 'Volume factor, 0.1 to 2.0'
                Offer '--pronounce' 'Pronounce A as B, such as ''LOL/laugh out loudly'' or ''??/e1?'''
                Offer '--literal' 'Speak text in ( ) instead of following it as a stage direction'
                Offer '--markdown' 'Remove Markdown formatting before speaking'
                Offer '--model' 'Speech model'
                Offer '-o' 'Write the audio to FILE; ''-'' is stdout'
                Offer '--output' 'Write the audio to FILE; ''-'' is stdout'
                Offer '--play' 'Play the audio as well as writing FILE'
                Offer '--format' 'Audio format: mp3, wav, flac, opus or pcm'
                Offer '--sample-rate' 'Sample rate: 8000, 16000, 22050, 24000 or 48000'
                Offer '--device' 'Output device: its number or part of its name'
                Offer '--jobs' 'Maximum number of parallel requests'
                Offer '--dry-run' 'Show the requests and their estimated cost without sending them'
                Offer '--batch' 'Speak each line of FILE into its own file'
                Offer '--output-dir' 'Directory for the files of a batch'
                Offer '--skip-existing' 'Skip lines whose file already exists in DIR'
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '-v' 'Voice to use: an official voice, the id of a cloned voice, or an alias'
                Offer '--voice' 'Voice to use: an official voice, the id of a cloned voice, or an alias'
                Offer '-i' 'How to speak, such as ''whispering, out of breath'''
                Offer '--instruction' 'How to speak, such as ''whispering, out of breath'''
                Offer '--speed' 'Speed factor, 0.5 to 2.0'
                Offer '--volume' 'Volume factor, 0.1 to 2.0'
                Offer '--pronounce' 'Pronounce A as B, such as ''LOL/laugh out loudly'' or ''??/e1?'''
                Offer '--literal' 'Speak text in ( ) instead of following it as a stage direction'
                Offer '--markdown' 'Remove Markdown formatting before speaking'
                Offer '--model' 'Speech model'
                Offer '-o' 'Write the audio to FILE; ''-'' is stdout'
                Offer '--output' 'Write the audio to FILE; ''-'' is stdout'
                Offer '--play' 'Play the audio as well as writing FILE'
                Offer '--format' 'Audio format: mp3, wav, flac, opus or pcm'
                Offer '--sample-rate' 'Sample rate: 8000, 16000, 22050, 24000 or 48000'
                Offer '--device' 'Output device: its number or part of its name'
                Offer '--subtitles' 'Write subtitles to FILE, in the format of its extension: .srt or .vtt'
                Offer '--flush-after' 'Speak an incomplete sentence after MS milliseconds without new text'
                Offer '--mode' 'How the service splits text: default collects words into sentences, sentence splits at ???!?; auto uses sentence for TEXT and -f, default for stdin'
                Offer '--wire-format' 'Audio format for the transfer: pcm, or mp3_stream or opus_stream for slow connections (requires ffmpeg)'
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '-l' 'Spoken language: zh or en'
                Offer '--language' 'Spoken language: zh or en'
                Offer '--hotword' 'Word or name that is likely to occur'
                Offer '--no-itn' 'Keep numbers and dates as spoken words'
                Offer '--model' 'Recognition model'
                Offer '--pcm' 'Read the input as raw signed 16-bit little-endian samples'
                Offer '--piece-minutes' 'Split longer recordings at a pause before M minutes'
                Offer '--jobs' 'Maximum number of parallel requests'
                Offer '--mic' 'Record from the microphone until Enter, Ctrl-C or a pause'
                Offer '--live' 'Keep recording after a pause, and print each utterance when it ends'
                Offer '--last' 'Transcribe the last recording again'
                Offer '--device' 'Input device: its number or part of its name'
                Offer '--silence' 'Seconds without speech that end an utterance'
                Offer '--duration' 'Stop recording after S seconds'
                Offer '--threshold' 'Probability from which a sound counts as speech; lower it for a quiet voice'
                Offer '--keep' 'Save the recording to FILE'
                Offer '--format' 'Transcript format: text, json, jsonl, srt, vtt or tsv'
                Offer '-o' 'Write the transcript to FILE; ''-'' is stdout'
                Offer '--output' 'Write the transcript to FILE; ''-'' is stdout'
                Offer '--output-dir' 'Write each transcript to its own file in DIR'
                Offer '--dry-run' 'Show the pieces and their estimated cost without sending them'
                Offer '--no-cache' 'Discard the results kept from a failed run, and keep none from this run'
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer 'list' 'List official and cloned voices with their aliases'
                Offer 'preview' 'Preview a voice, or a clone of a sample without creating it'
                Offer 'clone' 'Clone a voice from 5 to 10 seconds of speech and print its id'
                Words
            }
        }
        'voices list' = @{
            Options = {
                Offer '--cloned' 'List only cloned voices'
                Offer '--official' 'List only official voices'
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--say' 'Sentence to speak; about 50 characters'
                Offer '--transcript' 'Text spoken in the sample'
                Offer '--record' 'Record S seconds from the microphone instead of reading a file'
                Offer '--microphone' 'Input device: its number or part of its name'
                Offer '--keep-upload' 'Keep the uploaded sample in the account''s file storage'
                Offer '--model' 'Speech model'
                Offer '-o' 'Write the audio to FILE; ''-'' is stdout'
                Offer '--output' 'Write the audio to FILE; ''-'' is stdout'
                Offer '--play' 'Play the audio as well as writing FILE'
                Offer '--format' 'Audio format: mp3, wav, flac, opus or pcm'
                Offer '--sample-rate' 'Sample rate: 8000, 16000, 22050, 24000 or 48000'
                Offer '--device' 'Output device: its number or part of its name'
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--transcript' 'Text spoken in the sample'
                Offer '--record' 'Record S seconds from the microphone instead of reading a file'
                Offer '--microphone' 'Input device: its number or part of its name'
                Offer '--force' 'Accept a sample that is shorter than 5 s or longer than 10 s'
                Offer '--name' 'Define NAME as an alias of the new voice, for use with -v'
                Offer '-y' 'Accept the price without being asked'
                Offer '--yes' 'Accept the price without being asked'
                Offer '--model' 'Speech model'
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer 'login' 'Store an API key, entered without echo or read from stdin'
                Offer 'status' 'Show which API key is used and check it with the service'
                Offer 'logout' 'Remove the stored API key'
                Words
            }
        }
        'auth login' = @{
            Options = {
                Offer '--keyring' 'Store the key in the system keyring instead of a file'
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer 'path' 'Print the path of the config file'
                Offer 'list' 'List the settings in the config file'
                Offer 'get' 'Print the value of KEY; exit with 1 if it is not set'
                Offer 'set' 'Set KEY to VALUE, or to several values for a repeatable option'
                Offer 'unset' 'Remove KEY to restore the default'
                Words
            }
        }
        'config path' = @{
            Options = {
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
                Offer '--host' 'Address to listen on'
                Offer '--port' 'Port to listen on; 0 picks a free port'
                Offer '--pace' 'Send audio at X times real time'
                Offer '--latency' 'Delay in seconds before the first byte of a response'
                Offer '--idle' 'Close an idle realtime session after S seconds'
                Offer '--fault' 'Inject a fault, as described under Faults'
                Offer '--log' 'Append requests and responses to FILE as JSON Lines'
                Offer '--json' 'Print one JSON object to stdout instead of text'
                Offer '-q' 'Print only results and errors'
                Offer '--quiet' 'Print only results and errors'
                Offer '--verbose' 'Print more details to stderr'
                Offer '--debug' 'Log all network traffic to stderr, with API keys masked'
                Offer '--base-url' 'Base URL of the service'
                Offer '--sandbox' 'Use a private local sandbox; needs no account and no network'
                Offer '--timeout' 'Maximum seconds without receiving data; does not limit the total time'
                Offer '--retries' 'Maximum retries for failed requests that are safe to repeat and for truncated parts of a long text'
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
