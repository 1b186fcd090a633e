import type { Person } from '../../api/types';
import { Properties, type Property } from '../../parts/Properties';
import { ValueTree } from '../../parts/ValueTree';
import { nodeOfJson } from '../../values/json';

const text = (name: string, value: string | undefined): Property[] =>
  value ? [{ name, value: <ValueTree node={nodeOfJson(value, false)} /> }] : [];

export function PersonTab({ person }: { person: Person }) {
  const rows = [
    ...text('id', person.id), ...text('username', person.username), ...text('email', person.email),
    ...text('address', person.ip),
  ];
  if (person.extra) rows.push({ name: 'more', value: <ValueTree node={nodeOfJson(person.extra)} /> });
  return <Properties rows={rows} />;
}
