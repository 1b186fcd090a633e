import { useContext, useId, useState } from 'preact/hooks';

import type { Frame } from '../../api/types';
import { shortenMiddle } from '../../format/path';
import { CodeBlock, type CodeLine } from '../../parts/CodeBlock';
import { Icon } from '../../parts/Icon';
import { argumentsOf, functionName } from '../../values/frames';
import { FrameContext } from './frame-context';
import { Variables } from './Variables';

const kPathCharacters = 64;

function codeLines(frame: Frame): CodeLine[] {
  if (frame.code === undefined) return [];
  const before = frame.code_before ?? [];
  const number = (offset: number): number | null => (frame.line === undefined ? null : frame.line + offset);
  const marked: CodeLine = { number: number(0), text: frame.code, marked: true };
  if (frame.column !== undefined) marked.column = frame.column;
  return [
    ...before.map((text, index) => ({ number: number(index - before.length), text })),
    marked,
    ...(frame.code_after ?? []).map((text, index) => ({ number: number(index + 1), text })),
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

function FrameBody({ frame }: { frame: Frame }) {
  const { language } = useContext(FrameContext);
  const lines = codeLines(frame);
  const hasVariables = (frame.variables ?? []).length > 0;
  return (
    <>
      {lines.length > 0 && <CodeBlock lines={lines} language={language} name={`Code around line ${frame.line ?? ''}`} />}
      {hasVariables && <Variables variables={frame.variables ?? []} />}
      {lines.length === 0 && !hasVariables && <p class="frame-bare muted">Neither source nor variables were sent.</p>}
    </>
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
  return (
    <li class={`frame${blamed ? ' frame-blamed' : ''}${frame.in_app ? '' : ' frame-library'}`}>
      <button type="button" class="frame-head" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'down' : 'chevron'} />
        <span class="frame-lines">
          <span class="frame-first"><Place frame={frame} />{blamed && <span class="frame-mark">the line to blame</span>}</span>
          <Signature frame={frame} />
          {!open && frame.code && <span class="frame-code mono clip">{frame.code.trim()}</span>}
        </span>
      </button>
      <div id={id} hidden={!open}>{open && <FrameBody frame={frame} />}</div>
    </li>
  );
}
