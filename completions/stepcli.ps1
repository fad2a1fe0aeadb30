# Completion of stepcli for PowerShell; made from its commands by python -m stepcli.cli.pages

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
        $lines = & $program 2>$null
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
                Offer 'transcribe' 'Transcribe sound'
                Offer 'devices' 'List the audio devices of this machine'
                Offer 'sandbox' 'Serve a stand-in for the service on this machine: real speech, real recognition, no account'
                Words
            }
        }
        'speak' = @{
            Options = {
                Offer '-f' 'Read the text from FILE'
                Offer '--file' 'Read the text from FILE'
                Offer '-v' 'An official voice, or the id of a cloned one'
                Offer '--voice' 'An official voice, or the id of a cloned one'
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
                Offer '--retries' 'How often to try again what surely was not done'
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
        'transcribe' = @{
            Options = {
                Offer '-l' 'zh or en'
                Offer '--language' 'zh or en'
                Offer '--hotword' 'A word to listen for'
                Offer '--no-itn' 'Leave numbers and dates as they were spoken'
                Offer '--model' 'The model that listens'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
                Offer '--base-url' 'The service''s plan base'
                Offer '--sandbox' 'Run against a private local sandbox: no account, no network'
                Offer '--timeout' 'Seconds of silence allowed between bytes; no cap on the whole'
                Offer '--retries' 'How often to try again what surely was not done'
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
                '-l' = { Words 'en' 'zh' }
                '--language' = { Words 'en' 'zh' }
                '--hotword' = { Words }
                '--model' = { Words 'stepaudio-2.5-asr' }
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
                Offer '-h' 'Show this message and exit'
                Offer '--help' 'Show this message and exit'
            }
            Values = @{
            }
            Arguments = {
                Words
            }
        }
        'sandbox' = @{
            Options = {
                Offer '--host' 'Where to listen; beyond loopback only if told'
                Offer '--port' '0 picks a free port'
                Offer '--pace' 'Deliver sound at X times real time'
                Offer '--latency' 'Seconds before an answer''s first byte'
                Offer '--idle' 'End a silent realtime session after S'
                Offer '--fault' 'Misbehave'
                Offer '--log' 'Write what was asked, as JSON lines'
                Offer '--json' 'One JSON object on stdout instead of text'
                Offer '-q' 'Only results and errors'
                Offer '--quiet' 'Only results and errors'
                Offer '--verbose' 'Say more on stderr'
                Offer '--debug' 'Log what goes over the wire, keys masked'
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
