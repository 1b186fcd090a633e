import { useState } from 'preact/hooks';

import { explain } from '../../api/client';
import type { CreatedProject, Project } from '../../api/types';
import { Button } from '../../parts/Button';
import { Copy } from '../../parts/Copy';
import { Field } from '../../parts/Field';
import { Loading, Problem } from '../../parts/Notes';
import { Properties } from '../../parts/Properties';
import { TimeAgo } from '../../parts/TimeAgo';
import { createProject, loadProjects, projects, projectsProblem } from '../../state/projects';
import { useTitle } from '../../state/title';
import { Snippets } from './Snippets';
import './Projects.css';

function ProjectRow({ project }: { project: Project }) {
  return (
    <li class="project">
      <a class="project-name" href={`/p/${project.id}/items`}>{project.name}</a>
      {!project.enabled && <span class="muted">accepts no reports</span>}
      <span class="muted project-made">created <TimeAgo at={project.created_at} /></span>
    </li>
  );
}

function NewProject({ first, onCreated }: { first: boolean; onCreated: (project: CreatedProject) => void }) {
  const [name, setName] = useState('');
  const [problem, setProblem] = useState('');
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      onCreated(await createProject(name.trim()));
      setName('');
      setProblem('');
    } catch (error) {
      setProblem(explain(error));
    }
  };
  return (
    <form class="project-new" onSubmit={(event) => void submit(event)}>
      <Field label={first ? 'Name of the first project' : 'New project'} required value={name} onText={setName}
        placeholder="shop" autocomplete="off" maxLength={100} />
      <Button look={first ? 'primary' : 'plain'} type="submit" icon="plus">Create</Button>
      {problem && <p class="card-problem" role="alert">{problem}</p>}
    </form>
  );
}

const tokenRow = (name: string, token: string) => ({
  name, value: <span class="inline"><code>{token}</code><Copy text={token} what={`the ${name} token`} /></span>,
});

function Created({ project }: { project: CreatedProject }) {
  return (
    <section class="project-created" aria-live="polite">
      <h2>{project.name} is ready. Let a program report to it:</h2>
      <Snippets keys={project} />
      <details>
        <summary>Tokens for programs that read and act, shown only now</summary>
        <Properties rows={[tokenRow('read', project.tokens.read), tokenRow('write', project.tokens.write)]} />
      </details>
      <p><a href={`/p/${project.id}/items`}>Wait for the first report</a></p>
    </section>
  );
}

export function Projects() {
  useTitle('Projects');
  const [created, setCreated] = useState<CreatedProject | null>(null);
  const all = projects.value;
  return (
    <div class="page page-narrow stack">
      <h1>Projects</h1>
      {projectsProblem.value && <Problem text={projectsProblem.value} onRetry={() => void loadProjects()} />}
      {!all && !projectsProblem.value && <Loading what="projects" />}
      {all?.length === 0 && (
        <p class="muted">A project is one program, or several that belong together. It collects their errors.</p>
      )}
      {all && all.length > 0 && (
        <ul class="project-list">{all.map((project) => <ProjectRow key={project.id} project={project} />)}</ul>
      )}
      {created && <Created project={created} />}
      {all && <NewProject first={all.length === 0} onCreated={setCreated} />}
    </div>
  );
}
