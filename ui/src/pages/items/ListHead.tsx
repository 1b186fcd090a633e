import { filters, setSort } from '../../state/filters';

function SortButton({ name, label, className }: { name: string; label: string; className: string }) {
  const sort = filters.value.sort;
  const descending = sort === `-${name}`;
  const chosen = descending || sort === name;
  return (
    <button type="button" class={`sort ${className}`} aria-pressed={chosen}
      title={`Sort by ${label.toLowerCase()}`} onClick={() => setSort(descending ? name : `-${name}`)}>
      {label}{chosen && <span aria-hidden="true">{descending ? ' ↓' : ' ↑'}</span>}
    </button>
  );
}

// Columns that can be sorted by; the rest only have a name.
export function ListHead() {
  return (
    <div class="item item-head" role="group" aria-label="Sort by">
      <SortButton name="level" label="Level" className="item-level" />
      <span class="item-what">
        Item
        <SortButton name="first_seen" label="First seen" className="" />
      </span>
      <span class="item-envs">Environments</span>
      <span class="item-trend">24 hours</span>
      <SortButton name="count" label="Count" className="item-count" />
      <SortButton name="people" label="People" className="item-people" />
      <span class="item-developer">Developer</span>
      <SortButton name="last_seen" label="Last seen" className="item-seen" />
    </div>
  );
}
