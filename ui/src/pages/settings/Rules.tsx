// Rules that people made about lines of code.
import { useEffect, useState } from 'preact/hooks';

import { explain } from '../../api/client';
import { listRules, removeRule } from '../../api/settings';
import type { Rule } from '../../api/types';
import { Button } from '../../parts/Button';
import { Loading, Note, Problem } from '../../parts/Notes';
import { TimeAgo } from '../../parts/TimeAgo';
import { projectName } from '../../state/projects';
import { useTitle } from '../../state/title';
import { showError } from '../../state/toasts';
import { kRuleKinds } from './rule-kinds';
import { RuleForm } from './RuleForm';
import { Settings } from './Settings';

function schedule(rule: Rule): string {
  const parts = [
    rule.min_alert_threshold !== null && `mailed after ${rule.min_alert_threshold}`,
    rule.max_alert_threshold !== null && `until ${rule.max_alert_threshold}`,
    rule.alert_every_n_occurrences !== null && `every ${rule.alert_every_n_occurrences}`,
    rule.email_recipients.length > 0 && `to ${rule.email_recipients.join(', ')}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function RuleCard({ rule, onRemove }: { rule: Rule; onRemove: () => void }) {
  const when = schedule(rule);
  return (
    <li>
      <div class="cards-body">
        <h2>{kRuleKinds[rule.kind].title}
          <span class="muted">{rule.project === null ? 'all projects' : projectName(rule.project)}</span>
        </h2>
        <p class="mono">{rule.path}{rule.function && ` in ${rule.function}`}</p>
        {rule.code && <p class="mono muted">{rule.code.trim()}</p>}
        {when && <p>{when}</p>}
        <p class="muted">
          {rule.created_by}{rule.created_at && <>{rule.created_by && ', '}<TimeAgo at={rule.created_at} /></>}
        </p>
      </div>
      {rule.id !== null && <Button onClick={onRemove}>Remove</Button>}
    </li>
  );
}

function useRules() {
  const [all, setAll] = useState<Rule[] | null>(null);
  const [problem, setProblem] = useState('');
  const load = (): void => {
    listRules(null).then(
      (found) => { setAll(found); setProblem(''); },
      (error: unknown) => setProblem(explain(error)));
  };
  useEffect(load, []);
  const remove = async (rule: Rule): Promise<void> => {
    if (rule.id === null || !window.confirm(`Remove the rule for ${rule.path}?`)) return;
    try {
      await removeRule(rule.id);
      load();
    } catch (error) {
      showError(explain(error));
    }
  };
  return { all, problem, load, remove };
}

export function Rules() {
  useTitle('Rules');
  const { all, problem, load, remove } = useRules();
  return (
    <Settings title="Rules">
      <p class="muted">
        What is known is counted, not mailed. Of library code the caller is blamed instead. A rule holds from the next report on.
      </p>
      <RuleForm onAdded={load} />
      {problem && <Problem text={problem} onRetry={load} />}
      {!all && !problem && <Loading what="rules" />}
      {all?.length === 0 && <Note><p>No rule yet.</p></Note>}
      {all && all.length > 0 && (
        <ul class="cards">
          {all.map((rule, index) => <RuleCard key={rule.id ?? `configured ${index}`} rule={rule} onRemove={() => void remove(rule)} />)}
        </ul>
      )}
    </Settings>
  );
}
