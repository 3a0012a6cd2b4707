"""Cases: each is told as a line of JSON, with what went wrong if something did."""

import faulthandler
import json
import os
import sys
import threading
import time
import traceback

SECONDS = 60
_cases = []



def _text(path):
    with open(path) as file:
        return file.read()


PLAIN, SECURE = os.environ["INTARSIA_PLAIN"], os.environ["INTARSIA_SECURE"]
MUTUAL, MANY = os.environ["INTARSIA_MUTUAL"], os.environ["INTARSIA_MANY"]
USER, PASSWORD = os.environ["INTARSIA_USER"], os.environ["INTARSIA_PASSWORD"]
CERTIFICATE = _text(os.environ["INTARSIA_CERTIFICATE"])
CLIENT_CERTIFICATE = _text(os.environ["INTARSIA_CLIENT_CERTIFICATE"])
CLIENT_KEY = _text(os.environ["INTARSIA_CLIENT_KEY"])


def case(function):
    """Marks a case."""
    _cases.append(function)
    return function


def run():
    """Runs the cases one after the other, or those that are named."""
    named = sys.argv[1:]
    for function in _cases:
        if not named or function.__name__ in named:
            told = {"case": function.__name__, "error": _error_of(function)}
            print(json.dumps(told), flush=True)
    # A case that hangs must not keep the program.
    sys.stdout.flush()
    os._exit(0)


def _error_of(function):
    error = []

    def work():
        try:
            function()
        except BaseException:
            error.append(traceback.format_exc())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        faulthandler.dump_traceback(file=sys.stderr)
        return f"not done after {SECONDS} seconds; its stack is on standard error"
    return error[0] if error else None


def raised(kind, action, *words):
    """The error that `action` raises, of `kind` and with `words` in its text."""
    try:
        action()
    except kind as error:
        for word in words:
            assert word in str(error), f"no `{word}` in: {error}"
        return error
    raise AssertionError(f"no {kind.__name__}")


def processor_seconds():
    """What the servers have worked so far."""
    ticks = 0
    for pid in os.environ["INTARSIA_PIDS"].split():
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def at_work():
    """Waits until the servers work hard, or as hard as a busy machine lets them."""
    for _ in range(50):
        before = processor_seconds()
        time.sleep(0.3)
        if processor_seconds() - before >= 0.03:
            return
    raise AssertionError("the servers never began to work")


def at_rest_within_a_second():
    """Whoever was told to stop has stopped."""
    time.sleep(1)
    before = processor_seconds()
    time.sleep(0.5)
    used = processor_seconds() - before
    assert used < 0.03, f"a second later the servers still work: {used:.2f} of 0.5 seconds"
