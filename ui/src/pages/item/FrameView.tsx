import { useContext, useId, useState } from 'preact/hooks';

import type { Frame } from '../../api/types';
import { shortenMiddle } from '../../format/path';
import { CodeBlock, type CodeLine } from '../../parts/CodeBlock';
import { Icon } from '../../parts/Icon';
import { argumentsOf, functionName } from '../../values/frames';
import { FrameContext } from './frame-context';
import { Variables } from './Variables';

const kPathCharacters = 64;
const kContextLines = 3; // above and below, until more are asked for

function codeLines(frame: Frame, context: number): CodeLine[] {
  if (frame.code === undefined) return [];
  const before = (frame.code_before ?? []).slice(-context);
  const number = (offset: number): number | null => (frame.line === undefined ? null : frame.line + offset);
  const marked: CodeLine = { number: number(0), text: frame.code, marked: true };
  if (frame.column !== undefined) marked.column = frame.column;
  return [
    ...before.map((text, index) => ({ number: number(index - before.length), text })),
    marked,
    ...(frame.code_after ?? []).slice(0, context).map((text, index) => ({ number: number(index + 1), text })),
  ];
}

function Signature({ frame }: { frame: Frame }) {
  const { read } = useContext(FrameContext);
  const given = argumentsOf(frame, read);
  return (
    <span class="signature mono">
      <strong>{functionName(frame) || '?'}</strong>
      {given.length > 0 && (
        <>
          <span class="muted">(</span>
          {given.map((one, index) => (
            <span key={one.name} class="signature-argument" title={`${one.name}=${one.text}`}>
              {index > 0 && ', '}{one.name}=<span class={one.node.kind === 'atom' ? `v-${one.node.tone}` : ''}>{one.text}</span>
            </span>
          ))}
          <span class="muted">)</span>
        </>
      )}
    </span>
  );
}

function Place({ frame }: { frame: Frame }) {
  const path = frame.path || frame.module || frame.package || frame.address || '?';
  const position = frame.line === undefined ? '' : `:${frame.line}${frame.column === undefined ? '' : `:${frame.column}`}`;
  return (
    <span class="frame-place mono" title={(frame.abs_path || path) + position}>
      {shortenMiddle(path, kPathCharacters)}{position}
    </span>
  );
}

function Code({ frame }: { frame: Frame }) {
  const { language } = useContext(FrameContext);
  const [context, setContext] = useState(kContextLines);
  const sent = Math.max(frame.code_before?.length ?? 0, frame.code_after?.length ?? 0);
  return (
    <div class="frame-source">
      <CodeBlock lines={codeLines(frame, context)} language={language} name={`Code around line ${frame.line ?? ''}`} />
      {sent > context && (
        <button type="button" class="frame-more" onClick={() => setContext(sent)}>more lines</button>
      )}
    </div>
  );
}

const hasCode = (frame: Frame): boolean => frame.code !== undefined;
const hasVariables = (frame: Frame): boolean => (frame.variables ?? []).length > 0;

function FrameBody({ frame }: { frame: Frame }) {
  return (
    <>
      {hasCode(frame) && <Code frame={frame} />}
      {hasVariables(frame) && <Variables variables={frame.variables ?? []} />}
    </>
  );
}

function FrameLines({ frame, blamed, open }: { frame: Frame; blamed: boolean; open: boolean }) {
  return (
    <span class="frame-lines">
      <span class="frame-first">
        <Place frame={frame} />
        <Signature frame={frame} />
        {blamed && <span class="frame-mark">the line to blame</span>}
      </span>
      {!open && frame.code && <span class="frame-code mono clip">{frame.code.trim()}</span>}
    </span>
  );
}

interface Props {
  frame: Frame;
  blamed: boolean;
  opened: boolean;
}

export function FrameView({ frame, blamed, opened }: Props) {
  const [open, setOpen] = useState(opened);
  const id = useId();
  const looks = `frame${blamed ? ' frame-blamed' : ''}${frame.in_app ? '' : ' frame-library'}`;
  if (!hasCode(frame) && !hasVariables(frame)) {
    return <li class={`${looks} frame-bare`}><FrameLines frame={frame} blamed={blamed} open={false} /></li>;
  }
  return (
    <li class={looks}>
      <button type="button" class="frame-head" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'down' : 'chevron'} />
        <FrameLines frame={frame} blamed={blamed} open={open} />
      </button>
      <div id={id} hidden={!open}>{open && <FrameBody frame={frame} />}</div>
    </li>
  );
}
