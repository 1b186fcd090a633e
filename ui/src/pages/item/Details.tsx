// Everything else that was reported, and the other occurrences.
import { signal } from '@preact/signals';

import type { ItemDetail, OccurrenceDetail } from '../../api/types';
import { Tabs, type Tab } from '../../parts/Tabs';
import { Breadcrumbs } from './Breadcrumbs';
import { EnvironmentTab } from './EnvironmentTab';
import { GroupingTab } from './GroupingTab';
import { OccurrenceTable } from './OccurrenceTable';
import { PersonTab } from './PersonTab';
import { RawTab } from './RawTab';
import { RequestTab } from './RequestTab';
import { ValuesTab } from './ValuesTab';

// Stays while one goes from occurrence to occurrence.
const chosen = signal('request');

interface Props {
  item: ItemDetail;
  occurrence: OccurrenceDetail;
  onOpen: (id: number) => void;
}

function reported(occurrence: OccurrenceDetail): Tab[] {
  const event = occurrence.event;
  if (!event) return [];
  const tabs: Array<Tab | false> = [
    !!event.request && { key: 'request', label: 'Request', show: () => <RequestTab request={event.request!} /> },
    !!event.person && { key: 'person', label: 'Person', show: () => <PersonTab person={event.person!} /> },
    { key: 'environment', label: 'Environment', show: () => <EnvironmentTab occurrence={occurrence} event={event} /> },
    !!event.breadcrumbs?.length && {
      key: 'breadcrumbs', label: 'Breadcrumbs', count: event.breadcrumbs.length,
      show: () => <Breadcrumbs crumbs={event.breadcrumbs!} />,
    },
    event.custom !== undefined && { key: 'custom', label: 'Custom', show: () => <ValuesTab value={event.custom} /> },
    event.contexts !== undefined && {
      key: 'contexts', label: 'Contexts', show: () => <ValuesTab value={event.contexts} />,
    },
    !!event.crash_report && {
      key: 'crash', label: 'Crash report', show: () => <pre class="message">{event.crash_report}</pre>,
    },
    { key: 'raw', label: 'Raw', show: () => <RawTab key={occurrence.id} occurrence={occurrence} /> },
  ];
  return tabs.filter((tab): tab is Tab => tab !== false);
}

export function Details({ item, occurrence, onOpen }: Props) {
  const tabs: Tab[] = [
    ...reported(occurrence),
    { key: 'grouping', label: 'Grouping', show: () => <GroupingTab item={item} /> },
    {
      key: 'occurrences', label: 'Occurrences',
      show: () => <OccurrenceTable key={`${item.project}/${item.number}`} item={item} current={occurrence.id} onOpen={onOpen} />,
    },
  ];
  return <Tabs name="Details" tabs={tabs} chosen={chosen.value} onChoose={(key) => (chosen.value = key)} />;
}
