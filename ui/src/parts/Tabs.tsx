import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';

import './Tabs.css';

export interface Tab {
  key: string;
  label: string;
  count?: number;
  show: () => ComponentChildren;
}

interface Props {
  name: string;
  tabs: Tab[];
  chosen: string;
  onChoose: (key: string) => void;
}

// Arrow keys move between the tabs, as the ARIA practice has it.
export function Tabs({ name, tabs, chosen, onChoose }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const current = tabs.find((tab) => tab.key === chosen) ?? tabs[0];
  if (!current) return null;

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const index = (tabs.indexOf(current) + step + tabs.length) % tabs.length;
    onChoose(tabs[index]!.key);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[index]?.focus();
  };

  return (
    <section class="tabs">
      <div class="tabs-list" role="tablist" aria-label={name} ref={list} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button key={tab.key} type="button" role="tab" id={`${id}-${tab.key}`} class="tab"
            aria-selected={tab === current} aria-controls={`${id}-panel`}
            tabIndex={tab === current ? 0 : -1} onClick={() => onChoose(tab.key)}>
            {tab.label}{tab.count !== undefined && <span class="tab-count">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current.key}`}>
        {current.show()}
      </div>
    </section>
  );
}
