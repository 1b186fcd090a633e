import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

import './Field.css';

interface Props extends JSX.InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
  onText: (text: string) => void;
}

export function Field({ label, hint, onText, ...input }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} class="input" aria-describedby={hint ? `${id}-hint` : undefined}
        onInput={(event) => onText(event.currentTarget.value)} {...input} />
      {hint && <p id={`${id}-hint`} class="field-hint">{hint}</p>}
    </div>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: Array<[value: string, text: string]>;
  hint?: string;
  onText: (value: string) => void;
}

export function SelectField({ label, value, options, hint, onText }: SelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} class="input" value={value} onChange={(event) => onText(event.currentTarget.value)}>
        {options.map(([one, text]) => <option key={one} value={one}>{text}</option>)}
      </select>
      {hint && <p class="field-hint">{hint}</p>}
    </div>
  );
}
