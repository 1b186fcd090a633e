"""What the server's own sources and tests say about scrubbing."""
import ast
import pathlib
import re


def source(file):
    return pathlib.Path(__file__).parents[3].joinpath("src/triage", file).read_text(encoding="utf-8")


def between(text, begin, end):
    return text.partition(begin)[2].partition(end)[0]


def literals(file, test):
    """Of a test of the server's, joined as the compiler does, without its last lines, which use them."""
    body = between(source(file), f"TEST({test})", "\n}\n").partition("for (const Case")[0]
    found = re.findall(r'//.*|"(?:[^"\\\n]|\\.)*"', body)
    return [ast.literal_eval(literal) for literal in found if literal[0] == '"']


def filled(form):
    """As the server's test does: "<36>" are as many letters and digits, "<16u>" capitals and digits."""
    def key(count):
        letters = "Q7ZK2MWX4TRB" if count.group(2) else "q7Zk2mWx4TrB"
        return "".join(letters[i % len(letters)] for i in range(int(count.group(1))))
    return re.sub(r"<(\d+)(u?)>", key, form)
