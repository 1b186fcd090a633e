import type { Level, Status } from '../api/types';
import './Marks.css';

// Each level has a shape of its own, so that colour is never alone.
const kShapes: Record<Level, string> = {
  critical: 'M8 1.500l6.5 6.500L8 14.5 1.5 8z',
  error: 'M8 2.500a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11',
  warning: 'M8 2.500l6 11H2z',
  info: 'M3.5 3.500h9v9h-9z',
  debug: 'M8 4.500a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7',
};

export function LevelMark({ level, word = true }: { level: Level; word?: boolean }) {
  return (
    <span class={`level level-${level}`} title={word ? undefined : level}>
      <svg viewBox="0 0 16 16" width="11" height="11" aria-hidden="true"><path d={kShapes[level]} /></svg>
      <span class={word ? '' : 'hidden-text'}>{level}</span>
    </span>
  );
}

export function StatusMark({ status }: { status: Status }) {
  return <span class={`status status-${status}`}>{status}</span>;
}
