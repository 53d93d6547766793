"""``./dev lock``: pin anew what ``requirements/*.in`` asks for.

One file of pins serves every Python that is supported, by markers. A pin that can stay
stays: delete a ``.txt`` to have all of its packages as new as they may be.
"""

from .console import say, step
from .python_env import REQUIREMENTS, run_uv
from .settings import PYTHON_VERSIONS


def main():
    for source in sorted(REQUIREMENTS.glob("*.in")):
        pins = source.with_suffix(".txt")
        with step(f"Resolving {source.name}"):
            run_uv(
                *("pip", "compile", "-q", "--universal", "--generate-hashes"),
                *("--python-version", PYTHON_VERSIONS[0], "--no-annotate"),
                *("--no-emit-index-url", "--no-emit-find-links"),
                *("--custom-compile-command", "./dev lock"),
                *(source, "-o", pins),
                failure=f"The requirements of {source.name} could not be resolved.",
            )
        packages = {line.split("==")[0] for line in pins.open() if line[0].isalnum()}
        say(f"    {pins.name}: {len(packages)} packages")
    return 0
