import { exactNumber, shortNumber } from '../format/number';

// Short, the exact number on hover.
export function Count({ value, of }: { value: number; of?: string }) {
  const exact = `${exactNumber(value)}${of ? ` ${of}` : ''}`;
  return <span class="numbers" title={exact}>{shortNumber(value)}</span>;
}
