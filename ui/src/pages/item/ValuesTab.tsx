import { Properties } from '../../parts/Properties';
import { ValueTree } from '../../parts/ValueTree';
import { nodeOfJson } from '../../values/json';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// An object's members as rows, anything else as one tree.
export function ValuesTab({ value }: { value: unknown }) {
  if (!isObject(value)) return <ValueTree node={nodeOfJson(value, false)} />;
  return <Properties rows={valueRows(value)} />;
}

export const valueRows = (value: Record<string, unknown>) => Object.entries(value).map(([name, one]) => ({
  name, value: <ValueTree node={nodeOfJson(one, false)} />,
}));
