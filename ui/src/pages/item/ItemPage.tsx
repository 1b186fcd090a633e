// One item: what broke, on which line, with which values, whose change it was.
import { useEffect, useMemo } from 'preact/hooks';

import type { Status } from '../../api/types';
import { Loading, Problem } from '../../parts/Notes';
import { ItemView } from '../../state/item';
import { useKeys } from '../../state/keys';
import { gaps, onChange } from '../../state/live';
import { navigate, query, setQuery } from '../../state/router';
import { setStatus } from '../../state/status';
import { useTitle } from '../../state/title';
import { NotFound } from '../NotFound';
import { Blame } from './Blame';
import { Details } from './Details';
import { ItemHeader } from './ItemHeader';
import { OccurrenceBar } from './OccurrenceBar';
import { Side } from './Side';
import { Stack } from './Stack';
import './Item.css';

const chosenOccurrence = (): number | null => {
  const id = Number(query.value.get('occurrence'));
  return Number.isSafeInteger(id) && id > 0 ? id : null;
};

// Null: the newest, which the address does not name.
function openOccurrence(view: ItemView, id: number | null): void {
  setQuery({ occurrence: id === null ? null : String(id) }, { replace: true });
  void view.openOccurrence(id);
}

function useView(project: number, number: number): ItemView {
  const view = useMemo(() => new ItemView(project, number), [project, number]);
  const gap = gaps.value;
  const wanted = chosenOccurrence();
  useEffect(() => {
    void view.load().then(() => {
      if (!view.occurrence.value) void view.openOccurrence(chosenOccurrence());
    });
  }, [view, gap]);
  useEffect(() => {
    if (view.item.value && wanted !== null) void view.openOccurrence(wanted);
  }, [view, wanted]);
  useEffect(() => onChange((change) => view.apply(change)), [view]);
  useEffect(() => () => view.close(), [view]);
  return view;
}

function changeStatus(view: ItemView, status: Status): void {
  const item = view.item.value;
  if (!item) return;
  const target = { project: view.project, number: view.number, status: item.status };
  void setStatus(target, status, (shown, detail) => {
    const current = view.item.value;
    if (detail) view.item.value = detail;
    else if (current) view.item.value = { ...current, status: shown };
  });
}

function useItemKeys(view: ItemView): void {
  const toggle = (to: Status): void =>
    changeStatus(view, view.item.value?.status === to ? 'active' : to);
  const open = (id: number | null | undefined): void => {
    if (id) openOccurrence(view, id);
  };
  useKeys({
    e: () => toggle('resolved'),
    m: () => toggle('muted'),
    j: () => open(view.occurrence.value?.previous),
    k: () => open(view.occurrence.value?.next),
    u: () => navigate(`/p/${view.project}/items`),
  });
}

export function ItemPage({ project, number }: { project: number; number: number }) {
  const view = useView(project, number);
  const item = view.item.value;
  const occurrence = view.occurrence.value;
  const open = (id: number | null): void => openOccurrence(view, id);
  useTitle(item ? `#${number} ${item.title}` : `#${number}`);
  useItemKeys(view);
  if (view.missing.value) return <NotFound />;
  return (
    <div class="page item-page">
      {view.problem.value && <Problem text={view.problem.value} onRetry={() => void view.load()} />}
      {!item && !view.problem.value && <Loading what={`#${number}`} />}
      {item && (
        <>
          <ItemHeader item={item} onStatus={(status) => changeStatus(view, status)} />
          <div class="columns">
            <div class="column-main">
              <Blame item={item} occurrence={occurrence} />
              <OccurrenceBar item={item} occurrence={occurrence} position={view.position.value} onOpen={open} />
              {view.occurrenceProblem.value && (
                <Problem text={view.occurrenceProblem.value} onRetry={() => void view.openOccurrence(chosenOccurrence())} />
              )}
              {occurrence && <Stack occurrence={occurrence} title={item.title} />}
              {occurrence && <Details item={item} occurrence={occurrence} onOpen={open} />}
            </div>
            <Side item={item} />
          </div>
        </>
      )}
    </div>
  );
}
