const kSteps: Array<[number, string]> = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

// 987, 12.3 k, 4.5 M
export function shortNumber(value: number): string {
  for (const [step, unit] of kSteps) {
    if (value >= step * 0.9995) {
      const scaled = value / step;
      return `${scaled.toFixed(scaled < 99.95 ? 1 : 0).replace(/\.0$/, '')}\u202f${unit}`;
    }
  }
  return String(value);
}

export const exactNumber = (value: number): string => value.toLocaleString('en');

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${exactNumber(count)} ${count === 1 ? one : many}`;

const kByteSteps: Array<[number, string]> = [[1 << 30, 'GiB'], [1 << 20, 'MiB'], [1 << 10, 'KiB']];

export function bytes(count: number): string {
  for (const [step, unit] of kByteSteps) {
    if (count >= step) return `${(count / step).toFixed(1)} ${unit}`;
  }
  return `${count} bytes`;
}
