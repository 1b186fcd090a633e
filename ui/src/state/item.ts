// One item and the occurrence of it that is being looked at.
import { signal, type Signal } from '@preact/signals';

import { ApiError, explain, isAbort } from '../api/client';
import { readItem } from '../api/items';
import { readOccurrence } from '../api/occurrences';
import type { Change, ItemDetail, OccurrenceDetail } from '../api/types';

const kGatherMs = 400;

export class ItemView {
  readonly item: Signal<ItemDetail | null> = signal(null);
  readonly occurrence: Signal<OccurrenceDetail | null> = signal(null);
  readonly problem = signal('');
  readonly missing = signal(false); // there is no such item
  readonly occurrenceProblem = signal('');
  // Which one of how many, as far as it is known: counted from the newest or the oldest.
  readonly position: Signal<number | null> = signal(null);

  private request: AbortController | null = null;
  private opening: number | null = null;
  private timer: number | undefined;

  constructor(readonly project: number, readonly number: number) {}

  async load(): Promise<void> {
    try {
      this.item.value = await readItem(this.project, this.number);
      this.problem.value = '';
      await this.refreshNeighbours();
    } catch (error) {
      this.missing.value = error instanceof ApiError && error.status === 404;
      this.problem.value = explain(error);
    }
  }

  // `id` null: the newest.
  async openOccurrence(id: number | null): Promise<void> {
    const wanted = id ?? this.item.value?.last_occurrence ?? null;
    if (wanted === null || wanted === (this.opening ?? this.occurrence.value?.id)) return;
    this.request?.abort();
    this.opening = wanted;
    const request = (this.request = new AbortController());
    try {
      const found = await readOccurrence(wanted, request.signal);
      this.position.value = this.positionOf(found);
      this.occurrence.value = found;
      this.occurrenceProblem.value = '';
    } catch (error) {
      if (isAbort(error)) return; // another one is being opened
      this.occurrenceProblem.value = explain(error);
    }
    this.opening = null;
  }

  apply(change: Change): void {
    const isRetry = this.item.value === null && this.problem.value !== '' && !this.missing.value;
    if (!isRetry && (change.project !== this.project || change.number !== this.number)) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.load(), kGatherMs);
  }

  close(): void {
    window.clearTimeout(this.timer);
    this.request?.abort();
  }

  // The newest one has a newer one now.
  private async refreshNeighbours(): Promise<void> {
    const shown = this.occurrence.value;
    if (!shown || shown.next !== null || shown.id === this.item.value?.last_occurrence) return;
    const found = await readOccurrence(shown.id);
    if (this.occurrence.value?.id === found.id) this.occurrence.value = found;
  }

  private positionOf(found: OccurrenceDetail): number | null {
    const item = this.item.value;
    const before = this.occurrence.value;
    const position = this.position.value;
    if (position !== null && found.next !== null && found.next === before?.id) return position - 1;
    if (position !== null && found.previous !== null && found.previous === before?.id) return position + 1;
    if (found.previous === null && found.id === item?.first_occurrence) return 1;
    return found.next === null ? (item?.count ?? null) : null;
  }
}
