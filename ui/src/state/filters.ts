// What the item list is narrowed to; lives in the address bar.
import { computed } from '@preact/signals';

import type { ItemFilters } from '../api/items';
import type { Change } from '../api/types';
import { query, setQuery } from './router';

export const kLevels = ['critical', 'error', 'warning', 'info', 'debug'] as const;
export const kStatuses = ['active', 'resolved', 'muted', 'archived'] as const;
export const kDefaultSort = '-last_seen';

// Active ones unless the address says otherwise; "any" is every status.
function statusesOf(parameters: URLSearchParams): string[] {
  const given = parameters.getAll('status');
  if (given.includes('any')) return [];
  return given.length > 0 ? given : ['active'];
}

export const filters = computed<ItemFilters>(() => ({
  status: statusesOf(query.value),
  level: query.value.getAll('level'),
  environment: query.value.getAll('environment'),
  developer: query.value.get('developer') ?? '',
  release: query.value.get('release') ?? '',
  q: query.value.get('q') ?? '',
  sort: query.value.get('sort') ?? kDefaultSort,
}));

export function setStatuses(statuses: string[]): void {
  const isDefault = statuses.length === 1 && statuses[0] === 'active';
  setQuery({ status: statuses.length === 0 ? ['any'] : isDefault ? [] : statuses });
}

export const setLevels = (levels: string[]): void => setQuery({ level: levels });
export const setEnvironments = (names: string[]): void => setQuery({ environment: names });
export const setDeveloper = (address: string): void => setQuery({ developer: address });
export const setRelease = (release: string): void => setQuery({ release });
export const setSort = (sort: string): void => setQuery({ sort: sort === kDefaultSort ? null : sort });

// While somebody types, the history gets no entry for every letter.
export const setSearch = (text: string): void => setQuery({ q: text }, { replace: true });

export const clearFilters = (): void =>
  setQuery({ status: null, level: null, environment: null, developer: null, release: null, q: null });

export function isNarrowed(f: ItemFilters): boolean {
  return Boolean(f.level.length || f.environment.length || f.developer || f.release || f.q) ||
    f.status.join() !== 'active';
}

// Whether a change may concern this list. Words and releases are known to the server only.
export function mayMatch(f: ItemFilters, change: Change): boolean {
  const allows = (list: string[], value: string): boolean => list.length === 0 || list.includes(value);
  return allows(f.status, change.status) && allows(f.level, change.level) &&
    (!change.environment || allows(f.environment, change.environment)) &&
    (!f.developer || f.developer === change.developer);
}
