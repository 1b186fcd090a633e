import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { Icon } from './Icon';
import './Menu.css';

interface Props {
  label: ComponentChildren;
  name: string; // read out before the label
  align?: 'left' | 'right';
  children: ComponentChildren;
}

// A <details> that closes on choosing, on Escape and when something else is clicked.
export function Menu({ label, name, align = 'left', children }: Props) {
  const box = useRef<HTMLDetailsElement>(null);
  const close = (): void => box.current?.removeAttribute('open');

  useEffect(() => {
    const outside = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) close();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !box.current?.open) return;
    event.stopPropagation();
    close();
    box.current.querySelector('summary')?.focus();
  };

  return (
    <details class="menu" ref={box} onKeyDown={onKeyDown}>
      <summary class="menu-button">
        <span class="hidden-text">{name}: </span>{label}<Icon name="down" />
      </summary>
      <div class={`menu-box menu-${align}`} onClick={close}>{children}</div>
    </details>
  );
}

interface MenuItemProps {
  href?: string;
  onClick?: () => void;
  chosen?: boolean;
  children: ComponentChildren;
}

export function MenuItem({ href, onClick, chosen, children }: MenuItemProps) {
  const mark = chosen === undefined ? null : <span class="menu-mark">{chosen && <Icon name="check" />}</span>;
  return href
    ? <a class="menu-item" href={href} aria-current={chosen ? 'true' : undefined}>{mark}{children}</a>
    : <button type="button" class="menu-item" aria-pressed={chosen} onClick={onClick}>{mark}{children}</button>;
}

export const MenuLine = () => <hr class="menu-line" />;
