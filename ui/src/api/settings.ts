import { call } from './client';
import type { Health, NewRule, Repository, Rule } from './types';

export const listRepositories = async (): Promise<Repository[]> =>
  (await call<{ repositories: Repository[] }>('GET', '/repositories')).repositories;

export const readHealth = (): Promise<Health> => call('GET', '/health');

export const listRules = async (project: number | null): Promise<Rule[]> =>
  (await call<{ rules: Rule[] }>('GET', '/rules', { query: { project } })).rules;

export const addRule = (rule: NewRule): Promise<Rule> => call('POST', '/rules', { body: rule });

export const removeRule = (id: number): Promise<null> => call('DELETE', `/rules/${id}`);
