// Long paths and ids lose their middle: both ends say more.
export function shortenMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = Math.ceil((most - 1) * 0.65);
  return `${text.slice(0, most - 1 - tail)}…${text.slice(-tail)}`;
}

export const shortRevision = (revision: string): string =>
  /^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 8) : shortenMiddle(revision, 24);

// Only http and https become links: what is reported could be "javascript:…".
export function safeUrl(text: string): string | null {
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

// Where a link says to go on: a path of this app, else its start. Browsers skip tabs and line breaks in addresses and
// read "\\" as "/", so only they can say where an address leads.
export function ownPath(text: string, origin: string): string {
  try {
    const url = new URL(text, origin);
    return url.origin === origin ? url.pathname.replace(/^\/+/, '/') + url.search : '/';
  } catch {
    return '/';
  }
}

// The library a frame belongs to: "flask", "@sentry/node", "java.util".
export function libraryOf(path: string, module: string): string {
  const installed = /(?:site-packages|dist-packages|node_modules|gems|vendor|pkg\/mod)\/((?:@[^/]+\/)?[^/]+)/.exec(path);
  if (installed?.[1]) return installed[1].replace(/\.py$/, '');
  const standard = /lib\/python[\d.]*\/([^/]+)/.exec(path);
  if (standard?.[1]) return standard[1].replace(/\.py$/, '');
  return (module || path).split(/[./\\]/).find((part) => part.length > 0) ?? '';
}
