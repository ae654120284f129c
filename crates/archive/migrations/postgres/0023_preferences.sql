-- How somebody wants pages to be, wherever they sign in; they need not have authorised.
CREATE TABLE preferences (
    open_id  TEXT PRIMARY KEY,
    language TEXT,
    zone     TEXT,
    theme    TEXT
);
