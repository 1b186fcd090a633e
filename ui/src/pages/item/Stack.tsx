// The traceback with its causes; and the threads of a crash.
import type { Exception, Frame, OccurrenceDetail } from '../../api/types';
import { tracebackText } from '../../format/traceback';
import { plural } from '../../format/number';
import { Chip } from '../../parts/Chip';
import { Copy } from '../../parts/Copy';
import { Note } from '../../parts/Notes';
import { remembered } from '../../state/remembered';
import { culpritOf } from '../../values/frames';
import { valueReaderOf } from '../../values/variable';
import { FrameList } from './FrameList';
import { FrameContext } from './frame-context';

const order = remembered('frames', ['newest', 'oldest'] as const, 'newest');

// The message is left out where the page's title says it already.
function ExceptionHead({ exception, isCause, title }: { exception: Exception; isCause: boolean; title: string }) {
  const said = !exception.message || title.endsWith(exception.message);
  const type = [exception.module, exception.type].filter(Boolean).join('.');
  return (
    <header class="exception-head">
      {isCause && <p class="exception-cause">{exception.mechanism === 'suppressed' ? 'suppressed' : 'caused by'}</p>}
      <h3><span class="exception-type">{type || 'Exception'}</span></h3>
      {!said && <p class="exception-message mono">{exception.message}</p>}
    </header>
  );
}

function ExceptionView({ exception, index, culprit }: {
  exception: Exception; index: number; culprit: Frame | null;
}) {
  const frames = exception.frames ?? [];
  return (
    <article class="exception">
      {index > 0 && <ExceptionHead exception={exception} isCause={true} title="" />}
      {frames.length > 0
        ? <FrameList frames={frames} culprit={culprit} newestFirst={order.value === 'newest'} />
        : <p class="muted exception-bare">It came without a traceback.</p>}
    </article>
  );
}

type Thread = NonNullable<NonNullable<OccurrenceDetail['event']>['threads']>[number];

function Threads({ threads }: { threads: Thread[] }) {
  return (
    <section class="threads" aria-label="Threads">
      <h2>{plural(threads.length, 'thread')}</h2>
      {threads.map((thread, index) => (
        <details key={index} open={threads.length === 1 || thread.crashed}>
          <summary>{thread.name || thread.id || `thread ${index + 1}`}
            {thread.crashed && <span class="muted"> · crashed</span>}
            {thread.state && <span class="muted"> · {thread.state}</span>}
          </summary>
          <FrameList frames={thread.frames ?? []} culprit={null} newestFirst={order.value === 'newest'} />
        </details>
      ))}
    </section>
  );
}

function Message({ occurrence }: { occurrence: OccurrenceDetail }) {
  const text = occurrence.event?.message;
  if (!text) return null;
  return <pre class="message">{text}</pre>;
}

function Missing({ occurrence }: { occurrence: OccurrenceDetail }) {
  return <Note><p>What was reported is gone: {occurrence.body.reason || 'it was dropped by age or disk limit'}. The facts above stay.</p></Note>;
}

export function Stack({ occurrence, title }: { occurrence: OccurrenceDetail; title: string }) {
  const event = occurrence.event;
  if (!event) return <Missing occurrence={occurrence} />;
  const exceptions = event.exceptions ?? [];
  const threads = event.threads ?? [];
  const all = exceptions.flatMap((exception) => exception.frames ?? []);
  const culprit = culpritOf(all, occurrence.culprit);
  const context = { language: event.language ?? '', read: valueReaderOf(occurrence) };
  return (
    <FrameContext.Provider value={context}>
      <section class="stack-view" aria-label="Traceback" key={occurrence.id}>
        <header class="section-head">
          {exceptions[0]
            ? <ExceptionHead exception={exceptions[0]} isCause={false} title={title} />
            : <h2>{threads.length > 0 ? 'Crash' : 'Message'}</h2>}
          {all.length > 0 && (
            <div class="inline">
              <Chip on={order.value === 'newest'}
                onClick={() => (order.value = order.value === 'newest' ? 'oldest' : 'newest')}>newest call first</Chip>
              <Copy what="traceback" text={() => tracebackText(exceptions)} />
            </div>
          )}
        </header>
        {exceptions.length === 0 && <Message occurrence={occurrence} />}
        {exceptions.map((exception, index) => (
          <ExceptionView key={index} index={index} exception={exception} culprit={culprit} />
        ))}
        {threads.length > 0 && <Threads threads={threads} />}
      </section>
    </FrameContext.Provider>
  );
}
