"""The patterns: each file holds one function, written as a teacher would write it.

To add one, write its file and name it in `PATTERNS`; see docs/add-a-pattern.md.
"""

from collections.abc import Callable
from typing import Any

from core.jobs import JobKind
from core.pattern import AtOnce, OnFailure, Pattern
from core.patterns.as_completed import as_completed
from core.patterns.asyncio_run import asyncio_run
from core.patterns.awaited_child import after_child, awaited_child
from core.patterns.awaits_itself import awaits_itself
from core.patterns.barrier import barrier
from core.patterns.blocking_call import blocking_call
from core.patterns.blocking_child import blocking_child
from core.patterns.blocking_loop import blocking_loop
from core.patterns.bounded_queue import bounded_queue
from core.patterns.call_soon_threadsafe import call_soon_threadsafe
from core.patterns.cancel_tasks import cancel_tasks
from core.patterns.condition import condition
from core.patterns.create_task import create_task
from core.patterns.deadlock import deadlock
from core.patterns.debug_mode import debug_mode
from core.patterns.drain_queue import drain_queue, until_the_signal
from core.patterns.drained import drained
from core.patterns.eager_tasks import eager_tasks
from core.patterns.event import event, event_schedule
from core.patterns.every_error import every_error
from core.patterns.except_star import except_star, except_star_schedule
from core.patterns.first_error import first_error
from core.patterns.forgotten_tasks import forgotten_tasks
from core.patterns.full_pool import full_pool, full_pool_schedule
from core.patterns.gather import gather
from core.patterns.gather_error import gather_error
from core.patterns.gather_exceptions import gather_exceptions
from core.patterns.gather_results import gather_results
from core.patterns.get_event_loop import get_event_loop
from core.patterns.gives_way import gives_way
from core.patterns.greedy import greedy
from core.patterns.hammer import hammer
from core.patterns.leave_group import leave_group
from core.patterns.left_by_break import left_by_break
from core.patterns.lock_order import lock_order
from core.patterns.loop_by_hand import loop_by_hand
from core.patterns.lost_update import lost_update
from core.patterns.nested_groups import nested_groups, nested_groups_schedule
from core.patterns.nested_run import nested_run
from core.patterns.nested_timeouts import nested_timeouts
from core.patterns.never_awaited import never_awaited
from core.patterns.ordinary_tasks import ordinary_tasks
from core.patterns.own_context import own_context
from core.patterns.own_pool import own_pool
from core.patterns.pool_in_with import pool_in_with
from core.patterns.queue_workers import queue_workers
from core.patterns.rate_limited import rate_limited, rate_limited_schedule
from core.patterns.retry_with_backoff import retry_with_backoff
from core.patterns.run_coroutine_threadsafe import run_coroutine_threadsafe
from core.patterns.run_in_executor import run_in_executor
from core.patterns.runner import runner, runner_schedule
from core.patterns.semaphore import semaphore
from core.patterns.sequential import sequential
from core.patterns.set_after import set_after
from core.patterns.set_before import set_before
from core.patterns.set_from_thread import set_from_thread
from core.patterns.shield import shield
from core.patterns.shield_awaited import shield_awaited
from core.patterns.shut_down_queue import shut_down_queue
from core.patterns.stop_at_once import stop_at_once
from core.patterns.stop_group import stop_group
from core.patterns.task_group import task_group
from core.patterns.thread_limiter import thread_limiter, thread_limiter_schedule
from core.patterns.thread_timeout import thread_timeout
from core.patterns.threads import threads
from core.patterns.timeout import timeout
from core.patterns.to_thread import to_thread, to_thread_schedule
from core.patterns.try_each import try_each
from core.patterns.unbounded_queue import unbounded_queue
from core.patterns.undrained import undrained
from core.patterns.unreferenced_tasks import unreferenced_tasks
from core.patterns.wait_first import wait_first
from core.patterns.wait_for import wait_for
from core.patterns.with_aclosing import with_aclosing
from core.patterns.with_lock import with_lock

