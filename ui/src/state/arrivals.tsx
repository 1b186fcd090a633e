// The pop-up the moment something new happens: what, where, who.
import { effect } from '@preact/signals';

import type { Change } from '../api/types';
import { LevelMark } from '../parts/Marks';
import { keptLists } from './items';
import { onChange } from './live';
import { projectName } from './projects';
import { path } from './router';
import { dismiss, show, toasts } from './toasts';

const kWhat: Partial<Record<Change['kind'], string>> = {
  new: 'New', reopened: 'Came back', new_in_environment: 'New in',
};

function Arrival({ change }: { change: Change }) {
  const where = change.kind === 'new_in_environment'
    ? `${kWhat.new_in_environment} ${change.environment}`
    : `${kWhat[change.kind]}${change.environment ? ` in ${change.environment}` : ''}`;
  return (
    <div class="arrival">
      <span class="arrival-what">
        <LevelMark level={change.level} />
        <span class="clip">{where} · {projectName(change.project)} #{change.number}</span>
      </span>
      <span class="arrival-title">{change.title}</span>
      {(change.culprit || change.developer) && (
        <span class="arrival-where clip">
          {change.culprit}{change.culprit && change.developer ? ' · ' : ''}{change.developer}
        </span>
      )}
    </div>
  );
}

function announce(change: Change): void {
  const link = `/p/${change.project}/items/${change.number}`;
  if (!(change.kind in kWhat) || path.value === link) return;
  show({ tone: 'arrival', content: <Arrival change={change} />, link });
}

// Who looks at the item needs no pop-up of it any more.
function dismissSeen(): void {
  const here = path.value;
  for (const toast of toasts.peek()) if (toast.link === here) dismiss(toast.id);
}

export function watchArrivals(): void {
  effect(dismissSeen);
  onChange((change) => {
    announce(change);
    for (const list of keptLists()) list.apply(change);
  });
}
