// Which page the address means.
import { pageAt } from './routes';
import { Toasts } from '../parts/Toasts';
import { isPublicPage, loadSession, sessionProblem, sessionState } from '../state/session';
import { Problem } from '../parts/Notes';
import { path } from '../state/router';
import { Shell } from './shell/Shell';

function Content() {
  const page = pageAt(path.value);
  if (isPublicPage()) return <>{page}</>;
  if (sessionState.value === 'failed') {
    return <div class="page page-narrow"><Problem text={sessionProblem.value} onRetry={() => void loadSession()} /></div>;
  }
  return sessionState.value === 'in' ? <Shell>{page}</Shell> : null;
}

export function App() {
  return <><Content /><Toasts /></>;
}
