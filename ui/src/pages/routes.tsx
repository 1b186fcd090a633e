import type { VNode } from 'preact';

import { ItemPage } from './item/ItemPage';
import { ItemsPage } from './items/ItemsPage';
import { NotFound } from './NotFound';
import { Projects } from './projects/Projects';
import { Repositories } from './settings/Repositories';
import { Rules } from './settings/Rules';
import { System } from './settings/System';
import { SignIn } from './signin/SignIn';
import { Welcome } from './welcome/Welcome';

type Make = (parts: string[]) => VNode;

const kRoutes: Array<[pattern: RegExp, make: Make]> = [
  [/^\/$/, () => <Projects />],
  [/^\/signin$/, () => <SignIn />],
  [/^\/welcome$/, () => <Welcome />],
  [/^\/p\/(\d+)\/items$/, ([project]) => <ItemsPage key={project} project={Number(project)} />],
  [/^\/p\/(\d+)\/items\/(\d+)$/, ([project, number]) => (
    <ItemPage key={`${project}/${number}`} project={Number(project)} number={Number(number)} />
  )],
  [/^\/settings\/repositories$/, () => <Repositories />],
  [/^\/settings\/rules$/, () => <Rules />],
  [/^\/settings\/system$/, () => <System />],
];

export function pageAt(path: string): VNode {
  for (const [pattern, make] of kRoutes) {
    const found = pattern.exec(path);
    if (found) return make(found.slice(1));
  }
  return <NotFound />;
}
