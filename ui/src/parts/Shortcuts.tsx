import { useEffect, useRef } from 'preact/hooks';

import { Button } from './Button';
import './Shortcuts.css';

const kKeys: Array<[keys: string[], what: string]> = [
  [['j', 'k'], 'Next, previous item; on an item: older, newer occurrence'],
  [['Enter'], 'Open the item'],
  [['e'], 'Resolve, or reopen'],
  [['m'], 'Mute, or unmute'],
  [['/'], 'Search in the list'],
  [['u'], 'Back to the list'],
  [['?'], 'This sheet'],
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="shortcuts" ref={dialog} aria-labelledby="shortcuts-title" onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}>
      <div class="shortcuts-box">
        <header>
          <h2 id="shortcuts-title">Keyboard</h2>
          <Button look="quiet" icon="close" label="Close" onClick={() => dialog.current?.close()} />
        </header>
        <dl>
          {kKeys.map(([keys, what]) => (
            <div key={what}>
              <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </div>
    </dialog>
  );
}
