import { tokensOf } from './code-tokens';
import './CodeBlock.css';

export interface CodeLine {
  number: number | null;
  text: string;
  marked?: boolean;
  column?: number; // from 1: where on the line it failed
}

interface Props {
  lines: CodeLine[];
  language: string;
  name: string;
}

// A line of blanks is shown up to the column, so that the caret stands under the character.
const caret = (line: CodeLine): string =>
  `${line.text.slice(0, (line.column ?? 1) - 1).replace(/[^\t]/g, ' ')}^`;

function Line({ line, language }: { line: CodeLine; language: string }) {
  return (
    <tr class={line.marked ? 'code-marked' : ''} aria-current={line.marked ? 'true' : undefined}>
      <td class="code-number" aria-label={line.number === null ? undefined : `line ${line.number}`}>
        {line.marked ? <span class="code-arrow" aria-hidden="true">▶</span> : null}{line.number ?? ''}
      </td>
      <td class="code-text">
        {tokensOf(line.text, language).map((token, index) => (
          token.tone === 'plain' ? token.text : <span key={index} class={`t-${token.tone}`}>{token.text}</span>
        ))}
        {line.marked && line.column && line.column > 1 && line.column <= line.text.length + 1 && (
          <div class="code-caret" aria-hidden="true">{caret(line)}</div>
        )}
      </td>
    </tr>
  );
}

export function CodeBlock({ lines, language, name }: Props) {
  const plain = lines.every((line) => line.number === null) ? ' code-plain' : '';
  return (
    <div class={`code${plain}`} tabIndex={0} role="group" aria-label={name}>
      <table>
        <tbody>{lines.map((line, index) => <Line key={index} line={line} language={language} />)}</tbody>
      </table>
    </div>
  );
}
