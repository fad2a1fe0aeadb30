"""The sound of a text in its outputs: whole answers in files, early sound for listeners."""

from __future__ import annotations

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenSentence
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError, OutputError, QuotaError
from stepcli.tasks.speech import parts
from stepcli.tasks.speech.delivery import deliver_answer, deliver_parts
from stepcli.tasks.speech.prefetch import Prefetcher
from tests.support.memory_sink import MemorySink
from tests.support.part_store import MemoryStore
from tests.support.varying_speech import SAMPLES, VaryingSpeech, answers_in

PCM_1K = PCM(1000)
SENTENCES = ["This is the first one. ", "Here comes the second. ", "And the third of them."]
TEXT = "".join(SENTENCES)
LAST = "Another part."


def speak(
    service: VaryingSpeech, live: list[MemorySink], files: list[MemorySink], store: MemoryStore
) -> int:
    requests = [SpeechRequest(text) for text in (TEXT, LAST)]
    parts = Prefetcher(requests, service.speak, store, PCM_1K, retries=3, files=bool(files))
    return deliver_parts(parts, PCM_1K, live, files).size


@pytest.mark.parametrize("cut", [0, 333, 1500, 4000])
def test_file_has_every_part_from_a_single_answer(cut: int) -> None:
    """What was received of a truncated answer was not written to it."""
    service, file, store = VaryingSpeech({TEXT: [cut, cut + 1]}), MemorySink(), MemoryStore()
    assert speak(service, [], [file], store) == len(file.data)
    assert answers_in(file.data) == [(3, SAMPLES * len(TEXT)), (4, SAMPLES * len(LAST))]
    assert service.texts == [TEXT, TEXT, TEXT, LAST]


