// The API's shapes under the names the app uses.
import type * as schema from './schema';

export type Level = schema.Level;
export type Status = schema.Status;
export type Project = schema.Project;
export type Occurrence = schema.Occurrence;
export type OccurrenceDetail = schema.OccurrenceDetail;
export type Event = schema.Event;
export type Frame = schema.Frame;
export type Variable = schema.Variable;
export type Trend = schema.Trend;
export type Exception = NonNullable<Event['exceptions']>[number];
export type Breadcrumb = NonNullable<Event['breadcrumbs']>[number];
export type Request = NonNullable<Event['request']>;
export type Person = NonNullable<Event['person']>;

export interface Page<Row> {
  rows: Row[];
  next: string | null;
}

export interface User {
  id: number;
  email: string;
  name: string;
  role: string;
}

export type Item = schema.Item & { developer?: string };

export interface SourceLine {
  number: number;
  text: string;
}

export interface Verdict {
  repository?: string;
  path?: string;
  line?: number;
  revision?: string;
  at_release?: boolean;
  path_rule?: string;
  source?: SourceLine[];
  commit?: string;
  summary?: string;
  author_name?: string;
  author_email?: string;
  authored_at?: string;
  developer?: string;
  confidence?: number;
  reasons?: string[];
  problem?: string;
}

export interface BlamedLine {
  id: number;
  path: string;
  function: string;
  text: string;
  count: number;
  first_seen: string;
  mailed_at: string | null;
  mailed_to: string;
  developer: string;
  decided_at: string | null;
  known: boolean;
  verdict: Verdict | null;
}

export interface HistoryEntry {
  at: string;
  kind: string;
  by: string;
  detail: string;
}

export type ItemDetail = schema.ItemDetail & {
  developer?: string;
  line?: BlamedLine | null;
  history?: HistoryEntry[];
};

export interface ProjectKeys {
  dsn: string;
  endpoints: Record<string, string>;
  tokens: Record<string, string>;
}

export interface CreatedProject extends ProjectKeys {
  id: number;
  name: string;
}

export type RuleKind = 'known_error' | 'library_code' | 'third_party';

export interface NewRule {
  kind: RuleKind;
  project: number | null; // null: all of them
  path: string;
  function: string;
  code: string;
  min_alert_threshold?: number;
  max_alert_threshold?: number;
  alert_every_n_occurrences?: number;
  email_recipients?: string[];
  email_header?: string;
}

export type Rule = NewRule & { id: number; created_at: string; created_by: string };

export interface Repository {
  name: string;
  url: string;
  state: string;
  tip: string;
  last_success: string | null;
  error: string;
  progress: string;
}

export type ChangeKind =
  | 'new' | 'reopened' | 'new_in_environment' | 'counted' | 'blamed' | 'mailed' | 'status';

export interface Change {
  kind: ChangeKind;
  project: number;
  number: number;
  title: string;
  level: Level;
  status: Status;
  environment: string;
  culprit: string;
  count: number;
  last_seen: string;
  developer: string;
}
