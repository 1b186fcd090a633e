// Where we are. The address bar holds every state that a link should lead back to.
import { computed, signal } from '@preact/signals';

const current = signal(new URL(window.location.href));

export const path = computed(() => current.value.pathname);
export const query = computed(() => current.value.searchParams);
export const href = computed(() => current.value.pathname + current.value.search);

const kScrollSaveMs = 120;

function rememberScroll(): void {
  history.replaceState({ ...history.state, scroll: window.scrollY }, '');
}

// The page may still be loading what it shows: asks for the old place until it fits, or half a second.
function restoreScroll(top: number): void {
  const end = performance.now() + 500;
  const attempt = (): void => {
    window.scrollTo(0, top);
    if (Math.abs(window.scrollY - top) > 1 && performance.now() < end) requestAnimationFrame(attempt);
  };
  requestAnimationFrame(attempt);
}

export function navigate(to: string, { replace = false } = {}): void {
  const next = new URL(to, window.location.href);
  if (replace) {
    history.replaceState(history.state, '', next);
  } else {
    rememberScroll();
    history.pushState({}, '', next);
  }
  const samePage = next.pathname === current.value.pathname;
  current.value = next;
  if (!replace && !samePage) window.scrollTo(0, 0);
}

// Parameters that become null or empty disappear.
export function setQuery(
  changes: Record<string, string | string[] | null>, { replace = false } = {},
): void {
  const next = new URL(current.value);
  for (const [name, value] of Object.entries(changes)) {
    next.searchParams.delete(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one) next.searchParams.append(name, one);
    }
  }
  navigate(next.pathname + next.search, { replace });
}

function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.defaultPrevented &&
    !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

// Pages of the server that are not the app's.
const kServerPages = /^\/(api|item|get_weekly_error_report|view_traceback|add_known_error|check_health|metrics)\b/;

function followLink(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.('a');
  if (!link || !isPlainClick(event) || link.target || link.hasAttribute('download')) return;
  const to = new URL(link.href);
  if (to.origin !== window.location.origin || kServerPages.test(to.pathname)) return;
  event.preventDefault();
  navigate(to.pathname + to.search);
}

export function startRouter(): void {
  history.scrollRestoration = 'manual';
  document.addEventListener('click', followLink);
  let timer: number | undefined;
  window.addEventListener('scroll', () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(rememberScroll, kScrollSaveMs);
  }, { passive: true });
  window.addEventListener('popstate', (event) => {
    window.clearTimeout(timer);
    current.value = new URL(window.location.href);
    restoreScroll((event.state as { scroll?: number } | null)?.scroll ?? 0);
  });
}
