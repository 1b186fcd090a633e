// The one place that talks HTTP. Everything else calls the functions of this folder.
import { withoutReordering } from '../format/visible';

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: the server could not be reached
    readonly code: string,
    message: string,
    readonly retryAfterSeconds: number | null,
    readonly body: unknown,
  ) {
    super(message);
  }
}

type QueryValue = string | number | boolean | readonly string[] | null | undefined;

export interface CallOptions {
  query?: Record<string, QueryValue>;
  body?: unknown;
  signal?: AbortSignal;
}

let onSignedOut: () => void = () => {};

// Called when the server no longer knows our session.
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

function address(path: string, query: CallOptions['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue;
    if (Array.isArray(value)) value.forEach((one: string) => parameters.append(name, one));
    else parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `/api/2${path}${text ? `?${text}` : ''}`;
}

async function parse(reply: Response): Promise<unknown> {
  const text = await reply.text();
  try {
    return text ? JSON.parse(withoutReordering(text)) : null;
  } catch {
    return null;
  }
}

function errorOf(reply: Response, body: unknown): ApiError {
  const said = (body as { error?: { code?: string; message?: string } } | null)?.error;
  const retry = Number(reply.headers.get('Retry-After'));
  return new ApiError(reply.status, said?.code ?? 'error',
    said?.message ?? `The server answered ${reply.status} ${reply.statusText}`.trim() + '.',
    Number.isFinite(retry) && retry > 0 ? retry : null, body);
}

// A connection that died without a word would let us wait for ever.
const kPatienceMs = 30_000;

async function send(method: string, path: string, options: CallOptions): Promise<[Response, unknown]> {
  const hasBody = options.body !== undefined;
  const bound = new AbortController();
  const abort = (): void => bound.abort();
  const timer = window.setTimeout(abort, kPatienceMs);
  options.signal?.addEventListener('abort', abort);
  if (options.signal?.aborted) abort();
  try {
    const reply = await fetch(address(path, options.query), {
      method,
      credentials: 'same-origin',
      headers: hasBody ? { 'Content-Type': 'application/json' } : {},
      body: hasBody ? JSON.stringify(options.body) : null,
      signal: bound.signal,
    });
    return [reply, await parse(reply)];
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable', 'The server cannot be reached.', null, null);
  } finally {
    window.clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}

// The parsed reply. Throws ApiError; and AbortError when `signal` says so.
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const [reply, body] = await send(method, path, options);
  if (reply.ok) return body as T;
  if (reply.status === 401 && !path.startsWith('/session')) onSignedOut();
  throw errorOf(reply, body);
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

// A sentence for people, whatever was thrown.
export function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