_ONE, _ALL, _LIMIT = AtOnce.ONE, AtOnce.ALL, AtOnce.LIMIT
_BLOCKING = JobKind.BLOCKING
_RAISES, _WAITS = OnFailure.RAISES, OnFailure.WAITS
_IN_TURN, _GOES_ON = OnFailure.IN_TURN, OnFailure.GOES_ON


def _until_timeout(run: Any) -> None:
    """Plan jobs that are done again and again, at most until their time-out."""
    places = run.places(run.count)
    for _ in range(run.count):
        run.add(places, more_ns=run.timeout_ns)


def _in_threads(function: Callable[..., Any]) -> Pattern:
    return Pattern(
        function=function,
        at_once=_ALL,
        arranges=_BLOCKING,
        on_failure=_GOES_ON,
        thread_per_job=True,
        tasks_are_jobs=True,
    )


def _with_two_locks(function: Callable[..., Any]) -> Pattern:
    return Pattern(
        function=function,
        at_once=_ONE,
        on_failure=_GOES_ON,
        tasks_are_jobs=True,
        gives_up_after=3,
    )


def _asking_again(function: Callable[..., Any]) -> Pattern:
    return Pattern(
        function=function,
        schedule=_until_timeout,
        has_ideal=False,
        on_failure=_GOES_ON,
        asks_again=True,
        gives_up_after=10,  # for a job that is refused again and again, its own length is no time
        tasks_are_jobs=True,
    )


def _with_children(function: Callable[..., Any]) -> Pattern:
    return Pattern(
        function=function,
        schedule=after_child,
        on_failure=_WAITS,
        process_per_job=True,
        most_tasks=32,  # one after another they take some seconds
        tasks_are_jobs=True,
    )


def _in_groups(function: Callable[..., Any], schedule: Callable[[Any], None]) -> Pattern:
    return Pattern(function=function, schedule=schedule, on_failure=_WAITS, tasks_are_jobs=True)


def _of_messages(function: Callable[..., Any]) -> Pattern:
    return Pattern(
        function=function,
        at_once=_ONE,
        most_tasks=100,  # of 1 MB each
        tells_by_results=True,
    )


