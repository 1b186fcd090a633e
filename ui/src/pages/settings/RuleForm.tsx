import { useState } from 'preact/hooks';

import { explain } from '../../api/client';
import { addRule } from '../../api/settings';
import type { NewRule, RuleKind } from '../../api/types';
import { Button } from '../../parts/Button';
import { Field, SelectField } from '../../parts/Field';
import { projects } from '../../state/projects';
import { query, setQuery } from '../../state/router';
import { show } from '../../state/toasts';
import { kRuleKinds } from './rule-kinds';

interface Texts {
  kind: RuleKind;
  project: string;
  path: string;
  function: string;
  code: string;
  min: string;
  max: string;
  every: string;
  recipients: string;
}

// An item's page leads here with its line.
function fromAddress(): Texts {
  const of = (name: string): string => query.value.get(name) ?? '';
  return {
    kind: 'known_error', project: of('project'), path: of('path'), function: of('function'), code: of('code').trim(),
    min: '', max: '', every: '', recipients: '',
  };
}

function ruleOf(texts: Texts): NewRule {
  const rule: NewRule = {
    kind: texts.kind, project: texts.project ? Number(texts.project) : null,
    path: texts.path.trim(), function: texts.function.trim(), code: texts.code.trim(),
  };
  if (texts.kind !== 'known_error') return rule;
  const recipients = texts.recipients.split(/[\s,]+/).filter(Boolean);
  if (texts.min) rule.min_alert_threshold = Number(texts.min);
  if (texts.max) rule.max_alert_threshold = Number(texts.max);
  if (texts.every) rule.alert_every_n_occurrences = Number(texts.every);
  if (recipients.length > 0) rule.email_recipients = recipients;
  return rule;
}

function Schedule({ texts, change }: { texts: Texts; change: (part: Partial<Texts>) => void }) {
  const number = { type: 'number', min: 0, inputMode: 'numeric' } as const;
  return (
    <>
      <Field {...number} label="Mail only after so many occurrences" value={texts.min} onText={(min) => change({ min })} />
      <Field {...number} label="No more mails after so many" value={texts.max} onText={(max) => change({ max })} />
      <Field {...number} label="A mail every so many occurrences" value={texts.every} onText={(every) => change({ every })} />
      <Field label="Mail to" placeholder="whoever wrote the line" value={texts.recipients}
        onText={(recipients) => change({ recipients })} />
    </>
  );
}

export function RuleForm({ onAdded }: { onAdded: () => void }) {
  const [texts, setTexts] = useState(fromAddress);
  const [problem, setProblem] = useState('');
  const change = (part: Partial<Texts>): void => setTexts({ ...texts, ...part });

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      const rule = await addRule(ruleOf(texts));
      show({ tone: 'plain', content: `Rule for ${rule.path} added` });
      setQuery({ project: null, path: null, function: null, code: null }, { replace: true });
      setTexts(fromAddress());
      setProblem('');
      onAdded();
    } catch (error) {
      setProblem(explain(error));
    }
  };

  return (
    <form class="rule-form" onSubmit={(event) => void submit(event)}>
      <SelectField label="Kind" value={texts.kind} hint={kRuleKinds[texts.kind].hint}
        options={Object.entries(kRuleKinds).map(([kind, { title }]) => [kind, title])}
        onText={(kind) => change({ kind: kind as RuleKind })} />
      <SelectField label="Project" value={texts.project} onText={(project) => change({ project })}
        options={[['', 'All projects'], ...(projects.value ?? []).map(
          (one): [string, string] => [String(one.id), one.name])]} />
      <Field label="File" required placeholder="shop/banner.py" value={texts.path} onText={(path) => change({ path })} />
      <Field label="Function" placeholder="any" value={texts.function}
        onText={(name) => change({ function: name })} />
      <div class="wide">
        <Field label="Text of the line" placeholder="any" value={texts.code} onText={(code) => change({ code })}
          hint="Or a part of it. White space does not matter; blank means any line." />
      </div>
      {texts.kind === 'known_error' && <Schedule texts={texts} change={change} />}
      {problem && <p class="card-problem wide" role="alert">{problem}</p>}
      <div class="wide"><Button look="primary" type="submit" icon="plus">Add rule</Button></div>
    </form>
  );
}
