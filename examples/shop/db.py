"""What the shop sells. The tables live in memory; a real shop would connect here."""
import sqlite3

TABLES = """
CREATE TABLE article (id TEXT PRIMARY KEY, title TEXT, cents INTEGER);
CREATE TABLE banner (shop TEXT, title TEXT, link TEXT);
INSERT INTO article VALUES ('A-17', 'Teapot', 2450), ('B-9', 'Six cups', 1800);
"""


def connect():
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.executescript(TABLES)
    return connection


def articles(connection):
    return connection.execute("SELECT id, title, cents FROM article ORDER BY id").fetchall()


def banners(connection, shop):
    """The advertisements of one shop."""
    rows = connection.execute("SELECT title, link FROM banner WHERE shop = ?", (shop,))
    return rows.fetchall()
