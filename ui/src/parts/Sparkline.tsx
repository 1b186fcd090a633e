import { exactNumber, plural } from '../format/number';
import './Sparkline.css';

interface Props {
  counts: number[];
  width?: number;
  height?: number;
  label: string; // "last 24 hours"
}

// Bars; what is not zero is at least a pixel high.
export function Sparkline({ counts, width = 72, height = 20, label }: Props) {
  const most = Math.max(1, ...counts);
  const step = width / Math.max(1, counts.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return (
    <svg class="sparkline" width={width} height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img"
      aria-label={`${plural(total, 'occurrence')} in the ${label}`}>
      <title>{`${label}: ${exactNumber(total)}, most in one bar ${exactNumber(Math.max(0, ...counts))}`}</title>
      {counts.map((count, index) => {
        const bar = count === 0 ? 1 : Math.max(2, (count / most) * height);
        return <rect key={index} class={count === 0 ? 'none' : ''} x={index * step} y={height - bar}
          width={Math.max(1, step - 1)} height={bar} />;
      })}
    </svg>
  );
}
