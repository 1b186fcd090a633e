import type { Event, OccurrenceDetail } from '../../api/types';
import { bytes } from '../../format/number';
import { exact } from '../../format/time';
import { Properties, type Property } from '../../parts/Properties';
import { ValueTree } from '../../parts/ValueTree';
import { nodeOfJson } from '../../values/json';

const named = (what: { name: string; version?: string } | undefined): string =>
  what ? [what.name, what.version].filter(Boolean).join(' ') : '';

function facts(occurrence: OccurrenceDetail, event: Event): Array<[name: string, value: string]> {
  return [
    ['environment', occurrence.environment], ['release', occurrence.release], ['host', occurrence.host],
    ['context', event.context ?? ''], ['language', event.language ?? ''], ['framework', event.framework ?? ''],
    ['platform', event.platform ?? ''], ['browser', named(event.browser) || occurrence.browser],
    ['system', named(event.os) || occurrence.os], ['device', event.device ?? ''], ['address', occurrence.ip],
    ['logger', event.logger ?? ''], ['trace', event.trace_id ?? ''], ['server root', event.server_root ?? ''],
    ['client', named(event.sdk)], ['protocol', occurrence.protocol], ['id', occurrence.uuid],
    ['received', exact(Date.parse(occurrence.received_at))],
    ['occurred', occurrence.occurred_at ? exact(Date.parse(occurrence.occurred_at)) : ''],
    ['size', bytes(occurrence.body_bytes)],
  ];
}

const rowsOf = (pairs: Array<[string, string]>): Property[] =>
  pairs.filter(([, value]) => value).map(([name, value]) => (
    { name, value: <ValueTree node={nodeOfJson(value, false)} /> }
  ));

function Section({ title, rows }: { title: string; rows: Property[] }) {
  if (rows.length === 0) return null;
  return <section class="tab-section"><h3>{title}</h3><Properties rows={rows} /></section>;
}

function Warnings({ event }: { event: Event }) {
  const rows = (event.warnings ?? []).map((warning) => ({ name: warning.field, value: warning.text }));
  return <Section title="Changed while it was read" rows={rows} />;
}

export function EnvironmentTab({ occurrence, event }: { occurrence: OccurrenceDetail; event: Event }) {
  return (
    <>
      <Properties rows={rowsOf(facts(occurrence, event))} />
      <Section title="Tags" rows={rowsOf(Object.entries(event.tags ?? {}))} />
      <Warnings event={event} />
      {event.server !== undefined && (
        <Section title="Server" rows={[{ name: 'server', value: <ValueTree node={nodeOfJson(event.server)} /> }]} />
      )}
      <Section title="Packages" rows={rowsOf(Object.entries(event.modules ?? {}))} />
    </>
  );
}
