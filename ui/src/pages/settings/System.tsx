// How the server is. Administrators see all of it, others what concerns their projects.
import type { Health } from '../../api/types';
import { bytes, exactNumber, plural } from '../../format/number';
import { age, ago } from '../../format/time';
import { Loading, Note, Problem } from '../../parts/Notes';
import { Properties, type Property } from '../../parts/Properties';
import { TimeAgo } from '../../parts/TimeAgo';
import { health, healthProblem, loadHealth, useHealth } from '../../state/health';
import { projectName } from '../../state/projects';
import { useTitle } from '../../state/title';
import { Settings } from './Settings';

const kRefreshMs = 5000;

function lag({ digest }: Health): string {
  if (digest.lag === 0) return 'none';
  return `${plural(digest.lag, 'report')}, the oldest for ${age(digest.oldest_seconds * 1000)}`;
}

function mailText(mail: NonNullable<Health['mail']>): string {
  if (!mail.configured) return 'not configured: nobody is told';
  const waiting = mail.queued + mail.sending;
  return `${exactNumber(mail.sent)} sent, ${exactNumber(waiting)} waiting, ${exactNumber(mail.failed)} refused`;
}

function facts(now: Health): Property[] {
  const { store, journal, mail, memory_bytes: memory, disk_free_bytes: free } = now;
  return [
    { name: 'Version', value: now.version },
    { name: 'Started', value: ago(0, now.uptime_seconds * 1000) },
    { name: 'Waiting to be stored', value: lag(now) },
    ...(store ? [{ name: 'Stored', value: `${plural(store.occurrences, 'occurrence')} of ${plural(store.items, 'item')}` }] : []),
    ...(journal && store ? [{
      name: 'On disk',
      value: `${bytes(journal.bytes_on_disk)} of bodies, ${bytes(store.database_bytes + store.wal_bytes)} of database`,
    }] : []),
    ...(free === undefined ? [] : [{ name: 'Free on that disk', value: bytes(free) }]),
    ...(memory === undefined ? [] : [{ name: 'Memory', value: bytes(memory) }]),
    ...(mail ? [{ name: 'Mail', value: mailText(mail) }] : []),
  ];
}

function Undeliverable({ mail }: { mail: Health['mail'] }) {
  if (!mail || mail.undeliverable.length === 0) return null;
  return (
    <section>
      <h2>Addresses that mail was refused for</h2>
      <ul class="cards">
        {mail.undeliverable.map((one) => (
          <li key={one.recipient}>
            <div class="cards-body">
              <h2>{one.recipient}</h2>
              <p>{plural(one.count, 'mail')}, the last <TimeAgo at={one.last_at} /></p>
              <p class="card-problem">{one.error}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Refusals({ rows }: { rows: Health['refusals'] }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>Refused or changed in the last seven days</h2>
      <table class="refusals">
        <thead><tr><th>Project</th><th>Why</th><th class="number">Reports</th><th>Last</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.project} ${row.reason}`}>
              <td>{row.project === null ? 'unknown' : projectName(row.project)}</td>
              <td>{row.reason}</td>
              <td class="number">{exactNumber(row.count)}</td>
              <td><TimeAgo at={row.last_at} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Quarantine({ rows }: { rows: Health['quarantine'] }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>Reports that were set aside</h2>
      <ul class="cards">
        {rows.slice(0, 20).map((row) => (
          <li key={row.sequence}>
            <div class="cards-body">
              <h2>Report {row.sequence}{row.project !== null && ` of ${projectName(row.project)}`}</h2>
              <p class="card-problem">{row.reason}</p>
              <p class="muted"><TimeAgo at={row.at} /></p>
            </div>
          </li>
        ))}
      </ul>
      {rows.length > 20 && <p class="muted">and {exactNumber(rows.length - 20)} more</p>}
    </section>
  );
}

function Whole({ now }: { now: Health }) {
  const notices = now.notices ?? [];
  return (
    <>
      {now.faults.map((fault) => <Problem key={fault} text={fault} />)}
      {notices.map((notice) => <Note key={notice}><p>{notice}</p></Note>)}
      {now.ok && notices.length === 0 && <p><span class="state state-good">All is well</span></p>}
      <Properties rows={facts(now)} inWords />
      <Quarantine rows={now.quarantine} />
      <Undeliverable mail={now.mail} />
      <Refusals rows={now.refusals} />
    </>
  );
}

export function System() {
  useTitle('System');
  useHealth(kRefreshMs);
  const now = health.value;
  return (
    <Settings title="System">
      {healthProblem.value && <Problem text={healthProblem.value} onRetry={() => void loadHealth()} />}
      {!now && !healthProblem.value && <Loading what="health" />}
      {now && <Whole now={now} />}
    </Settings>
  );
}
