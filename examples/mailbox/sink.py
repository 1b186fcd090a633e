"""A real SMTP server for 127.0.0.1 that keeps what it gets, and fails when it is told to.

`Sink(letters).start()` accepts everything. `sink.on("RCPT", "450 4.2.0 busy", times=2)` answers differently at one step;
the steps are CONNECT, EHLO, AUTH, MAIL, RCPT, DATA (the command) and END (the dot after the body). Instead of a reply
there may be HANG (never answer), or DROP (cut the connection; at END the letter is kept: it arrived, its sender cannot
know). With `about="ada@shop.example"` only a command or letter that says so is answered like that. `refuse()` closes the
port, `accept()` opens the same one again.
"""
import asyncio
import collections
import contextlib
import pathlib
import ssl
import subprocess
import threading

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

HANG, DROP = object(), object()
STEPS = ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "END")


def make_certificate(directory):
    """A self-signed certificate for 127.0.0.1 and localhost: the paths of (certificate, key)."""
    certificate, key = pathlib.Path(directory) / "smtp.pem", pathlib.Path(directory) / "smtp.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out",
                    str(certificate)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(certificate), str(key)


class _Session(SMTP):
    """One connection. Before each step the sink is asked whether to go on."""

    sink = None

    async def _handle_client(self):
        if await self._may("CONNECT"):
            await super()._handle_client()
        elif self.transport is not None:
            self.transport.close()

    def connection_lost(self, error):
        self.sink._sessions.discard(self)
        super().connection_lost(error)

    async def _may(self, step, said=""):
        """False: the step was answered, or the connection is gone."""
        answer = self.sink._answer_at(step, said)
        if answer is None:
            return True
        if answer is HANG:
            await asyncio.sleep(3600)
        elif answer is DROP:
            self.transport.abort()
        else:
            await self.push(answer)
        return False

    async def smtp_EHLO(self, hostname):
        if await self._may("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_AUTH(self, arg):
        if await self._may("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg):
        if await self._may("MAIL", arg or ""):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):
        if await self._may("RCPT", arg or ""):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg):
        if await self._may("DATA"):
            await super().smtp_DATA(arg)


class Sink:
    """`security` is none, starttls (required) or tls; `login` is (user, password), then AUTH is required."""

    def __init__(self, letters, port=0, security="none", certificate=None, login=None):
        self.letters, self.port = letters, port
        self._security, self._login = security, login
        self._tls = None
        if security != "none":
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
        self._lock = threading.Condition()
        self._script = collections.defaultdict(list)
        self._seen = collections.Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp sink", daemon=True)
        self._server = None
        self._sessions = set()

    # --- life -----------------------------------------------------------------------------------------------------
    def start(self):
        self._thread.start()
        self.accept()
        return self

    def stop(self):
        self.refuse()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def accept(self):
        self._run(self._open())

    def refuse(self):
        """Closes the port and every connection."""
        self._run(self._close())

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _open(self):
        implicit = self._tls if self._security == "tls" else None
        self._server = await self._loop.create_server(self._session, "127.0.0.1", self.port, ssl=implicit)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self):
        if self._server is None:
            return
        self._server.close()
        await self._server.wait_closed()
        self._server = None
        for session in list(self._sessions):
            with contextlib.suppress(AttributeError):  # of TLS, when it is closing already
                session.transport.abort()
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._sessions.clear()

    def _session(self):
        starttls = self._security == "starttls"
        session = _Session(self, loop=self._loop, hostname="localhost", ident="the mailbox",
                           data_size_limit=2 ** 25, tls_context=self._tls if starttls else None, require_starttls=starttls,
                           authenticator=self._authenticate if self._login else None,
                           auth_required=self._login is not None, auth_require_tls=starttls)
        session.sink = self
        self._sessions.add(session)
        return session

    # --- what it was told to do -----------------------------------------------------------------------------------
    def on(self, step, answer, times=None, about=""):
        """From now on, for so many times (None: always), answers so at that step. Later calls queue up behind."""
        assert step in STEPS, step
        with self._lock:
            self._script[step].append([answer, times, about])

    def be_well(self):
        """Forgets what on() said. Connections that hang go on hanging."""
        with self._lock:
            self._script.clear()

    def seen(self, step):
        """How often that step was reached."""
        with self._lock:
            return self._seen[step]

    def wait_seen(self, step, count, seconds):
        with self._lock:
            return self._lock.wait_for(lambda: self._seen[step] >= count, seconds)

    def _answer_at(self, step, said):
        with self._lock:
            self._seen[step] += 1
            self._lock.notify_all()
            queue = self._script[step]
            entry = next((entry for entry in queue if entry[2] in said), None)
            if entry is None:
                return None
            if entry[1] is not None:
                entry[1] -= 1
                if entry[1] <= 0:
                    queue.remove(entry)
            return entry[0]

    # --- what the SMTP server asks --------------------------------------------------------------------------------
    def _authenticate(self, server, session, envelope, mechanism, data):
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given == self._login, handled=False)

    async def handle_DATA(self, server, session, envelope):
        answer = self._answer_at("END", envelope.original_content.decode("latin-1"))
        if answer is None or answer is DROP:
            self.letters.add(envelope.mail_from, envelope.rcpt_tos, envelope.original_content)
        if answer is HANG:
            await asyncio.sleep(3600)
        if answer is DROP:
            server.transport.abort()
        return answer if isinstance(answer, str) else "250 OK"
