// The golden table of routes: what is added, taken away or opened to others shows in review as a line of the snapshot.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import { alertmanagerRoutes } from '../../packages/server/src/app/alertmanager-api.ts'
import { rolesOf } from '../../packages/server/src/app/roles.ts'
import { allRoutes } from '../../packages/server/src/app/routes.ts'
import { readServeOptions } from '../../packages/server/src/config/flags.ts'
import { createAccounts } from '../../packages/server/src/features/accounts/accounts.ts'
import { accountsTables } from '../../packages/server/src/features/accounts/state.ts'
import { createCardinality } from '../../packages/server/src/features/cardinality/cardinality.ts'
import { createLogArchiveRoutes } from '../../packages/server/src/features/log-archive/routes.ts'
import type { Route } from '../../packages/server/src/http/port.ts'
import { systemRoutes } from '../../packages/server/src/http/system-routes.ts'
import { pushgatewayState } from '../../packages/server/src/ingest/receivers/pushgateway/state.ts'
import { createLogger } from '../../packages/server/src/self/logger.ts'
import { createMetrics } from '../../packages/server/src/self/metrics.ts'
import { createTaskGroup } from '../../packages/server/src/self/task-group.ts'
import { createStateStore } from '../../packages/server/src/state/store.ts'

/** Stands for a part that routes use only when they are called. */
const unreached = <T extends object>(): T =>
  new Proxy({} as T, {
    get: () => () => {
      throw new Error('a part was used while routes were made')
    },
  })

async function productRoutes(): Promise<readonly Route[]> {
  const clock = new FakeClock()
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  const dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-routes-'))
  try {
    await using tasks = createTaskGroup({ clock, logger, onFatal: (name) => expect.unreachable(name) })
    await using state = await createStateStore({
      ...{ dataDir, databaseUrl: undefined, env: {}, features: [accountsTables, pushgatewayState], clock, logger },
    })
    const accounts = createAccounts({ state, clock, tasks, auth: true, url: () => 'http://127.0.0.1:4900' })
    const parts: Parameters<typeof allRoutes>[0] = {
      ...{
        queries: unreached(),
        catalog: unreached(),
        metadata: unreached(),
        exemplars: unreached(),
        telemetry: { acceptor: unreached(), client: unreached(), cluster: undefined, spool: unreached() },
        logs: {
          ...{ intake: unreached(), queries: unreached(), tail: unreached(), deploys: unreached() },
          routes: { from: () => unreached(), lead: unreached() },
        },
      },
      ...{ logIndexes: unreached(), logSettings: unreached() },
      logArchive: {
        settings: () => undefined,
        routes: (audit) =>
          createLogArchiveRoutes({
            ...{ archive: unreached(), store: unreached(), rows: unreached(), settings: () => undefined, audit },
          }),
      },
      collectors: { targets: unreached(), countLeftOut: () => undefined },
      ...{
        alerting: {
          ...{ rules: unreached(), dispatch: unreached(), people: unreached(), notify: unreached() },
          ...{ journal: unreached(), packs: unreached() },
        },
        alertmanagers: alertmanagerRoutes({
          alerting: { dispatch: unreached(), journal: unreached(), people: unreached(), rules: unreached() },
          ...{ configuration: unreached(), clock, audit: accounts.audit, metrics: createMetrics({ logger }) },
        }),
        accounts,
        configuration: unreached(),
        clock,
        state,
        tasks,
      },
      ...{ health: unreached(), metrics: createMetrics({ logger }), externalUrl: () => '' },
      roles: rolesOf({ role: ['all'] }),
      ...{ options: readServeOptions([], {}), keeping: unreached(), deletion: unreached() },
      cardinality: createCardinality({
        ...{ survey: unreached(), stats: unreached(), knownProjects: () => [], context: unreached(), clock },
      }),
    }
    const own = systemRoutes({
      ...{ clock, health: unreached(), metrics: createMetrics({ logger }), version: '', externalUrl: undefined },
      ...{ isStopping: () => false, allRoutes: () => [] },
    })
    return [...allRoutes(parts), ...own]
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

test('the routes are those of the golden table', async () => {
  const routes = await productRoutes()
  const rows = routes
    .map(({ method, path, permission, summary }) => [path, method, permission, summary] as const)
    .sort(([a, b], [c, d]) => (`${a} ${b}` < `${c} ${d}` ? -1 : 1))
  const lines = rows.map(([path, method, permission, summary]) =>
    `${method.padEnd(7)}${path.padEnd(58)} ${permission.padEnd(8)}${summary}`.trimEnd(),
  )
  expect(new Set(rows.map(([path, method]) => `${method} ${path}`)).size).toBe(rows.length)
  expect(rows.filter(([, , , summary]) => summary === '')).toEqual([])
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('routes.txt')
})
