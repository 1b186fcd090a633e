import type { ComponentChildren } from 'preact';

import { Icon } from './Icon';
import './Chip.css';

interface Props {
  on: boolean;
  onClick: () => void;
  children: ComponentChildren;
}

// One of several that can be switched on and off.
export function Chip({ on, onClick, children }: Props) {
  return (
    <button type="button" class={`chip${on ? ' chip-on' : ''}`} aria-pressed={on} onClick={onClick}>
      {children}
    </button>
  );
}

export function RemovableChip({ onRemove, label, children }: {
  onRemove: () => void; label: string; children: ComponentChildren;
}) {
  return (
    <span class="chip chip-on">
      {children}
      <button type="button" class="chip-remove" aria-label={`Remove ${label}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  );
}
