"""What the person at the terminal sees, and how programs are run for them."""

import contextlib
import os
import subprocess
import sys
import threading
import time

HEARTBEAT_SECONDS = 20


class Problem(Exception):
    """Something expected went wrong; its text says what, and what to do."""


def say(message=""):
    print(message, flush=True)


@contextlib.contextmanager
def step(message, heartbeat=True):
    """Print a line for a step, signs of life during it, and the time it took.

    :param bool heartbeat: False where a program shows its own progress
    """
    started = time.monotonic()
    over = threading.Event()
    terminal = sys.stdout.isatty()

    def show_life():
        while not over.wait(1 if terminal else HEARTBEAT_SECONDS):
            seconds = time.monotonic() - started
            if terminal:
                print(f"\r==> {message} … {seconds:.0f} s", end="", flush=True)
            else:
                say(f"    … still at it after {seconds:.0f} s")

    say(f"==> {message}")
    thread = threading.Thread(target=show_life, daemon=True)
    if heartbeat:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if heartbeat:
            thread.join()
        if heartbeat and terminal:
            print("\r\033[K", end="")
    say(f"    done in {time.monotonic() - started:.0f} s")


def run(command, *, failure, show=True, **options):
    """Run a program whose success is needed.

    :param str failure: the sentence to say if it fails
    :param bool show: let its output through; otherwise it is kept, and shown only
        if the program fails
    :raise Problem: if it is missing or exits with an error
    """
    command = [str(part) for part in command]
    if not show:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        done = subprocess.run(
            command, check=False, text=True, stdin=subprocess.DEVNULL, **options
        )
    except FileNotFoundError as missing:
        raise Problem(f"{failure} The program {command[0]} is missing.") from missing
    if done.returncode:
        output = "\n".join((done.stdout or "").strip().splitlines()[-15:])
        detail = f"\n{output}" if output else ""
        program = os.path.basename(command[0])
        raise Problem(f"{failure} ({program} ended with {done.returncode}){detail}")
    return done.stdout or ""


def is_root():
    return os.geteuid() == 0
