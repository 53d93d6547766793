"""Programs that run in the foreground until they or the user end it."""

import contextlib
import signal
import subprocess

GRACE_SECONDS = 20
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody ended ``./dev`` by a signal; what was started has to be stopped.

    Not an ``Exception``, like ``KeyboardInterrupt``: nothing may swallow it.
    """


def _raise_stopped(signum, frame):
    raise Stopped(signum)


def catch_ending_signals():
    """Let SIGTERM and SIGHUP unwind the program, so that servers are stopped."""
    for signum in ENDING_SIGNALS:
        if signal.getsignal(signum) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(signum, _raise_stopped)


def stop(process):
    """End a program politely; kill it only if it does not listen."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def running(command, **options):
    """Start a program of its own process group, and stop it at the end.

    Ctrl-C then reaches this program only, which stops the other one once: a second
    signal would make Odoo drop its work at once.
    """
    options.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen(
        [str(part) for part in command], start_new_session=True, **options
    )
    try:
        yield process
    finally:
        stop(process)


def foreground(command, **options):
    """Run a program that has the terminal, Ctrl-C included (a shell, pytest).

    :return: its exit code
    """
    # A handler, not SIG_IGN: the program would inherit that.
    previous = signal.signal(signal.SIGINT, lambda signum, frame: None)
    process = subprocess.Popen([str(part) for part in command], **options)
    try:
        return process.wait()
    finally:
        stop(process)
        signal.signal(signal.SIGINT, previous)
