"""Mails on disk: one file each, numbered as they came, the envelope in front as a mail server writes it."""
import email
import email.policy
import os
import pathlib
import re
import threading
import time

_NAME = re.compile(r"(\d{6})\.eml")
_ENVELOPE = ("Return-Path", "Delivered-To", "X-Received-At")


class Letter:
    """What was received: `raw` as it came over the wire, `message` parsed, and the envelope."""

    def __init__(self, number, content):
        self.number = number
        head, self.raw = content.split(b"\r\n\r\n", 1)
        envelope = email.message_from_bytes(head, policy=email.policy.default)
        self.sender = envelope["Return-Path"]
        self.recipients = envelope.get_all("Delivered-To", [])
        self.received_at = float(envelope["X-Received-At"])
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)

    def part(self, kind):
        """The text of the part text/KIND; empty if there is none."""
        for part in self.message.walk():
            if part.get_content_type() == "text/" + kind and not part.is_multipart():
                return part.get_content()
        return ""

    @property
    def html(self):
        return self.part("html")

    @property
    def text(self):
        return self.part("plain")

    def header(self, name):
        return str(self.message.get(name, ""))

    def summary(self):
        return {"number": self.number, "received_at": self.received_at, "from": self.sender, "to": self.recipients,
                "subject": self.header("Subject"), "message_id": self.header("Message-ID")}


class Letters:
    """A directory of letters. Any thread may add and read; a letter that is listed is complete."""

    def __init__(self, directory):
        self._directory = pathlib.Path(directory)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._change = threading.Condition()
        self._last = max(self._numbers(), default=0)

    def _numbers(self):
        found = (_NAME.fullmatch(name) for name in os.listdir(self._directory))
        return sorted(int(match[1]) for match in found if match)

    def _path(self, number):
        return self._directory / f"{number:06d}.eml"

    def add(self, sender, recipients, raw):
        """Durable when it returns."""
        values = [(_ENVELOPE[0], sender), *((_ENVELOPE[1], to) for to in recipients), (_ENVELOPE[2], repr(time.time()))]
        head = "".join(f"{name}: {value}\r\n" for name, value in values).encode() + b"\r\n"
        with self._change:
            self._last += 1
            unfinished = self._path(self._last).with_suffix(".tmp")
            with open(unfinished, "wb") as file:
                file.write(head + raw)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(self._path(self._last))
            self._change.notify_all()
            return self._last

    def get(self, number):
        """None if there is no such letter."""
        try:
            return Letter(number, self._path(number).read_bytes())
        except FileNotFoundError:
            return None

    def all(self):
        """Oldest first."""
        return [self.get(number) for number in self._numbers()]

    def __len__(self):
        return len(self._numbers())

    def wait(self, count, seconds):
        """Whether there are that many letters within that time."""
        with self._change:
            return self._change.wait_for(lambda: self._last >= count, seconds)
