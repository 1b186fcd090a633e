import { call } from './client';
import type { CreatedProject, Project, ProjectKeys } from './types';

export const listProjects = async (): Promise<Project[]> =>
  (await call<{ projects: Project[] }>('GET', '/projects')).projects;

export const createProject = (name: string): Promise<CreatedProject> =>
  call('POST', '/projects', { body: { name } });

export const readKeys = (project: number): Promise<ProjectKeys> =>
  call('GET', `/projects/${project}/keys`);
