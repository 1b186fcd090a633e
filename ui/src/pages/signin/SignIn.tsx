import { useState } from 'preact/hooks';

import { ApiError, explain } from '../../api/client';
import { ownPath } from '../../format/path';
import { Brand } from '../../parts/Brand';
import { Button } from '../../parts/Button';
import { Field } from '../../parts/Field';
import { Note } from '../../parts/Notes';
import { navigate, query } from '../../state/router';
import { firstUse, sessionState, signIn } from '../../state/session';
import { useTitle } from '../../state/title';
import './SignIn.css';

function wordsFor(error: unknown): string {
  if (!(error instanceof ApiError)) return explain(error);
  if (error.status === 401) return 'Address and password do not belong together.';
  if (error.status !== 429) return error.message;
  const minutes = Math.max(1, Math.ceil((error.retryAfterSeconds ?? 60) / 60));
  return `Too many attempts. Try again in ${minutes} minute${minutes === 1 ? '' : 's'}.`;
}

function FirstUseNote() {
  return (
    <Note>
      <p>
        Nobody has an account here yet. Open the link that <code>flawless start</code> printed; it makes the first one and
        is valid for one hour. A restart prints a new one.
      </p>
    </Note>
  );
}

export function SignIn() {
  useTitle('Sign in');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const next = ownPath(query.value.get('next') ?? '', window.location.origin);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(email.trim(), password);
      navigate(next, { replace: true });
    } catch (error) {
      setProblem(wordsFor(error));
      setBusy(false);
    }
  };

  return (
    <main class="card-page">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <Brand />
        <h1>Sign in</h1>
        {firstUse.value && <FirstUseNote />}
        {sessionState.value === 'in' && <Note><p>You are signed in already. <a href={next}>Go on</a></p></Note>}
        <Field label="E-mail address" type="email" name="email" autocomplete="username" required autofocus
          value={email} onText={setEmail} />
        <Field label="Password" type="password" name="password" autocomplete="current-password" required
          value={password} onText={setPassword} />
        <p class="card-problem" role="alert">{problem}</p>
        <Button look="primary" type="submit" disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</Button>
      </form>
    </main>
  );
}
