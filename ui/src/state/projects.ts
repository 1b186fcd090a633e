import { computed, signal } from '@preact/signals';

import * as api from '../api/projects';
import { explain } from '../api/client';
import type { CreatedProject, Project } from '../api/types';
import { path } from './router';

export const projects = signal<Project[] | null>(null);
export const projectsProblem = signal('');

export async function loadProjects(): Promise<void> {
  try {
    projects.value = await api.listProjects();
    projectsProblem.value = '';
  } catch (error) {
    projectsProblem.value = explain(error);
  }
}

export async function createProject(name: string): Promise<CreatedProject> {
  const created = await api.createProject(name);
  await loadProjects();
  return created;
}

// The one the address names.
export const currentProjectId = computed(() => {
  const found = /^\/p\/(\d+)\//.exec(path.value);
  return found ? Number(found[1]) : null;
});

export function projectName(id: number): string {
  return projects.value?.find((project) => project.id === id)?.name ?? `project ${id}`;
}
