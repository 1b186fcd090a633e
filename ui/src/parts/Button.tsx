import type { ComponentChildren, JSX } from 'preact';

import { Icon, type IconName } from './Icon';
import './Button.css';

interface Props extends Omit<JSX.HTMLAttributes<HTMLButtonElement>, 'icon'> {
  look?: 'plain' | 'primary' | 'quiet';
  icon?: IconName;
  label?: string; // for an icon alone
  disabled?: boolean;
  type?: 'button' | 'submit';
  children?: ComponentChildren;
}

export function Button({ look = 'plain', icon, label, type = 'button', children, ...rest }: Props) {
  const only = children === undefined ? ' button-icon' : '';
  return (
    <button type={type} class={`button button-${look}${only}`} aria-label={label} title={label} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
