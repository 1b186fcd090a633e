// Who is signed in.
import { signal } from '@preact/signals';

import { explain, whenSignedOut } from '../api/client';
import * as api from '../api/session';
import type { User } from '../api/types';
import { href, navigate, path } from './router';

export type SessionState = 'loading' | 'in' | 'out' | 'failed';

export const sessionState = signal<SessionState>('loading');
export const user = signal<User | null>(null);
export const firstUse = signal(false);
export const sessionProblem = signal('');

function enter(who: User): void {
  user.value = who;
  sessionState.value = 'in';
}

function leave(): void {
  user.value = null;
  sessionState.value = 'out';
}

// Pages that need nobody to be signed in.
export const isPublicPage = (): boolean => path.value === '/signin' || path.value === '/welcome';

function askToSignIn(): void {
  if (isPublicPage()) return;
  const next = href.value === '/' ? '' : `?next=${encodeURIComponent(href.value)}`;
  navigate(`/signin${next}`, { replace: true });
}

export async function loadSession(): Promise<void> {
  sessionState.value = 'loading';
  try {
    const session = await api.readSession();
    if (session.user) return enter(session.user);
    firstUse.value = (session as api.Nobody).firstUse;
    leave();
    askToSignIn();
  } catch (error) {
    sessionProblem.value = explain(error);
    sessionState.value = 'failed';
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  enter((await api.signIn(email, password)).user);
}

export async function createFirstAccount(account: api.FirstAccount): Promise<void> {
  enter((await api.createFirstAccount(account)).user);
  firstUse.value = false;
}

export async function signOut(): Promise<void> {
  await api.signOut();
  leave();
  navigate('/signin');
}

// On all devices.
export async function signOutEverywhere(): Promise<void> {
  await api.signOutEverywhere();
  leave();
  navigate('/signin');
}

export function watchSession(): void {
  whenSignedOut(() => {
    if (sessionState.value !== 'in') return;
    leave();
    askToSignIn();
  });
}
