import type { Request } from '../../api/types';
import { safeUrl } from '../../format/path';
import { Copy } from '../../parts/Copy';
import { Properties, type Property } from '../../parts/Properties';
import { ValueTree } from '../../parts/ValueTree';
import { nodeOfJson } from '../../values/json';
import { valueRows } from './ValuesTab';

function Url({ request }: { request: Request }) {
  const text = request.url ?? '';
  const link = safeUrl(text);
  return (
    <p class="request-line mono">
      <strong>{request.method || 'GET'}</strong>{' '}
      {link ? <a href={link} target="_blank" rel="noopener noreferrer">{text}</a> : text}
      {text && <Copy text={text} what="URL" />}
    </p>
  );
}

const isFilled = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' &&
  !(typeof value === 'object' && Object.keys(value as object).length === 0);

function Section({ title, value }: { title: string; value: unknown }) {
  if (!isFilled(value)) return null;
  const rows: Property[] = typeof value === 'object' && !Array.isArray(value)
    ? valueRows(value as Record<string, unknown>) : [];
  return (
    <section class="tab-section">
      <h3>{title}</h3>
      {rows.length > 0 ? <Properties rows={rows} /> : <ValueTree node={nodeOfJson(value, false)} />}
    </section>
  );
}

export function RequestTab({ request }: { request: Request }) {
  return (
    <>
      {(request.url || request.method) && <Url request={request} />}
      <Section title="From" value={request.user_ip} />
      <Section title="Query" value={request.query} />
      <Section title="Parameters" value={request.params} />
      <Section title="Body" value={request.body} />
      <Section title="Headers" value={request.headers} />
      <Section title="Cookies" value={request.cookies} />
      <Section title="Session" value={request.session} />
      <Section title="Variables of the server" value={request.env} />
    </>
  );
}
