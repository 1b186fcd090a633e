import { useContext } from 'preact/hooks';

import type { Variable } from '../../api/types';
import { exactNumber } from '../../format/number';
import { Copy } from '../../parts/Copy';
import { ValueTree } from '../../parts/ValueTree';
import { FrameContext } from './frame-context';

const kRoles: Partial<Record<Variable['role'], string>> = {
  argument: 'argument', varargs: 'arguments', kwargs: 'keyword arguments',
};

function VariableRow({ variable }: { variable: Variable }) {
  const { read } = useContext(FrameContext);
  const value = variable.value;
  const text = (): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));
  return (
    <tr>
      <th scope="row" class="mono">
        {variable.name}
        {kRoles[variable.role] && <span class="hidden-text"> ({kRoles[variable.role]})</span>}
      </th>
      <td>
        <ValueTree node={read(value)} />
        {variable.cut ? <span class="variable-cut">{exactNumber(variable.cut)} cut</span> : null}
      </td>
      <td class="variable-copy"><Copy what={variable.name} text={text} /></td>
    </tr>
  );
}

function Group({ title, variables }: { title: string; variables: Variable[] }) {
  if (variables.length === 0) return null;
  return (
    <tbody>
      <tr><th class="variables-title" scope="rowgroup" colSpan={3}>{title}</th></tr>
      {variables.map((variable, index) => <VariableRow key={`${variable.name}${index}`} variable={variable} />)}
    </tbody>
  );
}

export function Variables({ variables }: { variables: Variable[] }) {
  const locals = variables.filter((variable) => variable.role === 'local');
  const given = variables.filter((variable) => variable.role !== 'local');
  return (
    <table class="variables">
      <colgroup><col class="variable-name" /><col /><col class="variable-tool" /></colgroup>
      <Group title="Arguments" variables={given} />
      <Group title="Locals" variables={locals} />
    </table>
  );
}
