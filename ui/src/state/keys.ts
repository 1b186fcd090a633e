// Keyboard shortcuts: single keys, unless somebody is typing. The page that mounted last wins.
import { useEffect, useRef } from 'preact/hooks';

export type KeyMap = Record<string, (event: KeyboardEvent) => void>;

const layers: Array<{ current: KeyMap }> = [];

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const action = layers[index]?.current[event.key];
    if (!action) continue;
    event.preventDefault();
    return action(event);
  }
}

export function startKeys(): void {
  document.addEventListener('keydown', onKeyDown);
}

// The actions are always those of the last render.
export function useKeys(map: KeyMap): void {
  const layer = useRef(map);
  layer.current = map;
  useEffect(() => {
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}
