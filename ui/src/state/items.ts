// One list of items: its pages as loaded so far, kept up by changes as they arrive.
import { signal, type Signal } from '@preact/signals';

import { explain, isAbort } from '../api/client';
import { listItems, type ItemFilters } from '../api/items';
import type { Change, ChangeKind, Item, Page, Status } from '../api/types';
import { mayMatch } from './filters';

const kKeptLists = 8;
const kPageRows = 50;
const kMostRows = 200; // the server gives no more at once
const kGatherMs = 250; // several changes lead to one reload
const kTopPx = 80;     // above this the list is being read from its top

// What can make an item belong to a list that does not show it; counts of items further down do not.
const kAdding: ReadonlySet<ChangeKind> = new Set(['new', 'reopened', 'new_in_environment', 'status']);

export class ItemList {
  readonly rows: Signal<Item[] | null> = signal(null);
  readonly next: Signal<string | null> = signal(null);
  readonly problem = signal('');
  readonly loading = signal(false);
  readonly loadingMore = signal(false);
  readonly waiting: Signal<ReadonlySet<number>> = signal(new Set()); // arrived, not shown yet
  readonly fresh: Signal<ReadonlySet<number>> = signal(new Set());   // slid in by themselves
  selected: number | null = null;

  private request: AbortController | null = null;
  private timer: number | undefined;

  constructor(readonly project: number, readonly filters: ItemFilters) {}

  // All that is shown again, up to what one request gives. It stays until the answer is there.
  async reload(): Promise<void> {
    this.request?.abort();
    const request = (this.request = new AbortController());
    this.loading.value = true;
    const limit = Math.min(kMostRows, Math.max(kPageRows, this.rows.value?.length ?? 0));
    try {
      const page = await listItems(this.project, this.filters, { limit }, request.signal);
      this.takeHead(page, limit);
    } catch (error) {
      if (isAbort(error)) return;
      this.problem.value = explain(error);
    }
    this.loading.value = false;
  }

  async loadMore(): Promise<void> {
    const cursor = this.next.value;
    if (!cursor || this.loadingMore.value) return;
    this.loadingMore.value = true;
    try {
      const page = await listItems(this.project, this.filters, { cursor });
      const shown = new Set((this.rows.value ?? []).map((row) => row.number));
      this.rows.value = [...(this.rows.value ?? []), ...page.rows.filter((row) => !shown.has(row.number))];
      this.next.value = page.next;
    } catch (error) {
      this.problem.value = explain(error);
    }
    this.loadingMore.value = false;
  }

  apply(change: Change): void {
    if (change.project !== this.project) return;
    const shown = this.rows.value?.some((row) => row.number === change.number) ?? false;
    if (shown) return this.update(change);
    if (!mayMatch(this.filters, change)) return;
    // While a page is on its way it may hold the item as it was before this change.
    const matters = kAdding.has(change.kind) || this.loading.value || this.filters.developer !== '';
    if (!matters) return;
    if (window.scrollY < kTopPx) this.reloadSoon();
    else this.waiting.value = new Set(this.waiting.value).add(change.number);
  }

  // An item that no longer matches leaves.
  setStatus(number: number, status: Status): void {
    const wanted = this.filters.status;
    if (wanted.length > 0 && !wanted.includes(status)) return this.remove(number);
    this.rows.value = this.rows.value?.map((row) => (row.number === number ? { ...row, status } : row)) ?? null;
  }

  private remove(number: number): void {
    this.rows.value = this.rows.value?.filter((row) => row.number !== number) ?? null;
  }

  // Replaces the first `limit` rows; those further down stay as they are.
  private takeHead(page: Page<Item>, limit: number): void {
    const before = this.rows.value;
    const numbers = page.rows.map((row) => row.number);
    const known = new Set(before?.map((row) => row.number));
    this.fresh.value = new Set(before ? numbers.filter((number) => !known.has(number)) : []);
    const head = new Set(numbers);
    const tail = page.next ? (before ?? []).slice(limit).filter((row) => !head.has(row.number)) : [];
    this.rows.value = [...page.rows, ...tail];
    if (tail.length === 0) this.next.value = page.next;
    this.problem.value = '';
    this.waiting.value = new Set();
  }

  private update(change: Change): void {
    if (!mayMatch(this.filters, { ...change, environment: '' })) return this.remove(change.number);
    this.rows.value = (this.rows.value ?? []).map((row) =>
      row.number === change.number ? withChange(row, change) : row);
  }

  private reloadSoon(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.reload(), kGatherMs);
  }
}

function withChange(row: Item, change: Change): Item {
  const added = Math.max(0, change.count - row.count);
  const trend = [...row.trend];
  if (trend.length > 0) trend[trend.length - 1] = (trend[trend.length - 1] ?? 0) + added;
  return {
    ...row, trend, status: change.status, count: Math.max(row.count, change.count),
    last_seen: change.last_seen > row.last_seen ? change.last_seen : row.last_seen,
    developer: change.developer || (row.developer ?? ''),
  };
}

// Lists by what they show, so that going back finds the same rows.
const kept = new Map<string, ItemList>();

export function itemListOf(project: number, filters: ItemFilters): ItemList {
  const key = JSON.stringify([project, filters]);
  const list = kept.get(key) ?? new ItemList(project, filters);
  kept.delete(key);
  kept.set(key, list);
  for (const oldest of kept.keys()) {
    if (kept.size <= kKeptLists) break;
    kept.delete(oldest);
  }
  return list;
}

export const keptLists = (): Iterable<ItemList> => kept.values();
export const forgetLists = (): void => kept.clear();
