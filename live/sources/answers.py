"""Answers of a source: each question is asked once and its answer kept, until all are forgotten before a second pass.

Where there is no answer, the error is kept and raised again. Several questions can be asked ahead, in threads, each
service or host with a queue of its own, so that one that does not answer delays no other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

AT_ONCE = 16
"""Questions under way at one time: what a service bears without noticing, and a round trip each no more adds up."""
THREADS = 256
"""Questions under way to all who are asked; each gets two, however many they are."""

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Answers(Generic[Question, Answer]):
    """Answers by question. `ask` gives one or raises why there is none; it ends by itself, in whatever thread."""

    def __init__(self, ask: Callable[[Question], Answer]) -> None:
        self._ask = ask
        self._answers: dict[Question, Future[Answer]] = {}
        self._ready: dict[Question, Answer] = {}
        """Answers that were given once: every check of a site asks for the same one, and a future's locks take time."""

    def get(self, question: Question) -> Answer:
        """The answer: kept, under way, or asked for now. Raises what asking raised, the same each time."""
        if question in self._ready:
            return self._ready[question]
        if question not in self._answers:
            future = self._answers[question] = Future()
            try:
                self._answer(question, future)
            except BaseException:
                del self._answers[question]  # interrupted: nothing is known
                raise
        if (error := self._answers[question].exception()) is not None:
            raise error.with_traceback(None)  # else it grows by every caller that it passes
        answer = self._ready[question] = self._answers[question].result()
        return answer

    def ahead(
        self, questions: Iterable[Question], whom: Callable[[Question], Hashable] = lambda _question: None
    ) -> None:
        """Ask those that have not been asked, some side by side, and wait for none of them.

        `whom`: who is asked a question; each of them has a queue of its own.
        """
        queues: dict[Hashable, SimpleQueue[tuple[Question, Future[Answer]]]] = defaultdict(SimpleQueue)
        for question in dict.fromkeys(questions):
            if question not in self._answers:
                self._answers[question] = Future()
                queues[whom(question)].put((question, self._answers[question]))
        for queue in queues.values():
            for _ in range(min(queue.qsize(), AT_ONCE, max(2, THREADS // len(queues)))):
                # Nobody has to wait for such a thread at the end of the run, whatever its question hangs on.
                Thread(target=self._answer_all, args=(queue,), daemon=True).start()

    def keep(self, question: Question, answer: Answer | Exception) -> None:
        """Take an answer that is known already, or why there is none."""
        self._ready.pop(question, None)
        future = self._answers[question] = Future()
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)

    def known(self) -> dict[Question, Answer | BaseException]:
        """Every question that has been answered, with its answer or why there is none; nothing is asked for it."""
        done = {question: future for question, future in self._answers.items() if future.done()}
        return {question: future.exception() or future.result() for question, future in done.items()}

    def forget(self) -> None:
        """Ask anew from now on; what still waits for its turn is not asked any more."""
        for future in self._answers.values():
            future.cancel()
        self._answers, self._ready = {}, {}

    def _answer_all(self, queue: SimpleQueue[tuple[Question, Future[Answer]]]) -> None:
        while True:
            try:
                self._answer(*queue.get_nowait())
            except Empty:
                return

    def _answer(self, question: Question, future: Future[Answer]) -> None:
        if future.set_running_or_notify_cancel():
            try:
                answer = self._ask(question)
            except Exception as error:  # noqa: BLE001 -- raised where the answer is wanted
                future.set_exception(error)
            else:
                future.set_result(answer)
