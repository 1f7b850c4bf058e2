"""A ledger in a file of SQLite, which the processes of one machine share."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict

from idcard_verification import Charge, ClaimState, Ledger, LedgerClaim, LedgerError, LedgerOutcome


class SqliteLedger(Ledger):
    def __init__(self, path: str) -> None:
        self.path = path
        with closing(self._open()) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS calls (key PRIMARY KEY, owner, outcome)")

    def _open(self) -> sqlite3.Connection:
        # What is written is on the disk when its transaction ends, and one at a time writes.
        return sqlite3.connect(self.path, isolation_level="IMMEDIATE")

    async def claim(self, claim: LedgerClaim) -> ClaimState:
        return await asyncio.to_thread(self._claim, claim)

    def _claim(self, claim: LedgerClaim) -> ClaimState:
        with closing(self._open()) as db, db:
            row = (claim.key, claim.owner)
            db.execute("INSERT OR IGNORE INTO calls VALUES (?, ?, NULL)", row)
            found = db.execute("SELECT owner, outcome FROM calls WHERE key = ?", row[:1])
            owner, outcome = found.fetchone()
        if outcome is not None:
            return ClaimState.SETTLED(LedgerOutcome(charge=Charge.CHARGED, **json.loads(outcome)))
        return ClaimState.MINE() if owner == claim.owner else ClaimState.OPEN()

    async def settle(self, claim: LedgerClaim, outcome: LedgerOutcome) -> None:
        if outcome.charge is not Charge.UNKNOWN:
            await asyncio.to_thread(self._settle, claim, outcome)

    def _settle(self, claim: LedgerClaim, outcome: LedgerOutcome) -> None:
        kept = {name: value for name, value in asdict(outcome).items() if name != "charge"}
        with closing(self._open()) as db, db:
            mine = "WHERE key = ? AND owner = ? AND outcome IS NULL"
            row = (claim.key, claim.owner)
            if outcome.charge is Charge.CHARGED:
                done = db.execute(f"UPDATE calls SET outcome = ? {mine}", (json.dumps(kept), *row))
            else:
                done = db.execute(f"DELETE FROM calls {mine}", row)
        if done.rowcount == 0:
            raise LedgerError.NotTheOwner()
