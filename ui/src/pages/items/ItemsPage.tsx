// The items of a project, newest first, as they happen.
import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import type { Item, Status } from '../../api/types';
import { plural } from '../../format/number';
import { Button } from '../../parts/Button';
import { Loading, Problem } from '../../parts/Notes';
import { filters } from '../../state/filters';
import { itemListOf, type ItemList } from '../../state/items';
import { useKeys } from '../../state/keys';
import { gaps } from '../../state/live';
import { projectName } from '../../state/projects';
import { navigate } from '../../state/router';
import { setStatus } from '../../state/status';
import { useTitle } from '../../state/title';
import { FilterBar } from './FilterBar';
import { ItemRow } from './ItemRow';
import { ListHead } from './ListHead';
import { NoItems } from './NoItems';
import './Items.css';

const itemUrl = (item: Item): string => `/p/${item.project}/items/${item.number}`;

function changeStatus(item: Item, status: Status): void {
  void setStatus({ project: item.project, number: item.number, status: item.status }, status);
}

const rowOf = (number: number): HTMLAnchorElement | null =>
  document.querySelector(`.item-link[data-number="${number}"]`);

// j and k move the focus from row to row; what is focused is what the other keys act on.
function useListKeys(list: ItemList, search: () => void): void {
  const selected = (): Item | undefined => list.rows.value?.find((row) => row.number === list.selected);
  const step = (by: number): void => {
    const rows = list.rows.value ?? [];
    if (rows.length === 0) return;
    const at = rows.findIndex((row) => row.number === list.selected);
    const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next) rowOf(next.number)?.focus();
  };
  // The row after it is selected, so that one can go on.
  const act = (to: Status): void => {
    const item = selected();
    if (!item) return;
    const rows = list.rows.value ?? [];
    const at = rows.indexOf(item);
    const neighbour = rows[at + 1] ?? rows[at - 1];
    changeStatus(item, item.status === to ? 'active' : to);
    if (neighbour) rowOf(neighbour.number)?.focus();
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    Enter: () => { const item = selected(); if (item) navigate(itemUrl(item)); },
    e: () => act('resolved'),
    m: () => act('muted'),
    '/': search,
  });
}

function Waiting({ list }: { list: ItemList }) {
  const count = list.waiting.value.size;
  if (count === 0) return null;
  const show = (): void => {
    window.scrollTo(0, 0);
    void list.reload();
  };
  return (
    <div class="waiting-place">
      <button type="button" class="waiting" onClick={show}>{count} new</button>
    </div>
  );
}

function Rows({ list }: { list: ItemList }) {
  const rows = list.rows.value;
  if (!rows) return list.problem.value ? null : <Loading what="items" />;
  if (rows.length === 0) return <NoItems project={list.project} />;
  return (
    <>
      <ListHead />
      <ol class="items" aria-label="Items" aria-busy={list.loading.value}>
        {rows.map((item) => (
          <ItemRow key={item.number} item={item} href={itemUrl(item)} fresh={list.fresh.value.has(item.number)}
            onSelect={() => (list.selected = item.number)}
            onStatus={(status) => changeStatus(item, status)} />
        ))}
      </ol>
      <footer class="items-end">
        <span class="muted">{plural(rows.length, 'item')}{list.next.value ? ', and more' : ''}</span>
        {list.next.value && (
          <Button disabled={list.loadingMore.value} onClick={() => void list.loadMore()}>
            {list.loadingMore.value ? 'Loading…' : 'Show more'}
          </Button>
        )}
      </footer>
    </>
  );
}

export function ItemsPage({ project }: { project: number }) {
  useTitle(`Items of ${projectName(project)}`);
  const search = useRef<HTMLInputElement>(null);
  const list = useComputed(() => itemListOf(project, filters.value)).value;
  const gap = gaps.value;
  useEffect(() => void list.reload(), [list, gap]);
  useListKeys(list, () => search.current?.focus());
  // Whoever comes back finds the row that was left.
  useEffect(() => {
    const idle = document.activeElement === document.body;
    if (idle && list.selected !== null) rowOf(list.selected)?.focus({ preventScroll: true });
  }, [list]);
  return (
    <div class="page items-page">
      <h1 class="hidden-text">Items of {projectName(project)}</h1>
      <FilterBar list={list} searchInput={search} />
      <Waiting list={list} />
      {list.problem.value && <Problem text={list.problem.value} onRetry={() => void list.reload()} />}
      <Rows list={list} />
    </div>
  );
}
