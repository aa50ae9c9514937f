"""
A process that reads an SQLite database by ADBC: `python -m diem06.cube.lake.reader ADDRESS`.

A process of its own, for the driver brings its own copy of SQLite. Two copies in one process undo each other's locks (POSIX drops
every lock of a process on a file when the process closes it anywhere), and a database written meanwhile may be lost.

Each line that it reads is a question, `{"sql": ..., "parameters": [...], "batch": rows}`; it answers with an Arrow stream and the
number of rows in eight bytes, so that an answer that was cut off is not taken for a short one. All answers are of one state: the
transaction begins with the first question.
"""

from __future__ import annotations

import json
import struct
import sys

import pyarrow as pa

COUNT = struct.Struct("<q")


def main(address: str) -> None:
    """Answer until there are no more questions."""
    # Here, and not above: who asks imports this module too, and is to have no second SQLite. The driver's own module for DB-API is
    # not used: it imports whatever may take rows, which takes longer than to read a month.
    from adbc_driver_manager import AdbcConnection, AdbcStatement
    from adbc_driver_sqlite import StatementOptions, connect

    out = pa.PythonFile(sys.stdout.buffer, mode="w")
    with connect(address) as database, AdbcConnection(database) as session:
        session.set_autocommit(False)  # one transaction: all answers are of one state
        for line in sys.stdin.buffer:
            question = json.loads(line)
            with AdbcStatement(session) as statement:
                statement.set_options(**{StatementOptions.BATCH_ROWS.value: str(question["batch"])})
                statement.set_sql_query(question["sql"])
                if values := question["parameters"]:
                    statement.bind(
                        pa.record_batch(
                            [pa.array([value]) for value in values], [f"p{n}" for n, _ in enumerate(values)]
                        )
                    )
                handle, _affected = statement.execute_query()
                rows = 0
                with pa.RecordBatchReader.from_stream(handle) as found, pa.ipc.new_stream(out, found.schema) as stream:
                    for each in found:
                        stream.write_batch(each)
                        rows += each.num_rows
            out.write(COUNT.pack(rows))
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
