#!/usr/bin/python3
"""Makes the shop's git repository as its three authors made it: python3 examples/make_shop_repository.py DIRECTORY

The last commit holds examples/shop as it is. The history is told backwards from there, each commit by what it replaced,
so that nobody has to keep old versions of the files. Dates are fixed: the same commits come out everywhere.
A repository that is there already is left alone. Prints the commit at the tip.
"""
import os
import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent / "shop"
ADA = "Ada Lindqvist <ada@shop.example>"
GRACE = "Grace Okafor <grace@shop.example>"
LINUS = "Linus Berg <linus@shop.example>"

HEAD_OF_PICK = "def pick_banners(connection, shop, count=1):\n"
DOC_OF_PICK = '    """So many banners of that shop, one for each place on the page."""\n'
BANNERS_OF_APP = """
    def banners(self, query):
        card_number = " ".join(["4111"] * 4)  # a secret by its name: nobody gets to see its value
        links = pick_banners(self.connection, query.get("shop", "paris"), count=3)
        rows = "".join(f"<li><a href='{html.escape(link)}'>{html.escape(title)}</a></li>" for title, link in links)
        return "Banners", f"<ul>{rows}</ul>" if card_number else ""
"""

# Newest first: (author, date, subject, {path: [(what it wrote, what was there before), ...]}); None: no such file before.
HISTORY = [
    (LINUS, "2025-03-10T16:42:00+01:00", "Say what pick_banners is for",
     {"shop/banner.py": [(DOC_OF_PICK, "")], "README.md": None}),
    (GRACE, "2025-03-06T11:05:00+01:00", "Pick banners at random\n\nThe first ones were the only ones anybody ever saw.",
     {"shop/banner.py": [("import random\n\n", ""), ("random.choice(banners)", "banners[place]"),
                         ("for _ in", "for place in")]}),
    (LINUS, "2025-02-27T09:30:00+01:00", "Show several banners on a page",
     {"shop/banner.py": [("shop, count=1)", "shop)"),
                         ("    chosen = []\n    for place in range(count):\n        chosen.append(banners[place])\n"
                          "    return chosen\n", "    return banners[:1]\n")],
      "shop/app.py": [('"paris"), count=3)', '"paris"))')]}),
    (ADA, "2025-02-20T14:00:00+01:00", "Report errors through any client",
     {"shop/reporting.py": None, "shop/__main__.py": None}),
    (ADA, "2025-02-13T10:15:00+01:00", "Advertise: a table of banners, and a page for them",
     {"shop/banner.py": None,
      "shop/db.py": [("CREATE TABLE banner (shop TEXT, title TEXT, link TEXT);\n", ""),
                     ('\n\ndef banners(connection, shop):\n    """The advertisements of one shop."""\n'
                      '    rows = connection.execute("SELECT title, link FROM banner WHERE shop = ?", (shop,))\n'
                      "    return rows.fetchall()\n", "")],
      "shop/app.py": [("from shop.banner import pick_banners\n", ""),
                      (', "/banners": self.banners', ""),
                      (BANNERS_OF_APP.replace(", count=3)", ")"), ""),
                      ("""<ul><li><a href='/articles'>Articles</a></li>
<li><a href='/banners?shop=paris'>Banners</a>: the table is empty, so this page fails</li></ul>""",
                       "<ul><li><a href='/articles'>Articles</a></li></ul>")]}),
    (LINUS, "2025-02-05T17:20:00+01:00", "List the articles",
     {"shop/db.py": None,
      "shop/app.py": [("from shop import db\n", ""), ("        self.connection = db.connect()\n", ""),
                      (', "/articles": self.articles', ""),
                      ("\n    def articles(self, query):\n"
                       "        rows = \"\".join(f\"<li>{html.escape(title)}: {cents / 100:.2f}</li>\" for _, title, cents in\n"
                       "                       db.articles(self.connection))\n"
                       "        return \"Articles\", f\"<ul>{rows}</ul>\"\n", ""),
                      ("import html\nimport urllib.parse\n\n\n", "import html\nimport urllib.parse\n\n"),
                      ("HOME = \"\"\"<ul><li><a href='/articles'>Articles</a></li></ul>\"\"\"", "HOME = \"Open soon.\"")]}),
    (ADA, "2025-02-03T09:00:00+01:00", "A shop with one page", {"shop/__init__.py": None, "shop/app.py": None}),
]


def final_files():
    files = {f"shop/{path.name}": path.read_text() for path in SOURCE.glob("*.py")}
    return {**files, "README.md": (SOURCE / "README.md").read_text()}


def before(files, edits):
    """What the files were before these edits."""
    files = dict(files)
    for path, replaced in edits.items():
        if replaced is None:
            del files[path]
            continue
        for new, old in replaced:
            assert files[path].count(new) == 1, f"{path} does not hold once: {new!r}"
            files[path] = files[path].replace(new, old)
    return files


def versions():
    """[(author, date, subject, files), ...], oldest first."""
    told, files = [], final_files()
    for author, date, subject, edits in HISTORY:
        told.append((author, date, subject, files))
        files = before(files, edits)
    assert not files, f"nobody wrote {sorted(files)}"
    return told[::-1]


def git(directory, *words, author=None, date=None):
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    if author:
        name, address = author.rstrip(">").split(" <")
        for role in ("AUTHOR", "COMMITTER"):
            env.update({f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": address, f"GIT_{role}_DATE": date})
    done = subprocess.run(["git", "-C", str(directory), *words], env=env, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def commit(directory, author, date, subject, files):
    """Makes the working tree hold these files and commits them; the commit's id. {path: None} removes one."""
    for path, content in files.items():
        target = pathlib.Path(directory) / path
        if content is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "-m", subject, author=author, date=date)
    return git(directory, "rev-parse", "HEAD")


def make(directory):
    """The commit at the tip; made if there is no repository yet."""
    directory = pathlib.Path(directory).absolute()
    if not directory.exists():
        unfinished = directory.with_name(directory.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        git(unfinished, "init", "-q", "-b", "main")
        for version in versions():
            commit(unfinished, *version)
        unfinished.rename(directory)
    return git(directory, "rev-parse", "HEAD")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(make(sys.argv[1]))
