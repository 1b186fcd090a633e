// The frame around every page of somebody signed in.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { Brand } from '../../parts/Brand';
import { Button } from '../../parts/Button';
import { Menu, MenuItem, MenuLine } from '../../parts/Menu';
import { Shortcuts } from '../../parts/Shortcuts';
import { dark, density, setDensity, setTheme, theme, toggleTheme } from '../../state/appearance';
import { health, useHealth } from '../../state/health';
import { connection } from '../../state/live';
import { useKeys } from '../../state/keys';
import { currentProjectId, projectName, projects } from '../../state/projects';
import { path } from '../../state/router';
import { signOut, signOutEverywhere, user } from '../../state/session';
import './Shell.css';

function ProjectMenu() {
  const id = currentProjectId.value;
  return (
    <Menu name="Project" label={<span class="clip">{id === null ? 'Projects' : projectName(id)}</span>}>
      {(projects.value ?? []).map((project) => (
        <MenuItem key={project.id} href={`/p/${project.id}/items`} chosen={project.id === id}>
          <span class="clip">{project.name}</span>
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem href="/">All projects</MenuItem>
    </Menu>
  );
}

function UserMenu({ onKeys }: { onKeys: () => void }) {
  const who = user.value;
  if (!who) return null;
  return (
    <Menu name="Account" align="right" label={<span class="clip">{who.name || who.email}</span>}>
      <p class="menu-note">{who.email}</p>
      <MenuLine />
      <MenuItem href="/settings/repositories">Repositories</MenuItem>
      <MenuItem href="/settings/rules">Rules</MenuItem>
      <MenuItem href="/settings/system">System</MenuItem>
      <MenuLine />
      <MenuItem chosen={theme.value === 'system'} onClick={() => setTheme('system')}>System theme</MenuItem>
      <MenuItem chosen={theme.value === 'light'} onClick={() => setTheme('light')}>Light</MenuItem>
      <MenuItem chosen={theme.value === 'dark'} onClick={() => setTheme('dark')}>Dark</MenuItem>
      <MenuLine />
      <MenuItem chosen={density.value === 'comfortable'}
        onClick={() => setDensity(density.value === 'compact' ? 'comfortable' : 'compact')}>
        Comfortable rows
      </MenuItem>
      <MenuItem onClick={onKeys}>Keyboard shortcuts</MenuItem>
      <MenuLine />
      <MenuItem onClick={() => void signOut()}>Sign out</MenuItem>
      <MenuItem onClick={() => void signOutEverywhere()}>Sign out everywhere</MenuItem>
    </Menu>
  );
}

function LiveMark() {
  const lost = connection.value === 'lost';
  return (
    <span class={`live${lost ? ' live-lost' : ''}`} role="status">
      {lost ? 'reconnecting…' : ''}
    </span>
  );
}

// Leads whoever can do something about it to what is wrong.
function HealthMark() {
  useHealth();
  const now = health.value;
  if (!now) return null;
  if (!now.ok) return <a class="bar-fault" href="/settings/system">Server problem</a>;
  return now.notices?.length ? <a class="bar-notice" href="/settings/system">Server notice</a> : null;
}

// A new page takes the focus, unless it has put it somewhere itself: readers start there.
function useFocusOnArrival(): void {
  const first = useRef(true);
  const here = path.value;
  useEffect(() => {
    if (!first.current && document.activeElement === document.body) {
      document.getElementById('main')?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [here]);
}

export function Shell({ children }: { children: ComponentChildren }) {
  const [keys, setKeys] = useState(false);
  useKeys({ '?': () => setKeys(true) });
  useFocusOnArrival();
  const id = currentProjectId.value;
  const items = id === null ? null : `/p/${id}/items`;
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>Skip to the content</a>
      <header class="bar">
        <a class="bar-brand" href="/" aria-label="Flawless: all projects"><Brand /></a>
        <ProjectMenu />
        <nav class="bar-nav" aria-label="Main">
          {items && <a href={items} aria-current={path.value === items ? 'page' : undefined}>Items</a>}
        </nav>
        <LiveMark />
        {user.value?.role === 'admin' && <HealthMark />}
        <Button look="quiet" icon={dark.value ? 'sun' : 'moon'}
          label={dark.value ? 'Light theme' : 'Dark theme'} onClick={toggleTheme} />
        <UserMenu onKeys={() => setKeys(true)} />
      </header>
      <main id="main" tabIndex={-1}>{children}</main>
      {keys && <Shortcuts onClose={() => setKeys(false)} />}
    </>
  );
}

function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
