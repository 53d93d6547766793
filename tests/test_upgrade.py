"""A practice that has the released version and has used it is updated to this one.

What an update leaves must not differ from a fresh installation, and what the practice
had must still be there. The released version comes from this checkout's git history.
"""

import subprocess
from collections import Counter
from contextlib import closing

import pytest
from fee_practice import Books
from upgrade_policy import AFTER, ASK, BEFORE
from upgrade_queries import (
    DEFINITIONS,
    HOLDINGS,
    IN_CODE,
    RECOMPUTE,
    TYPE_A_CARD,
    TYPED,
    XMLIDS,
)

from devtools.console import Problem
from devtools.locks import exclusive
from devtools.settings import ADDON, DEMO_SCRIPT, LOCK_DIR, LOG_DIR, ROOT, WORK

#: Version 19.0.1.0.0, the last one before the house was ordered by subject.
RELEASED = "d5e055a51ad784e40b76cfa0a7b38e3534940f10"
UPDATE_LOG = "upgrade.log"


def checkout_released(commit=RELEASED, root=ROOT):
    """:return: a folder with the addon as it was in `commit`
    :raise Problem: the history does not have it"""
    target = WORK / "released" / commit
    if not (target / ADDON / "__manifest__.py").is_file():
        try:
            archive = subprocess.run(
                ["git", "archive", commit, ADDON],
                cwd=root,
                capture_output=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            reason = getattr(error, "stderr", b"").decode().strip() or str(error)
            raise Problem(
                f"The released version, commit {commit}, is not in the git history of"
                f" {root}, and without it no update can be tested: clone the whole"
                f" history (git fetch --unshallow). git says: {reason}"
            ) from error
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-x"], cwd=target, input=archive.stdout, check=True)
    return target


def make_used_practice(bench, templates, database):
    """The released version, installed with its demonstration data and used: eight weeks
    of appointments, fees in every state, charges, charts."""
    addons = [checkout_released(), *bench.source.addons_paths]
    old = f"--addons-path={','.join(map(str, addons))}"
    with templates.copy(with_addon=False) as base:
        bench.databases.copy(base, database)
    bench.server.psql("UPDATE ir_module_module SET demo = TRUE", database)
    bench.odoo_quietly(
        *(old, "-d", database, "-i", ADDON, "--with-demo"),
        *("--stop-after-init", "--no-http"),
        log="upgrade_released.log",
        failure="The released version could not be installed.",
    )
    bench.odoo_quietly(
        *("shell", old, "-d", database, "--no-http"),
        script=DEMO_SCRIPT,
        log="upgrade_used.log",
        failure="The released version's demonstration data could not be loaded.",
    )


@pytest.fixture(scope="module")
def used(bench, templates):
    """The name of the prepared database of the released version, to be copied. It is
    made again only when Odoo or the requirements change."""
    name = f"{bench.server.prefix}_template_released"
    note = f"{RELEASED} {templates._base_note()}"
    with exclusive(LOCK_DIR / "released.lock", "another ./dev prepares one"):
        if bench.databases.note(name) != note:
            make_used_practice(bench, templates, name)
            bench.databases.set_note(name, note)
    return name


class Practice(Books):
    """What a database holds."""

    def definitions(self):
        return {name: Counter(self.sql(query)) for name, query in DEFINITIONS.items()}

    def holdings(self):
        return {
            name: sorted(self.sql(query), key=str) for name, query in HOLDINGS.items()
        }

    def xmlids(self):
        return dict(self.sql(XMLIDS))


class Update:
    """One practice, before and after the update, and a fresh installation."""

    def __init__(self, bench, database, fresh):
        with closing(Practice(bench, database)) as practice:
            practice.sql(TYPE_A_CARD)
            self.xmlids_before = practice.xmlids()
            self.holdings_before = practice.holdings()
            self.proposals_before = practice.sql(BEFORE)
        bench.odoo_quietly(
            *("-d", database, "-u", ADDON, "--stop-after-init", "--no-http"),
            log=UPDATE_LOG,
            failure="The update failed.",
        )
        with closing(Practice(bench, database)) as practice:
            self.xmlids = practice.xmlids()
            self.holdings = practice.holdings()
            self.definitions = practice.definitions()
            self.typed = practice.sql(TYPED)
        with closing(Practice(bench, fresh)) as practice:
            self.fresh_xmlids = practice.xmlids()
            self.fresh_definitions = practice.definitions()


@pytest.fixture(scope="module")
def updated(bench, templates, used):
    """The name of an updated database, and what its update did."""
    with templates.copy() as fresh, templates.copy(with_addon=False) as name:
        bench.databases.copy(used, name)
        yield name, Update(bench, name, fresh)


def test_the_log_is_clean(updated):
    lines = (LOG_DIR / UPDATE_LOG).read_text(errors="replace").splitlines()
    marks = (" WARNING ", " ERROR ", " CRITICAL ", "Traceback")
    assert not [line for line in lines if any(mark in line for mark in marks)]
    assert any("Modules loaded" in line for line in lines)


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_as_a_fresh_installation(updated, kind):
    _name, update = updated
    assert update.fresh_definitions[kind], f"there are {kind}"
    left = update.definitions[kind] - update.fresh_definitions[kind]
    missing = update.fresh_definitions[kind] - update.definitions[kind]
    assert not (left or missing), (
        f"left by the update: {sorted(left, key=str)}\n"
        f"of a fresh installation only: {sorted(missing, key=str)}"
    )


def test_no_record_is_lost(updated):
    """Of the addon's own records, an update takes away none but what the code itself
    defines and does not define any more."""
    _name, update = updated
    before, after, fresh = (
        set(xmlids.items())
        for xmlids in (update.xmlids_before, update.xmlids, update.fresh_xmlids)
    )
    lost = {(name, model) for name, model in before - after if model not in IN_CODE}
    assert not lost
    assert not fresh - after, "of a fresh installation only"


@pytest.mark.parametrize("kind", HOLDINGS)
def test_nothing_that_the_practice_had_has_changed(updated, kind):
    _name, update = updated
    assert update.holdings_before[kind], f"the practice had {kind}"
    assert update.holdings[kind] == update.holdings_before[kind]


def test_stored_values_are_those_that_would_be_computed(updated, bench):
    name, _update = updated
    bench.odoo_quietly(
        *("shell", "-d", name, "--no-http"),
        script=RECOMPUTE,
        log="upgrade_recompute.log",
        failure="Stored values differ from those that would be computed.",
    )
    text = (LOG_DIR / "upgrade_recompute.log").read_text(errors="replace")
    assert "NOSHOW-RECOMPUTED" in text


def test_what_was_paid_with_a_typed_card_knows_its_fee(updated):
    _name, update = updated
    assert sorted(update.typed) == [("online_direct", True, 0), ("refund", True, -5)]


def test_the_same_is_proposed_for_every_appointment(updated, bench):
    """Notice and codes of the settings are version 1 of the policy now."""
    name, update = updated
    bench.odoo_quietly(
        *("shell", "-d", name, "--no-http"),
        script=ASK,
        log="upgrade_policy.log",
        failure="What is proposed after the update could not be asked.",
    )
    with closing(Practice(bench, name)) as practice:
        after = practice.sql(AFTER)
    assert len(update.proposals_before) > 1000
    assert sorted(after, key=lambda row: row[:2]) == sorted(
        update.proposals_before, key=lambda row: row[:2]
    )


def test_without_the_history(tmp_path):
    with pytest.raises(Problem, match=r"not in the git history.*--unshallow"):
        checkout_released("0" * 40, tmp_path)
