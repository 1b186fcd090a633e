// The first account, by the single-use link that the first start prints.
import { useEffect, useState } from 'preact/hooks';

import { ApiError, explain } from '../../api/client';
import { checkFirstLink } from '../../api/session';
import { Brand } from '../../parts/Brand';
import { Button } from '../../parts/Button';
import { Field } from '../../parts/Field';
import { Loading, Note, Problem } from '../../parts/Notes';
import { navigate, query } from '../../state/router';
import { createFirstAccount } from '../../state/session';
import { useTitle } from '../../state/title';
import '../signin/SignIn.css';

const kShortestPassword = 10;

type LinkState = 'checking' | 'valid' | 'void' | { problem: string };

function useLinkState(link: string): LinkState {
  const [state, setState] = useState<LinkState>('checking');
  useEffect(() => {
    checkFirstLink(link).then(
      () => setState('valid'),
      (error: unknown) => setState(
        error instanceof ApiError && error.status === 404 ? 'void' : { problem: explain(error) }));
  }, [link]);
  return state;
}

function VoidLink() {
  return (
    <Note>
      <p>
        This link was used or is older than an hour. If nobody has an account yet, restart the server: it prints a new
        one. Otherwise <a href="/signin">sign in</a>.
      </p>
    </Note>
  );
}

function AccountForm({ link }: { link: string }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await createFirstAccount({ link, email: email.trim(), name: name.trim(), password });
      navigate('/', { replace: true });
    } catch (error) {
      setProblem(explain(error));
      setBusy(false);
    }
  };

  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <Field label="E-mail address" type="email" name="email" autocomplete="username" required autofocus
        value={email} onText={setEmail} />
      <Field label="Name" name="name" autocomplete="name" required value={name} onText={setName} />
      <Field label="Password" type="password" name="password" autocomplete="new-password" required
        minLength={kShortestPassword} hint={`At least ${kShortestPassword} characters. A few words do well.`}
        value={password} onText={setPassword} />
      <p class="card-problem" role="alert">{problem}</p>
      <Button look="primary" type="submit" disabled={busy}>{busy ? 'Creating…' : 'Create the first account'}</Button>
      <h2>What comes next</h2>
      <ol class="card-next">
        <li>Create a project and paste its snippet into your program.</li>
        <li>Name the repositories of your code, so that errors find whoever wrote the line.</li>
        <li>Set up mail. Repositories and mail are named in the server's configuration.</li>
      </ol>
    </form>
  );
}

export function Welcome() {
  useTitle('Welcome');
  const link = query.value.get('link') ?? '';
  const state = useLinkState(link);
  return (
    <main class="card-page">
      <div class="card">
        <Brand />
        <h1>Welcome</h1>
        {state === 'checking' && <Loading what="the link" />}
        {state === 'void' && <VoidLink />}
        {state === 'valid' && <AccountForm link={link} />}
        {typeof state === 'object' && <Problem text={state.problem} />}
      </div>
    </main>
  );
}
