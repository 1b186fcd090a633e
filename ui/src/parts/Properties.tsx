import type { ComponentChildren } from 'preact';

import './Properties.css';

export interface Property {
  name: string;
  value: ComponentChildren;
  note?: string; // in small beside the name
}

// Names on the left, values on the right; below 480 px one under the other.
export function Properties({ rows }: { rows: Property[] }) {
  return (
    <dl class="properties">
      {rows.map((row, index) => (
        <div class="property" key={index}>
          <dt>{row.name}{row.note && <small>{row.note}</small>}</dt>
          <dd>{row.value}</dd>
        </div>
      ))}
    </dl>
  );
}
