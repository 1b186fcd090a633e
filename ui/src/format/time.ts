const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

// "now", "42 s", "5 min", "3 h", "12 d", "4 mo", "2 y"
export function age(elapsedMs: number): string {
  const ms = Math.max(0, elapsedMs);
  if (ms < 2 * kSecond) return 'now';
  if (ms < kMinute) return `${Math.floor(ms / kSecond)} s`;
  if (ms < kHour) return `${Math.floor(ms / kMinute)} min`;
  if (ms < 2 * kDay) return `${Math.floor(ms / kHour)} h`;
  if (ms < 60 * kDay) return `${Math.floor(ms / kDay)} d`;
  if (ms < 730 * kDay) return `${Math.floor(ms / (30.44 * kDay))} mo`;
  return `${Math.floor(ms / (365.25 * kDay))} y`;
}

export function ago(at: number, now: number): string {
  const text = age(now - at);
  return text === 'now' ? 'just now' : `${text} ago`;
}

const two = (value: number): string => String(value).padStart(2, '0');

export function localDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function localClock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

// "14:05:11" today, with its day before that.
export function moment(at: number, now: number): string {
  return localDay(at) === localDay(now) ? localClock(at) : `${localDay(at)} ${localClock(at)}`;
}

// Both clocks, for hovering.
export function exact(at: number): string {
  return `${localDay(at)} ${localClock(at)} local · ${new Date(at).toISOString().replace('T', ' ')}`;
}
