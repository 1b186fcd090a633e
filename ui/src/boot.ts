// Runs before the first paint, so that a remembered theme or density does not flash.
import { applyAppearance, readAppearance } from './state/appearance-store';

applyAppearance(readAppearance());
