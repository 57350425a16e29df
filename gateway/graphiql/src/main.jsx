// Must be the first import: it tells Monaco where its workers are.
import 'graphiql/setup-workers/vite';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import 'graphiql/style.css';
import { buildSchema } from 'graphql';
import { createRoot } from 'react-dom/client';
import './page.css';
// The queries that the README, the tests and this page share.
import fraudCheck from '../../../docs/examples/fraud-check.graphql?raw';
import people from '../../../docs/examples/people.graphql?raw';
import roadside from '../../../docs/examples/roadside.graphql?raw';

const HEADERS = JSON.stringify({ Authorization: 'paste what `leds token officer --json` prints under "headers"' }, null, 2);
const ROADSIDE_VARIABLES = JSON.stringify({ vrm: 'AB12 CDE' }, null, 2);
const TABS = [
  { query: roadside, variables: ROADSIDE_VARIABLES, headers: HEADERS },
  { query: people, headers: HEADERS },
  { query: fraudCheck, headers: HEADERS },
];

async function start() {
  // The schema describes no record, so it needs no token; introspection through /graphql would.
  const sdl = await (await fetch(new URL('/schema.graphql', location.href))).text();
  createRoot(document.getElementById('graphiql')).render(
    <GraphiQL
      fetcher={createGraphiQLFetcher({ url: new URL('/graphql', location.href).href })}
      schema={buildSchema(sdl)}
      plugins={[HISTORY_PLUGIN]}
      defaultEditorToolsVisibility="headers"
      // Access tokens stay in memory: nothing of a caller is kept at rest in the browser.
      shouldPersistHeaders={false}
      defaultTabs={TABS}
      // The editors of the first tab take their text from these, the other tabs from their definitions.
      initialVariables={ROADSIDE_VARIABLES}
      initialHeaders={HEADERS}
    >
      <GraphiQL.Logo>LEDS Graph</GraphiQL.Logo>
    </GraphiQL>,
  );
}

start();
