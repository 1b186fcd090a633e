import { useState } from 'preact/hooks';

import { Button } from './Button';

const kThanksMs = 1200;

// Browsers offer no clipboard on plain HTTP away from localhost: then an old way does it.
async function copy(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'hidden-text';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function Copy({ text, what = 'text' }: { text: string | (() => string); what?: string }) {
  const [done, setDone] = useState(false);
  const run = async (): Promise<void> => {
    await copy(typeof text === 'string' ? text : text());
    setDone(true);
    window.setTimeout(() => setDone(false), kThanksMs);
  };
  return (
    <Button look="quiet" icon={done ? 'check' : 'copy'} label={done ? 'Copied' : `Copy ${what}`}
      onClick={() => void run()} />
  );
}
