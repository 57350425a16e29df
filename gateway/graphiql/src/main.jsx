// Must be the first import: it tells Monaco where its workers are.
import 'graphiql/setup-workers/vite';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import './page.css';
// The queries that the README, the tests and this page share.
import roadside from '../../../docs/examples/roadside.graphql?raw';

const HEADERS = JSON.stringify(
  { '# paste the output of': 'leds token officer --json' },
  null,
  2,
);

const fetcher = createGraphiQLFetcher({ url: new URL('/graphql', location.href).href });

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={[HISTORY_PLUGIN]}
    defaultEditorToolsVisibility="headers"
    // Access tokens stay in memory: nothing of a caller is kept at rest in the browser.
    shouldPersistHeaders={false}
    defaultHeaders={HEADERS}
    defaultTabs={[{ query: roadside, variables: JSON.stringify({ vrm: 'AB12CDE' }, null, 2) }]}
  >
    <GraphiQL.Logo>LEDS Graph</GraphiQL.Logo>
  </GraphiQL>,
);
