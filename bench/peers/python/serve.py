"""The other end of bench/peers/peer-process.ts: one JSON request a line on stdin, one JSON answer a line on stdout.

  {"prepare": name, "seconds": s}   makes the work `name`, warms it up (compilation included); answers {"version": text}
  {"round": name, "index": i}       one timed round; answers {"values": [numbers]}, or {"values": null} to sit it out
An error is answered as {"error": text}; the process lives on.
"""

import json
import os
import sys
import time


def pin_to_one_core():
    """Keeps this process, and every thread that it will start, on the last core that it may use."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def rate(work, units, seconds):
    """Units a second of `work`, called for at least `seconds`. The clock is read every few calls, not every call."""
    calls, batch = 0, 1
    start = time.perf_counter()
    while True:
        for _ in range(batch):
            work()
        calls += batch
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return [calls * units / elapsed]
        batch = max(1, min(1024, int(0.1 * seconds * calls / elapsed)))


def percentiles(work, calls):
    """[p50, p99] of one call in microseconds."""
    times = []
    for _ in range(calls):
        start = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - start)
    times.sort()
    return [times[calls // 2] / 1e3, times[calls * 99 // 100] / 1e3]


def serve(makers, version):
    """`makers[name](seconds)` returns the function of one round: index -> list of numbers or None."""
    answers = os.fdopen(os.dup(1), "w")
    # Whatever a library prints goes to stderr: stdout carries answers alone.
    os.dup2(2, 1)
    rounds = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "prepare" in request:
                name = request["prepare"]
                rounds[name] = makers[name](request["seconds"])
                answer = {"version": version}
            else:
                answer = {"values": rounds[request["round"]](request["index"])}
        except Exception as error:  # told to the other side, which leaves this rival out
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        print(json.dumps(answer), file=answers, flush=True)
