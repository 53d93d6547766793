"""``./dev lint``: all checks of the code's form; every one runs, any finding fails."""

import subprocess

from .console import say
from .node_env import NodeEnv
from .python_env import PythonEnv
from .settings import ADDON, ROOT
from .source import find_source

PYTHON_CODE = (ADDON, "benchmarks", "devtools", "tests", "dev")
PRETTIER_PATTERN = "**/*.{xml,js,mjs,css,scss,json,yml,yaml}"


def existing(*names):
    return [name for name in names if (ROOT / name).exists()]


def python_checks(python, fix):
    """Yield (name, command) for what looks at Python and at the module as such."""
    code = existing(*PYTHON_CODE)
    fixing = ["--fix"] if fix else []
    yield "ruff", [python, "-m", "ruff", "check", *fixing, *code]
    checking = [] if fix else ["--diff"]
    yield "ruff format", [python, "-m", "ruff", "format", *checking, *code]
    if existing(ADDON):
        yield "kinds", [python, "-m", "devtools.kinds", find_source().root]
        yield "pylint-odoo", [python, "-m", "pylint", ADDON]
        hooks = python.parent / "oca-checks-odoo-module"
        manifest = f"{ADDON}/__manifest__.py"
        yield "OCA's module checks", [python, hooks, *fixing, manifest]
        if catalogues := sorted((ROOT / ADDON / "i18n").glob("*.po*")):
            hooks = python.parent / "oca-checks-po"
            yield "OCA's checks of translations", [python, hooks, *catalogues]


def node_checks(node, fix):
    """Yield (name, command) for what looks at XML, JavaScript and style sheets."""
    plugin = node.module("@prettier/plugin-xml/src/plugin.js")
    yield (
        "prettier",
        node.command(
            "prettier/bin/prettier.cjs",
            *("--write" if fix else "--check", "--log-level=warn"),
            *(f"--plugin={plugin}", PRETTIER_PATTERN),
        ),
    )
    yield (
        "eslint",
        node.command(
            "eslint/bin/eslint.js",
            *(["--fix"] if fix else []),
            *("--max-warnings=0", "--no-error-on-unmatched-pattern"),
            *existing(ADDON, "eslint.config.mjs"),
        ),
    )


def main(fix):
    lint_env = PythonEnv("lint").ensure()
    node = NodeEnv().ensure()
    checks = [*python_checks(lint_env.python, fix), *node_checks(node, fix)]
    failed = []
    for name, command in checks:
        say(f"==> {name}")
        command = [str(part) for part in command]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    say(f"Findings of: {', '.join(failed)}" if failed else "No finding.")
    return 1 if failed else 0
