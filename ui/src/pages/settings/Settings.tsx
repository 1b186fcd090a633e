import type { ComponentChildren } from 'preact';

import { path } from '../../state/router';
import './Settings.css';

const kPages: Array<[href: string, text: string]> = [
  ['/settings/repositories', 'Repositories'],
  ['/settings/rules', 'Rules'],
  ['/settings/system', 'System'],
];

export function Settings({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="page page-narrow stack">
      <nav class="settings-nav" aria-label="Settings">
        {kPages.map(([href, text]) => (
          <a key={href} href={href} aria-current={path.value === href ? 'page' : undefined}>{text}</a>
        ))}
      </nav>
      <h1>{title}</h1>
      {children}
    </div>
  );
}
