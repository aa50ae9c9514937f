"""
The lake: facts as Parquet files beside the database, by measure and month, so that a rollup of years does not ask the database.

    <DATA>/lake/manifest.json                                 names the files of the state; replaced by a rename, whole or not at all
    <DATA>/lake/facts/<measure>/<2023-07>/<source>-<n>.parquet    every row that there ever was, with its history
    <DATA>/lake/leaves/<2023-07>/<source>-<n>.parquet             what holds, as fewer rows (`engine.compact`)
    <DATA>/lake/records/<2023-07>/<source>-<n>.parquet            of stocks of records, which are not among them: the last states
    <DATA>/lake/balances/<2023-07>/<source>-<n>.parquet           and what all records are worth (`engine.balance`)

A file is never changed once it is written. The manifest says at which counter of each (source, leaf) its files were read, so a
reader knows which of them still say what the database says, and reads the rest from there. The lake is made of the database
alone: it may be removed at any time, and is made anew. It holds no personal data, since facts hold none.
"""
