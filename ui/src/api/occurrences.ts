import { call } from './client';
import type { Occurrence, OccurrenceDetail, Page } from './types';

export const readOccurrence = (id: number, signal?: AbortSignal): Promise<OccurrenceDetail> =>
  call('GET', `/occurrences/${id}`, { signal });

export const readRaw = (id: number, signal?: AbortSignal): Promise<unknown> =>
  call('GET', `/occurrences/${id}/raw`, { signal });

export async function listOccurrences(
  project: number, item: number, cursor: string | null,
): Promise<Page<Occurrence>> {
  const reply = await call<{ occurrences: Occurrence[]; next: string | null }>(
    'GET', `/projects/${project}/items/${item}/occurrences`, { query: { cursor } });
  return { rows: reply.occurrences, next: reply.next };
}
