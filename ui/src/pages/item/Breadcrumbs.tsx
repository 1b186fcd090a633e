import type { Breadcrumb } from '../../api/types';
import { exact, localClock } from '../../format/time';
import { LevelMark } from '../../parts/Marks';
import { ValueTree } from '../../parts/ValueTree';
import { nodeOfJson } from '../../values/json';

function Crumb({ crumb }: { crumb: Breadcrumb }) {
  const at = crumb.at ? Date.parse(crumb.at) : NaN;
  return (
    <li class="crumb">
      {Number.isNaN(at) ? <span /> : <time class="numbers muted" title={exact(at)}>{localClock(at)}</time>}
      <span>{crumb.level && <LevelMark level={crumb.level} word={false} />}</span>
      <span class="muted clip" title={crumb.category || crumb.type}>{crumb.category || crumb.type}</span>
      <span class="crumb-text">
        {crumb.message && <span>{crumb.message} </span>}
        {crumb.data !== undefined && crumb.data !== null && <ValueTree node={nodeOfJson(crumb.data)} />}
      </span>
    </li>
  );
}

// The last one happened just before.
export function Breadcrumbs({ crumbs }: { crumbs: Breadcrumb[] }) {
  return <ol class="crumbs-list">{crumbs.map((crumb, index) => <Crumb key={index} crumb={crumb} />)}</ol>;
}
