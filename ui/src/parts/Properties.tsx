import type { ComponentChildren } from 'preact';

import './Properties.css';

export interface Property {
  name: string;
  value: ComponentChildren;
  note?: string; // in small beside the name
}

// Names on the left, values on the right; below 480 px one under the other. `inWords`: the names are ours, not a program's.
export function Properties({ rows, inWords = false }: { rows: Property[]; inWords?: boolean }) {
  return (
    <dl class={inWords ? 'properties properties-in-words' : 'properties'}>
      {rows.map((row, index) => (
        <div class="property" key={index}>
          <dt>{row.name}{row.note && <small>{row.note}</small>}</dt>
          <dd>{row.value}</dd>
        </div>
      ))}
    </dl>
  );
}