PATTERNS = {
    pattern.name: pattern
    for pattern in (
        Pattern(function=sequential, at_once=_ONE),
        Pattern(function=create_task, at_once=_ALL, on_failure=_IN_TURN),
        Pattern(function=gather, at_once=_ALL),
        Pattern(function=gather_results, at_once=_ALL),
        Pattern(function=run_in_executor, at_once=AtOnce.WORKERS, arranges=_BLOCKING),
        Pattern(function=task_group, at_once=_ALL, on_failure=_WAITS),
        Pattern(
            function=threads,
            at_once=_ALL,
            arranges=_BLOCKING,
            on_failure=_GOES_ON,
            thread_per_job=True,
        ),
        Pattern(function=blocking_loop, at_once=_ONE, arranges=_BLOCKING),
        Pattern(function=blocking_call, at_once=_ALL),
        Pattern(function=pool_in_with, at_once=_ALL),
        Pattern(function=to_thread, schedule=to_thread_schedule),
        Pattern(function=never_awaited, at_once=_ALL, on_failure=_GOES_ON),
        Pattern(function=forgotten_tasks, at_once=_ALL, on_failure=_GOES_ON),
        Pattern(function=unreferenced_tasks, at_once=_ALL, on_failure=_GOES_ON),
        Pattern(function=gather_error, at_once=_ALL, on_failure=_GOES_ON),
        Pattern(function=gather_exceptions, at_once=_ALL, on_failure=_GOES_ON),
        Pattern(function=try_each, at_once=_ALL, on_failure=_GOES_ON),
        Pattern(function=cancel_tasks, at_once=_ALL, on_failure=_GOES_ON),
        Pattern(function=timeout, at_once=_ALL),
        Pattern(function=wait_for, at_once=_ALL, on_failure=_GOES_ON),
        Pattern(
            function=thread_timeout,
            at_once=AtOnce.WORKERS,
            arranges=_BLOCKING,
            on_failure=_GOES_ON,
        ),
        Pattern(function=asyncio_run, at_once=_ALL, on_failure=_WAITS, makes_loop=True),
        Pattern(function=loop_by_hand, at_once=_ALL, makes_loop=True),
        Pattern(function=get_event_loop, at_once=_ALL, makes_loop=True),
        Pattern(
            function=runner,
            schedule=runner_schedule,
            on_failure=_WAITS,
            makes_loop=True,
        ),
        Pattern(function=nested_run, at_once=_ALL),
        Pattern(function=semaphore, at_once=_LIMIT),
        Pattern(function=queue_workers, at_once=_LIMIT),
        Pattern(function=as_completed, at_once=_ALL),
        Pattern(function=wait_first, at_once=_ALL),
        _with_two_locks(deadlock),
        _with_two_locks(lock_order),
        Pattern(function=awaits_itself, at_once=_ALL, on_failure=_GOES_ON, tasks_are_jobs=True),
        Pattern(function=lost_update, at_once=_ALL, tasks_are_jobs=True),
        Pattern(function=with_lock, at_once=_ONE, tasks_are_jobs=True),
        Pattern(function=greedy, at_once=_ALL),
        Pattern(function=gives_way, at_once=_ALL),
        Pattern(function=unbounded_queue, at_once=_LIMIT),
        Pattern(function=bounded_queue, at_once=_LIMIT),
        Pattern(function=shut_down_queue, at_once=_LIMIT, least_python=(3, 13)),
        _of_messages(undrained),
        _of_messages(drained),
        Pattern(function=shield, at_once=_ALL, cancels_at_timeout=False),
        Pattern(function=shield_awaited, at_once=_ALL, cancels_at_timeout=False),
        Pattern(
            function=leave_group, at_once=_ALL, on_failure=_WAITS, cancels_at_timeout=False
        ),
        Pattern(function=stop_group, at_once=_ALL, on_failure=_WAITS),
        Pattern(function=nested_timeouts, at_once=_ALL, on_failure=_GOES_ON, tasks_are_jobs=True),
        Pattern(function=stop_at_once, schedule=until_the_signal, on_failure=_GOES_ON),
        Pattern(
            function=drain_queue,
            schedule=until_the_signal,
            on_failure=_GOES_ON,
            cancels_at_timeout=False,
        ),
        _asking_again(hammer),
        Pattern(
            function=rate_limited,
            schedule=rate_limited_schedule,
            on_failure=_GOES_ON,
            tasks_are_jobs=True,
        ),
        _asking_again(retry_with_backoff),
        Pattern(function=first_error, at_once=_ALL, on_failure=_GOES_ON, tasks_are_jobs=True),
        Pattern(function=every_error, at_once=_ALL, on_failure=_GOES_ON, tasks_are_jobs=True),
        _in_groups(except_star, except_star_schedule),
        _in_groups(nested_groups, nested_groups_schedule),
        _in_threads(set_from_thread),
        _in_threads(call_soon_threadsafe),
        Pattern(
            function=run_coroutine_threadsafe, at_once=AtOnce.WORKERS, on_failure=_GOES_ON
        ),
        Pattern(function=event, schedule=event_schedule, tasks_are_jobs=True),
        Pattern(function=condition, at_once=_ONE, tasks_are_jobs=True),
        Pattern(function=barrier, at_once=_ALL, tasks_are_jobs=True),
        Pattern(function=full_pool, schedule=full_pool_schedule, on_failure=_GOES_ON),
        Pattern(function=own_pool, schedule=full_pool_schedule, on_failure=_GOES_ON),
        Pattern(function=thread_limiter, schedule=thread_limiter_schedule, on_failure=_GOES_ON),
        _with_children(blocking_child),
        _with_children(awaited_child),
        Pattern(function=debug_mode, at_once=_ALL, debugs=True),
        Pattern(function=left_by_break, at_once=_ONE, tasks_are_jobs=True),
        Pattern(function=with_aclosing, at_once=_ALL, tasks_are_jobs=True),
        Pattern(function=set_after, at_once=_ALL, tasks_are_jobs=True),
        Pattern(function=set_before, at_once=_ALL, tasks_are_jobs=True),
        Pattern(function=own_context, at_once=_ALL, tasks_are_jobs=True),
        Pattern(function=ordinary_tasks, at_once=_ALL),
        Pattern(function=eager_tasks, at_once=_ALL, least_python=(3, 12)),
    )
}
