// The API's shapes under the names the app uses.
import type * as schema from './schema';

export type {
  Event, Frame, Health, Item, ItemDetail, Level, NewRule, Occurrence, OccurrenceDetail, Project, Repository, Rule, Status, Trend,
  User, Variable, Verdict,
} from './schema';

export type CreatedProject = schema.CreateProjectReply;
export type ProjectKeys = schema.GetKeysReply;
export type BlamedLine = schema.Line;
export type HistoryEntry = schema.ItemDetail['history'][number];
export type RuleKind = schema.Rule['kind'];
export type Exception = NonNullable<schema.Event['exceptions']>[number];
export type Breadcrumb = NonNullable<schema.Event['breadcrumbs']>[number];
export type Request = NonNullable<schema.Event['request']>;
export type Person = NonNullable<schema.Event['person']>;

export interface Page<Row> {
  rows: Row[];
  next: string | null;
}

export type ChangeKind =
  | 'new' | 'reopened' | 'new_in_environment' | 'counted' | 'blamed' | 'mailed' | 'status';

// One event of the stream, which OpenAPI has no words for.
export interface Change {
  kind: ChangeKind;
  project: number;
  number: number;
  title: string;
  level: schema.Level;
  status: schema.Status;
  environment: string;
  culprit: string;
  count: number;
  last_seen: string;
  developer: string;
}
