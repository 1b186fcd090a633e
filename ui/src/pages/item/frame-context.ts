// What every frame of an occurrence needs to be shown.
import { createContext } from 'preact';

import { nodeOfJson } from '../../values/json';
import type { ValueReader } from '../../values/variable';

export interface FrameSettings {
  language: string;
  read: ValueReader;
}

export const FrameContext = createContext<FrameSettings>({ language: '', read: nodeOfJson });
