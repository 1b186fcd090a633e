// The shortest working set-up of each client, with this project's keys in it.
import type { ProjectKeys } from '../../api/types';

export interface Snippet {
  key: string;
  label: string;
  install: string;
  language: string;
  code: (keys: ProjectKeys) => string;
}

const dsn = (keys: ProjectKeys): string => keys.dsn ?? 'DSN';
const serverToken = (keys: ProjectKeys): string => keys.tokens.post_server_item ?? 'POST_SERVER_ITEM_TOKEN';
const clientToken = (keys: ProjectKeys): string => keys.tokens.post_client_item ?? 'POST_CLIENT_ITEM_TOKEN';

// Where the server is reached: everything before its own paths.
const serverUrl = (keys: ProjectKeys): string =>
  keys.endpoints.rollbar.replace(/\/api\/1\/item\/$/, '');

const itemUrl = (keys: ProjectKeys): string => `${serverUrl(keys)}/api/1/item/`;

export const kSnippets: Snippet[] = [
  {
    key: 'flawless-python', label: 'Python: flawless', install: 'pip install clients/python', language: 'python',
    code: (keys) => `import flawless

flawless.init("${dsn(keys)}",
              environment="production")

# WSGI: application = flawless.FlawlessMiddleware(application)`,
  },
  {
    key: 'sentry-python', label: 'Python: sentry-sdk', install: 'pip install sentry-sdk', language: 'python',
    code: (keys) => `import sentry_sdk

sentry_sdk.init("${dsn(keys)}",
                environment="production")`,
  },
  {
    key: 'rollbar-python', label: 'Python: rollbar', install: 'pip install rollbar', language: 'python',
    code: (keys) => `import rollbar

rollbar.init("${serverToken(keys)}",
             environment="production",
             endpoint="${serverUrl(keys)}/api/1/")`,
  },
  {
    key: 'sentry-node', label: 'Node: Sentry', install: 'npm install @sentry/node', language: 'javascript',
    code: (keys) => `const Sentry = require('@sentry/node');

Sentry.init({
  dsn: '${dsn(keys)}',
  environment: 'production',
  includeLocalVariables: true,
});`,
  },
  {
    key: 'rollbar-browser', label: 'Browser: Rollbar', install: 'npm install rollbar', language: 'javascript',
    code: (keys) => `import Rollbar from 'rollbar';

new Rollbar({
  accessToken: '${clientToken(keys)}',
  endpoint: '${itemUrl(keys)}',
  environment: 'production',
  captureUncaught: true,
  captureUnhandledRejections: true,
});`,
  },
  {
    key: 'curl', label: 'curl', install: 'any language that can send JSON', language: 'sh',
    code: (keys) => `curl ${serverUrl(keys)}/api/2/report \\
  -H 'Authorization: Bearer ${serverToken(keys)}' \\
  -d '{"level": "error", "message": "it broke"}'`,
  },
];
