// Who wrote the line, and why we say so.
import type { BlamedLine, ItemDetail, OccurrenceDetail, Verdict } from '../../api/types';
import { shortenMiddle, shortRevision } from '../../format/path';
import { moment } from '../../format/time';
import { CodeBlock } from '../../parts/CodeBlock';
import { Icon } from '../../parts/Icon';
import { TimeAgo } from '../../parts/TimeAgo';
import { now } from '../../state/clock';

function Author({ verdict }: { verdict: Verdict }) {
  const word = verdict.confidence_word || 'low';
  return (
    <p class="blame-who">
      <Icon name="person" />
      <strong title={verdict.author_email}>{verdict.author_name || verdict.author_email}</strong>
      <span>wrote this line</span>
      <span class={`confidence confidence-${word}`} title={`${Math.round((verdict.confidence ?? 0) * 100)} %`}>
        {word} confidence
      </span>
    </p>
  );
}

function Commit({ verdict }: { verdict: Verdict }) {
  return (
    <p class="blame-commit">
      <Icon name="branch" />
      <code title={verdict.commit}>{verdict.commit?.slice(0, 8)}</code>
      {verdict.summary && <q class="clip">{verdict.summary}</q>}
      {verdict.authored_at && <span class="muted"><TimeAgo at={verdict.authored_at} /></span>}
    </p>
  );
}

const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim();

// The traceback below shows the lines around it already, unless the repository reads differently there.
function shownSource(verdict: Verdict, reported: string): NonNullable<Verdict['source']> {
  const source = verdict.source ?? [];
  const same = source.filter((line) => line.number === verdict.line && squeezed(line.text) === squeezed(reported));
  return same.length > 0 ? same : source;
}

function Source({ verdict, reported, language }: { verdict: Verdict; reported: string; language: string }) {
  const source = shownSource(verdict, reported);
  const place = `${verdict.path}:${verdict.line}`;
  return (
    <figure class="blame-source">
      <figcaption class="mono" title={`${verdict.repository} ${place}`}>
        <span class="clip">{verdict.repository} · {shortenMiddle(place, 70)}</span>
        {verdict.revision && (
          <span class="muted" title={verdict.revision}>
            at {shortRevision(verdict.revision)}{verdict.at_release ? ', the release' : ', the tip'}
          </span>
        )}
      </figcaption>
      {source.length > 0 && (
        <CodeBlock name={`Source of ${place}`} language={language}
          lines={source.map((line) => ({ ...line, marked: line.number === verdict.line }))} />
      )}
    </figure>
  );
}

function whyNot(line: BlamedLine, developer: string | undefined): string {
  const whom = developer ? `Not mailed to ${developer}` : 'Nobody was mailed';
  const { not_mailed: why, mail_at_count: at } = line.verdict ?? {};
  if (!why) return `${whom}.`;
  return at ? `${whom}: ${why}; so far ${line.count} of ${at}.` : `${whom}: ${why}.`;
}

function Mailed({ line }: { line: BlamedLine }) {
  const developer = line.developer || line.verdict?.developer;
  if (line.mail_state === 'failed') {
    return (
      <p class="blame-mail blame-undelivered">
        <Icon name="mail" />
        <span>The mail to {line.mailed_to} could not be delivered: {line.mail_error}</span>
      </p>
    );
  }
  if (line.mailed_at && (line.mail_state === 'queued' || line.mail_state === 'sending')) {
    const why = line.mail_error ? `, tried again: ${line.mail_error}` : '';
    return (
      <p class="blame-mail muted"><Icon name="mail" /><span>A mail to {line.mailed_to} is on its way{why}</span></p>
    );
  }
  if (line.mailed_at) {
    const at = Date.parse(line.mailed_at);
    return (
      <p class="blame-mail">
        <Icon name="mail" />
        <span>mailed <time title={line.mailed_at}>{moment(at, now.peek())}</time> to {line.mailed_to || developer}</span>
      </p>
    );
  }
  if (!line.decided_at) return null;
  return <p class="blame-mail muted"><Icon name="mail" /><span>{whyNot(line, developer)}</span></p>;
}

function Reasons({ verdict }: { verdict: Verdict }) {
  const [first, ...more] = verdict.reasons ?? [];
  if (!first) return null;
  if (more.length === 0 && !verdict.path_rule) return <p class="blame-reasons">{first}</p>;
  return (
    <details class="blame-reasons">
      <summary>{first}</summary>
      <ul>
        {more.map((reason, index) => <li key={index}>{reason}</li>)}
        {verdict.path_rule && <li>Path rule <code>{verdict.path_rule}</code></li>}
      </ul>
    </details>
  );
}

// The form of the rules page, filled with this line.
function ruleUrl(item: ItemDetail, line: BlamedLine): string {
  const fields = new URLSearchParams({
    project: String(item.project), path: line.path, function: line.function, code: line.text,
  });
  return `/settings/rules?${fields}`;
}

function Decided({ item, line, language }: { item: ItemDetail; line: BlamedLine; language: string }) {
  const verdict = line.verdict;
  return (
    <>
      {verdict?.commit && <div class="blame-head"><Author verdict={verdict} /><Commit verdict={verdict} /></div>}
      {verdict?.problem && (
        <p class="blame-problem">
          <span>{!verdict.commit && 'Nobody found: '}{verdict.problem}</span>
          {!verdict.commit && line.path && <a href="/settings/repositories">Repositories</a>}
        </p>
      )}
      {!verdict && <p class="muted">Looking for whoever wrote this line…</p>}
      {verdict?.path && <Source verdict={verdict} reported={line.text} language={language} />}
      {verdict && <Reasons verdict={verdict} />}
      <div class="blame-foot">
        <Mailed line={line} />
        {line.path && <a href={ruleUrl(item, line)}>A known error?</a>}
      </div>
    </>
  );
}

interface Props {
  item: ItemDetail;
  occurrence: OccurrenceDetail | null;
}

export function Blame({ item, occurrence }: Props) {
  const language = occurrence?.event?.language ?? item.language;
  if (item.line) {
    return (
      <section class="box blame" aria-label="Who wrote this line">
        <Decided item={item} line={item.line} language={language} />
      </section>
    );
  }
  const culprit = occurrence?.culprit;
  return (
    <section class="box blame" aria-label="Who wrote this line">
      {culprit
        ? <p><code>{culprit.path}:{culprit.line}</code>{culprit.function && <> in <code>{culprit.function}</code></>}</p>
        : <p class="muted">No line of the application is in this report: there is nobody to ask.</p>}
    </section>
  );
}
