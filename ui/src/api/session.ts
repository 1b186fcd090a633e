import { ApiError, call } from './client';
import type { User } from './types';

export interface Nobody {
  user: null;
  firstUse: boolean; // nobody has an account yet
}

export async function readSession(): Promise<{ user: User } | Nobody> {
  try {
    return await call<{ user: User }>('GET', '/session');
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    const body = error.body as { first_use?: boolean; error?: { first_use?: boolean } } | null;
    return { user: null, firstUse: body?.first_use === true || body?.error?.first_use === true };
  }
}

export const signIn = (email: string, password: string): Promise<{ user: User }> =>
  call('POST', '/session', { body: { email, password } });

export const signOut = (): Promise<null> => call('DELETE', '/session');

export const signOutEverywhere = (): Promise<null> => call('DELETE', '/sessions');

export const checkFirstLink = (link: string): Promise<{ valid: boolean }> =>
  call('GET', '/session/first', { query: { link } });

export interface FirstAccount {
  link: string;
  email: string;
  name: string;
  password: string;
}

export const createFirstAccount = (account: FirstAccount): Promise<{ user: User }> =>
  call('POST', '/session/first', { body: account });
