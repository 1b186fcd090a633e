// How the frames of a traceback are laid out: application frames one by one, library frames in bundles.
import type { Frame, OccurrenceDetail, Variable } from '../api/types';
import { libraryOf } from '../format/path';
import { preview, type Node } from './node';
import type { ValueReader } from './variable';

export interface Bundle {
  kind: 'bundle';
  frames: Frame[];
  libraries: string[];
}
export interface Single {
  kind: 'single';
  frame: Frame;
}
export type Part = Bundle | Single;

const kNamedLibraries = 3;

function bundleOf(frames: Frame[]): Bundle {
  const names = frames.map((frame) =>
    frame.package ? libraryOf('', frame.package) : libraryOf(frame.abs_path ?? frame.path ?? '', frame.module ?? ''));
  const libraries = [...new Set(names)].filter(Boolean);
  return { kind: 'bundle', frames, libraries: libraries.slice(0, kNamedLibraries) };
}

// Without a frame of the application, all are shown one by one. `keep` is never bundled.
export function partsOf(frames: Frame[], keep: Frame | null): Part[] {
  if (!frames.some((frame) => frame.in_app)) return frames.map((frame) => ({ kind: 'single', frame }));
  const parts: Part[] = [];
  let library: Frame[] = [];
  const flush = (): void => {
    if (library.length > 0) parts.push(bundleOf(library));
    library = [];
  };
  for (const frame of frames) {
    if (!frame.in_app && frame !== keep) {
      library.push(frame);
      continue;
    }
    flush();
    parts.push({ kind: 'single', frame });
  }
  flush();
  return parts;
}

// The frame that is to blame, of those given.
export function culpritOf(frames: Frame[], culprit: OccurrenceDetail['culprit']): Frame | null {
  if (!culprit) return null;
  return [...frames].reverse().find((frame) => frame.line === culprit.line &&
    (frame.path === culprit.path || frame.abs_path === culprit.path)) ?? null;
}

// The one to open first: the culprit, else the innermost of the application, else the innermost.
export function openedFirst(frames: Frame[], culprit: Frame | null): Frame | null {
  return culprit ?? [...frames].reverse().find((frame) => frame.in_app) ?? frames[frames.length - 1] ?? null;
}

const kArgumentCharacters = 40;

export interface Argument {
  name: string;
  text: string;
  node: Node;
}

const isArgument = (variable: Variable): boolean => variable.role !== 'local';

// "pick_banner(shop='paris', limit=3)"
export function argumentsOf(frame: Frame, read: ValueReader): Argument[] {
  return (frame.variables ?? []).filter(isArgument).map((variable) => {
    const node = read(variable.value);
    const stars = variable.role === 'varargs' ? '*' : variable.role === 'kwargs' ? '**' : '';
    return { name: stars + variable.name, text: preview(node, kArgumentCharacters), node };
  });
}

export function functionName(frame: Frame): string {
  const name = frame.function ?? '';
  return frame.class_name && name && !name.startsWith(`${frame.class_name}.`) ? `${frame.class_name}.${name}` : name;
}
