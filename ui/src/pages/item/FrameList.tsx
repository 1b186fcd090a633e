import { useState } from 'preact/hooks';

import type { Frame } from '../../api/types';
import { plural } from '../../format/number';
import { Icon } from '../../parts/Icon';
import { openedFirst, partsOf, type Bundle } from '../../values/frames';
import { FrameView } from './FrameView';

function BundleView({ bundle, newestFirst }: { bundle: Bundle; newestFirst: boolean }) {
  const [open, setOpen] = useState(false);
  const frames = newestFirst ? [...bundle.frames].reverse() : bundle.frames;
  const libraries = bundle.libraries.join(', ');
  return (
    <li class="bundle">
      <button type="button" class="bundle-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'down' : 'chevron'} />
        <span class="clip">
          {plural(frames.length, 'library frame')}{libraries && <span class="muted"> ({libraries})</span>}
        </span>
      </button>
      {open && (
        <ol class="frames">
          {frames.map((frame, index) => <FrameView key={index} frame={frame} blamed={false} opened={false} />)}
        </ol>
      )}
    </li>
  );
}

interface Props {
  frames: Frame[];
  culprit: Frame | null;
  newestFirst: boolean;
}

export function FrameList({ frames, culprit, newestFirst }: Props) {
  const mine = culprit && frames.includes(culprit) ? culprit : null;
  const first = openedFirst(frames, mine);
  const parts = partsOf(frames, mine);
  return (
    <ol class="frames">
      {(newestFirst ? parts.reverse() : parts).map((part, index) => (
        part.kind === 'bundle'
          ? <BundleView key={index} bundle={part} newestFirst={newestFirst} />
          : <FrameView key={index} frame={part.frame} blamed={part.frame === mine} opened={part.frame === first} />
      ))}
    </ol>
  );
}
