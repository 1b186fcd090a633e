import type { RuleKind } from '../../api/types';

export const kRuleKinds: Record<RuleKind, { title: string; hint: string }> = {
  known_error: { title: 'Known error', hint: 'Counted and shown, but mailed only on the schedule below; none: never.' },
  library_code: { title: 'Library code', hint: 'Whoever calls it is to blame instead.' },
  third_party: { title: 'Third party', hint: 'Reports with such a frame are kept and counted, and mailed to nobody.' },
};
