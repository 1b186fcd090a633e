import './Icon.css';

// Small line glyphs, 16 by 16.
const kPaths = {
  check: 'M3 8.5l3.2 3.2L13 5',
  mute: 'M3 6.5h2L8 4v8L5 9.5H3zM10.5 6.5l3 3m0-3l-3 3',
  archive: 'M2.5 3.5h11v3h-11zM3.5 6.5v6h9v-6M6.5 9h3',
  reopen: 'M3 8a5 5 0 1 1 1.6 3.7M3 13v-2.8h2.8',
  copy: 'M5.5 5.5h7v7h-7zM3.5 10.5v-7h7',
  chevron: 'M6 4l4 4-4 4',
  down: 'M4 6l4 4 4-4',
  left: 'M10 4L6 8l4 4',
  first: 'M11 4L7 8l4 4M5 4v8',
  last: 'M5 4l4 4-4 4M11 4v8',
  close: 'M4 4l8 8m0-8l-8 8',
  sun: 'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M8 1.5v1.2m0 10.6v1.2M1.5 8h1.2m10.6 0h1.2M3.4 3.4l.9.9m7.4 7.4l.9.9M3.4 12.6l.9-.9m7.4-7.4l.9-.9',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5',
  search: 'M7 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8m3 7l3 3',
  plus: 'M8 3.500v9M3.5 8h9',
  person: 'M8 3.500a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.600M3.5 13c.5-2.3 2.3-3.3 4.5-3.300s4 1 4.5 3.3',
  mail: 'M2.5 4h11v8h-11zM2.5 4.500L8 9l5.5-4.5',
  branch: 'M5 4v8M11 4.500v1c0 2-6 2-6 4M5 2.500a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.400m0 9a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.400m6-9a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4',
  menu: 'M2.5 4.500h11M2.5 8h11M2.5 11.500h11',
  help: 'M6 6a2 2 0 1 1 2.8 1.900c-.6.3-.8.6-.8 1.300m0 2v.3',
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={kPaths[name]} />
    </svg>
  );
}
