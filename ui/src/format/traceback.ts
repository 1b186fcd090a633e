import type { Exception, Frame } from '../api/types';

function frameText(frame: Frame): string {
  const place = `  File "${frame.path ?? frame.module ?? '?'}", line ${frame.line ?? '?'}, in ${frame.function ?? '?'}`;
  return frame.code ? `${place}\n    ${frame.code.trim()}` : place;
}

function exceptionText(exception: Exception): string {
  const head = [exception.type, exception.message].filter(Boolean).join(': ');
  return [...(exception.frames ?? []).map(frameText), head].join('\n');
}

// As Python prints it: causes first, the exception that was raised last at the end.
export function tracebackText(exceptions: Exception[]): string {
  return [...exceptions].reverse().map(exceptionText).join('\n\ncaused:\n\n');
}
