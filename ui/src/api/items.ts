import { call } from './client';
import type { Item, ItemDetail, Page, Status, Trend } from './types';

export interface ItemFilters {
  status: string[];
  level: string[];
  environment: string[];
  developer: string;
  release: string;
  q: string;
  sort: string;
}

export async function listItems(
  project: number, filters: ItemFilters, page: { cursor?: string; limit?: number }, signal?: AbortSignal,
): Promise<Page<Item>> {
  const reply = await call<{ items: Item[]; next: string | null }>(
    'GET', `/projects/${project}/items`, { query: { ...filters, ...page }, signal });
  return { rows: reply.items, next: reply.next };
}

export const readItem = (project: number, number: number, signal?: AbortSignal): Promise<ItemDetail> =>
  call('GET', `/projects/${project}/items/${number}`, { signal });

export const changeStatus = (project: number, number: number, status: Status): Promise<ItemDetail> =>
  call('PATCH', `/projects/${project}/items/${number}`, { body: { status } });

export const readTrend = (
  project: number, number: number, hours: number, signal?: AbortSignal,
): Promise<Trend> => call('GET', `/projects/${project}/items/${number}/trend`, { query: { hours }, signal });
