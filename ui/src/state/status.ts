// Changing an item's status: at once on the screen, with ten seconds to take it back.
import { explain } from '../api/client';
import { changeStatus } from '../api/items';
import type { ItemDetail, Status } from '../api/types';
import { keptLists } from './items';
import { show, showError } from './toasts';

const kDone: Record<Status, string> = {
  active: 'reopened', resolved: 'resolved', muted: 'muted', archived: 'archived',
};

export interface Target {
  project: number;
  number: number;
  status: Status;
}

// Told the status to show: at once, and again with the whole item when the server has answered.
export type OnStatus = (status: Status, detail: ItemDetail | null) => void;

const listsOf = (project: number) => [...keptLists()].filter((list) => list.project === project);

async function put({ project, number, status }: Target, onStatus: OnStatus): Promise<void> {
  onStatus(status, null);
  listsOf(project).forEach((list) => list.setStatus(number, status));
  onStatus(status, await changeStatus(project, number, status));
}

// Rows that had to leave come back only from the server.
async function restore(before: Target, onStatus: OnStatus): Promise<void> {
  onStatus(before.status, null);
  await Promise.all(listsOf(before.project).map((list) => list.reload()));
}

async function undo(before: Target, onStatus: OnStatus): Promise<void> {
  try {
    await put(before, onStatus);
    await restore(before, onStatus);
  } catch (error) {
    showError(`#${before.number} stays as it is: ${explain(error)}`);
  }
}

export async function setStatus(target: Target, status: Status, onStatus: OnStatus = () => {}): Promise<void> {
  if (target.status === status) return;
  try {
    await put({ ...target, status }, onStatus);
    show({
      tone: 'plain',
      content: `#${target.number} ${kDone[status]}`,
      action: { label: 'Undo', run: () => void undo(target, onStatus) },
    });
  } catch (error) {
    await restore(target, onStatus);
    showError(`#${target.number} was not ${kDone[status]}: ${explain(error)}`);
  }
}
