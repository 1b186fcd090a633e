import type { RefObject } from 'preact';

import { Chip, RemovableChip } from '../../parts/Chip';
import { Icon } from '../../parts/Icon';
import { LevelMark } from '../../parts/Marks';
import { Menu, MenuItem } from '../../parts/Menu';
import {
  clearFilters, filters, isNarrowed, kLevels, kStatuses, setDeveloper, setEnvironments, setLevels, setRelease,
  setSearch, setStatuses,
} from '../../state/filters';
import type { ItemList } from '../../state/items';

const toggled = (list: string[], value: string): string[] =>
  list.includes(value) ? list.filter((one) => one !== value) : [...list, value];

const kTypingMs = 200;
let typing: number | undefined;

function searchSoon(text: string): void {
  window.clearTimeout(typing);
  typing = window.setTimeout(() => setSearch(text), kTypingMs);
}

function Search({ input }: { input: RefObject<HTMLInputElement> }) {
  // Leaves the field; browsers would also empty it.
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    input.current?.blur();
  };
  return (
    <label class="search">
      <Icon name="search" />
      <span class="hidden-text">Search titles, messages, functions and files</span>
      <input class="input" type="search" ref={input} placeholder="Search   /" defaultValue={filters.value.q}
        onInput={(event) => searchSoon(event.currentTarget.value)} onKeyDown={onKeyDown} />
    </label>
  );
}

// What the rows at hand offer, and what is chosen already.
function useOffers(list: ItemList): { environments: string[]; developers: string[] } {
  const rows = list.rows.value ?? [];
  const environments = new Set(filters.value.environment);
  const developers = new Set<string>();
  for (const row of rows) {
    for (const one of row.environments) if (one.name) environments.add(one.name);
    if (row.developer) developers.add(row.developer);
  }
  return { environments: [...environments].sort(), developers: [...developers].sort() };
}

function Statuses() {
  const chosen = filters.value.status;
  return (
    <div class="chips" role="group" aria-label="Status">
      {kStatuses.map((status) => (
        <Chip key={status} on={chosen.includes(status)} onClick={() => setStatuses(toggled(chosen, status))}>
          {status}
        </Chip>
      ))}
    </div>
  );
}

function LevelMenu() {
  const chosen = filters.value.level;
  return (
    <Menu name="Level" label={chosen.length > 0 ? chosen.join(', ') : 'Level'}>
      {kLevels.map((level) => (
        <MenuItem key={level} chosen={chosen.includes(level)} onClick={() => setLevels(toggled(chosen, level))}>
          <LevelMark level={level} />
        </MenuItem>
      ))}
    </Menu>
  );
}

function EnvironmentMenu({ names }: { names: string[] }) {
  const chosen = filters.value.environment;
  if (names.length === 0) return null;
  return (
    <Menu name="Environment" label={<span class="clip">{chosen.length > 0 ? chosen.join(', ') : 'Environment'}</span>}>
      {names.map((name) => (
        <MenuItem key={name} chosen={chosen.includes(name)} onClick={() => setEnvironments(toggled(chosen, name))}>
          <span class="clip">{name}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}

function DeveloperMenu({ addresses }: { addresses: string[] }) {
  if (addresses.length === 0 || filters.value.developer) return null;
  return (
    <Menu name="Developer" label="Developer">
      {addresses.map((address) => (
        <MenuItem key={address} onClick={() => setDeveloper(address)}><span class="clip">{address}</span></MenuItem>
      ))}
    </Menu>
  );
}

export function FilterBar({ list, searchInput }: { list: ItemList; searchInput: RefObject<HTMLInputElement> }) {
  const offers = useOffers(list);
  const { developer, release } = filters.value;
  const clear = (): void => {
    if (searchInput.current) searchInput.current.value = '';
    clearFilters();
  };
  return (
    <div class="filters" role="search">
      <Statuses />
      <LevelMenu />
      <EnvironmentMenu names={offers.environments} />
      <DeveloperMenu addresses={offers.developers} />
      {developer && (
        <RemovableChip label="developer" onRemove={() => setDeveloper('')}>{developer}</RemovableChip>
      )}
      {release && <RemovableChip label="release" onRemove={() => setRelease('')}>{release}</RemovableChip>}
      {isNarrowed(filters.value) && (
        <button type="button" class="chip chip-clear" onClick={clear}>Clear</button>
      )}
      <Search input={searchInput} />
    </div>
  );
}