def test_listener_who_heard_nothing_gets_the_part_from_a_single_answer() -> None:
    service, listener = VaryingSpeech({TEXT: [0, 0]}), MemorySink()
    speak(service, [listener], [], MemoryStore())
    assert answers_in(listener.data) == [(3, SAMPLES * len(TEXT)), (4, SAMPLES * len(LAST))]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sound be delivered far ahead, so that no test waits for it to be heard."""
    monkeypatch.setattr(parts, "LEAD", 60.0)


def heard_until(size: int) -> tuple[VaryingSpeech, MemorySink]:
    """Return a service whose first answer is cut when the listener has got `size` bytes."""
    listener = MemorySink()
    service = VaryingSpeech({TEXT: [size]}, before_cut=lambda: listener.wait_for(size))
    return service, listener


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(("seconds", "rest"), [(0.5, 0), (2.9, 0), (3.1, 1), (6.2, 2)])
def test_heard_part_continues_with_the_sentence_that_was_cut(seconds: float, rest: int) -> None:
    """Spoken slowly, the first sentence takes 3.0 s and the second one 3.2 s."""
    size = 2 * round(1000 * seconds)
    service, listener = heard_until(size)
    store = MemoryStore()
    speak(service, [listener], [], store)
    continued = "".join(SENTENCES[rest:])
    assert service.texts == [TEXT, continued, LAST]
    assert answers_in(listener.data) == [
        (1, size // 2),
        (2, SAMPLES * len(continued)),
        (3, SAMPLES * len(LAST)),
    ]
    assert all(len(answers_in(sound)) == 1 for sound in store.finished.values())
    assert (0 in store.finished) is (rest == 0)


@pytest.mark.usefixtures("eager")
def test_file_beside_a_listener_gets_the_part_from_a_single_answer() -> None:
    size = 2 * 3800
    service, listener = heard_until(size)
    file, store = MemorySink(), MemoryStore()
    speak(service, [listener], [file], store)
    assert service.texts == [TEXT, "".join(SENTENCES[1:]), TEXT, LAST]
    assert [number for number, _ in answers_in(listener.data)] == [1, 2, 4]
    assert answers_in(file.data) == [(3, SAMPLES * len(TEXT)), (4, SAMPLES * len(LAST))]
    assert store.finished[0] == file.data[: len(store.finished[0])]


@pytest.mark.usefixtures("eager")
def test_answer_for_the_file_is_repeated_also_after_the_end_of_playback() -> None:
    """The last part is truncated twice: during playback, and again when it is requested whole."""
    listener, file = MemorySink(), MemorySink()
    before_last = 2 * SAMPLES * len(LAST)
    service = VaryingSpeech(
        {TEXT: [2 * 3800, 500]}, before_cut=lambda: listener.wait_for(before_last + 2 * 3800)
    )
    requests = [SpeechRequest(text) for text in (LAST, TEXT)]
    prefetcher = Prefetcher(requests, service.speak, MemoryStore(), PCM_1K, retries=1, files=True)
    deliver_parts(prefetcher, PCM_1K, [listener], [file])
    assert service.texts == [LAST, TEXT, "".join(SENTENCES[1:]), TEXT, TEXT]
    assert answers_in(file.data) == [(1, SAMPLES * len(LAST)), (5, SAMPLES * len(TEXT))]


def test_failed_sink_lets_what_is_under_way_arrive_and_be_kept() -> None:
    service, store = VaryingSpeech(), MemoryStore()
    with pytest.raises(OutputError):
        speak(service, [], [MemorySink(room=100)], store)
    assert answers_in(store.finished[0]) == [(1, SAMPLES * len(TEXT))]


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("with_file", [False, True])
def test_passages_are_those_of_the_file_or_else_of_the_listener(with_file: bool) -> None:
    """What was cut ends where the following answer begins."""
    size = 2 * 3800
    service, listener = heard_until(size)
    requests = [SpeechRequest(text, timestamp=True) for text in (TEXT, LAST)]
    store = MemoryStore()
    parts = Prefetcher(requests, service.speak, store, PCM_1K, retries=3, files=with_file)
    result = deliver_parts(parts, PCM_1K, [listener], [MemorySink()] if with_file else [])
    rest = "".join(SENTENCES[1:])
    whole = [(TEXT, TEXT, 2 * SAMPLES * len(TEXT))]
    heard = [(SENTENCES[0], TEXT, size), (rest, rest, 2 * SAMPLES * len(rest))]
    last = (LAST, LAST, 2 * SAMPLES * len(LAST))
    assert [(one.text, one.sentences[0].text, one.size) for one in result.passages] == [
        *(whole if with_file else heard), last,
    ]  # fmt: skip
    assert [sentence.text for sentence in store.sentences[1]] == [LAST]


def test_kept_parts_have_the_word_times_that_were_kept() -> None:
    store = MemoryStore(_0=b"\7\7")
    store.keep_sentences(0, [SpokenSentence("One.", ())])
    request = SpeechRequest("One.", timestamp=True)
    parts = Prefetcher([request], VaryingSpeech().speak, store, PCM_1K)
    assert deliver_parts(parts, PCM_1K, [], [MemorySink()]).passages[0].sentences[0].text == "One."
    answer = deliver_answer(request, VaryingSpeech().speak, store, MemorySink())
    assert answer.passages[0].sentences[0].text == "One."


def answered(
    service: VaryingSpeech, sink: MemorySink, store: MemoryStore | None = None
) -> tuple[int, MemoryStore]:
    store = store or MemoryStore()
    return deliver_answer(SpeechRequest(TEXT), service.speak, store, sink).size, store


def test_single_answer_is_written_unchanged() -> None:
    sink = MemorySink()
    size, _ = answered(VaryingSpeech(), sink)
    assert size == len(sink.data) == 2 * SAMPLES * len(TEXT)


@pytest.mark.parametrize("room", [0, 1, 1000, 5000])
def test_single_answer_is_kept_whole_when_its_output_fails(room: int) -> None:
    """The next run writes it without another request."""
    service, store = VaryingSpeech(), MemoryStore()
    with pytest.raises(OutputError):
        answered(service, MemorySink(room), store)
    kept = store.finished[0]
    assert answers_in(kept) == [(1, SAMPLES * len(TEXT))]
    sink = MemorySink()
    assert answered(service, sink, MemoryStore(_0=kept))[0] == len(kept)
    assert sink.data == kept
    assert len(service.texts) == 1


def test_truncated_single_answer_is_not_kept() -> None:
    store = MemoryStore()
    with pytest.raises(NetworkError):
        answered(VaryingSpeech({TEXT: [1500]}), MemorySink(), store)
    assert [part.state for _, part in store.begun] == ["discarded"]


def test_refused_request_keeps_nothing() -> None:
    store = MemoryStore()
    with pytest.raises(QuotaError):
        answered(VaryingSpeech(failures={TEXT: QuotaError("no")}), MemorySink(), store)
    assert store.begun == []
