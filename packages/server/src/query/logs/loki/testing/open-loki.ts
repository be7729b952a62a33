// For tests: Loki's routes over lines in a real store, asked as clients ask.
import { systemClock } from '@tidewatch/core/clock.ts'
import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { Answer, RequestContext } from '../../../../http/port.ts'
import type { Health } from '../../../../self/port.ts'
import { createLogReader } from '../../../../store/logs/reader.ts'
import { loadLines } from '../../../../store/logs/testing-lines.ts'
import { logTables } from '../../../../store/tables/registry.ts'
import { openTestingStore } from '../../../../store/testing-store.ts'
import { createLokiRoutes } from '../routes.ts'

export interface TestingLoki extends AsyncDisposable {
  load(records: readonly Partial<LogRecord>[]): Promise<void>
  clear(): Promise<void>
  ask(
    path: string,
    query: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Required<Pick<Answer, 'status'>> & { readonly body: unknown }>
}

export async function openTestingLoki(): Promise<TestingLoki> {
  const { signal } = new AbortController()
  const store = await openTestingStore(logTables)
  const { client } = store
  const queries = { reader: createLogReader(client), projects: () => [defaultProject] }
  const health: Pick<Health, 'report'> = { report: () => ({ status: 'ready', ready: true, parts: [] }) }
  const routes = createLokiRoutes({ queries, clock: systemClock, version: 'test', health })
  return {
    load: async (records) =>
      void (await loadLines(
        client,
        records.map((one) => ({ record: logRecord(one) })),
      )),
    clear: async () => void (await client.command('TRUNCATE TABLE logs', { signal })),
    async ask(path, query, headers = {}) {
      const match = /^(.*\/(?:label|detected_field))\/([^/]+)\/values$/.exec(path)
      const route = routes.find(
        (one) => one.method === 'GET' && one.path === (match === null ? path : `${match[1]}/:name/values`),
      )
      if (route === undefined) throw new Error(`no route ${path}`)
      const identity = { name: 'test', projects: 'all', permissions: new Set(), project: defaultProject, kind: 'local' }
      const context = {
        id: '1',
        params: { name: match?.[2] },
        query,
        body: undefined,
        headers,
        identity,
        remoteAddress: '',
        signal,
      }
      const answer = await route.handle(context as unknown as RequestContext)
      return { status: answer.status ?? 200, body: answer.body }
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
