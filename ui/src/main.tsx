import { effect } from '@preact/signals';
import { render } from 'preact';

import './style/tokens.css';
import './style/base.css';
import { App } from './pages/App';
import { watchSystemTheme } from './state/appearance';
import { watchArrivals } from './state/arrivals';
import { startClock } from './state/clock';
import { forgetLists } from './state/items';
import { startKeys } from './state/keys';
import { startLive, stopLive } from './state/live';
import { loadProjects, projects } from './state/projects';
import { startRouter } from './state/router';
import { loadSession, sessionState, watchSession } from './state/session';

// What belongs to somebody signed in starts and ends with the session.
function followSession(): void {
  effect(() => {
    if (sessionState.value === 'in') {
      startLive();
      void loadProjects();
    } else if (sessionState.value === 'out') {
      stopLive();
      forgetLists();
      projects.value = null;
    }
  });
}

watchSystemTheme();
startRouter();
startClock();
startKeys();
watchSession();
watchArrivals();
followSession();
void loadSession();

const root = document.getElementById('app');
if (root) render(<App />, root);
