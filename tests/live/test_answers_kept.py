"""Answers of a source: asked once, kept, side by side where that is wanted, and anew once they are forgotten."""

import queue
import threading

import pytest

from intent import Unknown
from live.sources.answers import AT_ONCE, Answers


class Source:
    """Counts what it is asked; `gate` holds back every answer until it is set."""

    def __init__(self):
        self.asked = []
        self.gate = threading.Event()
        self.gate.set()
        self.busy = threading.Semaphore(0)

    def ask(self, question):
        self.asked.append(question)
        self.busy.release()
        assert self.gate.wait(10)
        if question == "mute":
            raise Unknown("it says nothing")
        return question.upper()


@pytest.fixture
def source():
    return Source()


def test_once_and_kept(source):
    answers = Answers(source.ask)
    assert [answers.get("a"), answers.get("a")] == ["A", "A"]
    assert source.asked == ["a"]
    assert answers.known() == {"a": "A"}


def test_why_there_is_none_is_kept_and_does_not_grow(source):
    answers = Answers(source.ask)
    depths = []
    for _ in range(4):
        with pytest.raises(Unknown, match="it says nothing") as caught:
            answers.get("mute")
        depths.append(len(caught.traceback))
    assert source.asked == ["mute"]
    assert len(set(depths)) == 1
    assert str(answers.known()["mute"]) == "it says nothing"


def test_anew_once_forgotten(source):
    answers = Answers(source.ask)
    answers.get("a")
    answers.forget()
    assert answers.known() == {}
    answers.get("a")
    assert source.asked == ["a", "a"]


def test_ahead_side_by_side_and_each_once(source):
    source.gate.clear()
    answers = Answers(source.ask)
    questions = [f"q{n}" for n in range(2 * AT_ONCE)]
    answers.ahead([*questions, *questions])
    for _ in range(AT_ONCE):
        assert source.busy.acquire(timeout=10)
    assert not source.busy.acquire(timeout=0.1), "no more at one time"
    assert answers.known() == {}
    source.gate.set()
    assert [answers.get(question) for question in questions] == [question.upper() for question in questions]
    assert sorted(source.asked) == sorted(questions)


def test_what_waits_for_its_turn_is_not_asked_once_forgotten(source):
    source.gate.clear()
    answers = Answers(source.ask)
    answers.ahead(f"q{n}" for n in range(AT_ONCE + 1))
    for _ in range(AT_ONCE):
        assert source.busy.acquire(timeout=10)
    answers.forget()
    source.gate.set()
    assert not source.busy.acquire(timeout=0.2)
    assert len(source.asked) == AT_ONCE


def test_what_is_known_is_not_asked(source):
    answers = Answers(source.ask)
    answers.keep("a", "told")
    answers.keep("b", Unknown("no snapshot"))
    assert answers.get("a") == "told"
    with pytest.raises(Unknown, match="no snapshot"):
        answers.get("b")
    assert source.asked == []


def test_an_interrupted_question_is_asked_again():
    def ask(question):
        if not calls:
            calls.append(question)
            raise KeyboardInterrupt
        return question

    calls = []
    answers = Answers(ask)
    with pytest.raises(KeyboardInterrupt):
        answers.get("a")
    assert answers.get("a") == "a"


def test_who_keeps_silent_keeps_nobody_else_waiting():
    """Forty are asked twenty questions each, and each has a queue of its own."""
    gone, answered = threading.Event(), queue.SimpleQueue()

    def ask(question):
        whom, _ = question
        if whom:
            gone.wait(60)
        answered.put(question)

    answers = Answers(ask)
    answers.ahead(((n % 40, n) for n in reversed(range(800))), whom=lambda question: question[0])
    try:
        assert {answered.get(timeout=30) for _ in range(20)} == {(0, n) for n in range(0, 800, 40)}
    finally:
        answers.forget()
        gone.set()
