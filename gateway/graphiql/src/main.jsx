// Must be the first import: it tells Monaco where its workers are.
import 'graphiql/setup-workers/vite';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import 'graphiql/style.css';
import { buildSchema } from 'graphql';
import { useCallback, useRef, useState } from 'react';
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

const url = (path) => new URL(path, location.href).href;
const send = createGraphiQLFetcher({ url: url('/graphql') });

// The schema is a caller's own: what these headers can use. Without headers that are accepted there is none.
async function schemaFor(headers) {
  const answer = await fetch(url('/schema.graphql'), { headers });
  return answer.ok ? buildSchema(await answer.text()) : null;
}

function Page() {
  const [schema, setSchema] = useState(null);
  const shownTo = useRef('');
  const fetcher = useCallback(async (operation, options) => {
    const headers = options?.headers ?? {};
    const sent = JSON.stringify(headers);
    const answer = await send(operation, options);
    if (sent !== shownTo.current) {
      shownTo.current = sent;
      schemaFor(headers).then((found) => sent === shownTo.current && setSchema(found));
    }
    return answer;
  }, []);
  return (
    <GraphiQL
      fetcher={fetcher}
      schema={schema}
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
    </GraphiQL>
  );
}

createRoot(document.getElementById('graphiql')).render(<Page />);
