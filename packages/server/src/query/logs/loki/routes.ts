// Loki's query API, at its paths and in its shapes, so that Grafana's data source, logcli and dashboards work as they are.
// https://grafana.com/docs/loki/latest/reference/loki-http-api/
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { parse } from '@tidewatch/logquery/logql/parse.ts'
import { prettyLogql } from '@tidewatch/logquery/logql/print.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../../http/port.ts'
import type { Health } from '../../../self/port.ts'
import type { LogQueries } from '../log-queries.ts'
import { categorizes, lokiRoutes, numbersAnswer, streamsAnswer } from './answers.ts'
import { createCatalogRoutes } from './catalog-routes.ts'
import { createDetectedRoutes } from './detected-routes.ts'
import { createLogqlQueries } from './logql-queries.ts'
import { badRequest, LokiParameters } from './parameters.ts'
import type { LokiParts } from './selection.ts'
import { createVolumeRoutes } from './volume-routes.ts'

export interface LokiRoutesOptions {
  readonly queries: Pick<LogQueries, 'reader' | 'projects'>
  readonly clock: Clock
  readonly version: string
  /** How each part of the server is. */
  readonly health: Pick<Health, 'report'>
}

/** Some clients look at the version before they use what newer ones have: it is that of the Loki whose behaviour this is. */
const lokiVersion = '3.5.0'

export function createLokiRoutes(options: LokiRoutesOptions): Route[] {
  const { queries, clock, version, health } = options
  const parts: LokiParts = { ...options, logql: createLogqlQueries({ reader: queries.reader, clock }) }
  return [
    ...lokiRoutes('/loki/api/v1/query', 'Evaluate LogQL at one time', (context) => instant(context, parts)),
    ...lokiRoutes('/loki/api/v1/query_range', 'Evaluate LogQL over a range of time', (context) =>
      range(context, parts),
    ),
    ...createCatalogRoutes(parts),
    ...createVolumeRoutes(parts),
    ...createDetectedRoutes(parts),
    ...lokiRoutes('/loki/api/v1/format_query', 'LogQL laid out for reading', (context) =>
      success(prettyLogql(parse(new LokiParameters(context, 0).required('query')))),
    ),
    ...deletionRoutes(),
    publicRoute('/ready', "Loki's readiness", () => readiness(health)),
    defineRoute({
      ...{ method: 'GET', path: '/services', permission: 'view', errors: 'text' },
      summary: 'Parts of the server and how they are, as Loki lists its services',
      handle: () => ({ body: services(health) }),
    }),
    publicRoute('/loki/api/v1/status/buildinfo', 'Version, as Loki says it', () => ({ body: buildInfo(version) })),
  ]
}

/** Loki deletes hours later, whatever a selector finds; here lines go by indices and retention, and who asks this hears so. */
const deletionRoutes = (): Route[] =>
  (['GET', 'POST', 'PUT', 'DELETE'] as const).map((method) =>
    defineRoute({
      ...{ method, path: '/loki/api/v1/delete', permission: 'admin', errors: 'text' },
      summary: 'Refused: lines are not deleted by selectors',
      ...(method === 'GET' ? {} : { bodyKind: 'bytes' as const }),
      handle: () => {
        throw new AppError('http.method', 'lines are not deleted by a selector.', {
          fix: 'Delete an index by the Elasticsearch API (DELETE /INDEX), or let lines go by `retention.logs`.',
        })
      },
    }),
  )

const publicRoute = (path: string, summary: string, handle: () => Answer): Route =>
  defineRoute({ method: 'GET', path, permission: 'public', errors: 'text', summary, handle })

function readiness(health: Pick<Health, 'report'>): Answer {
  const { ready, parts } = health.report()
  if (ready) return { body: 'ready\n' }
  const waiting = parts.filter(({ state }) => state === 'starting' || state === 'down')
  return { status: 503, body: `not ready: ${waiting.map(({ name, state }) => `${name}: ${state}`).join(', ')}\n` }
}

/** In Loki's words: Starting, Running, Failed. */
const services = (health: Pick<Health, 'report'>): string =>
  health
    .report()
    .parts.map(({ name, state }) => `${name} => ${serviceStates[state]}\n`)
    .join('')

const serviceStates = { starting: 'Starting', ready: 'Running', degraded: 'Running', down: 'Failed' } as const

const success = (data: unknown): Answer => ({ body: { status: 'success', data } })

async function instant(context: RequestContext, { logql, queries, clock }: LokiParts): Promise<Answer> {
  const parameters = new LokiParameters(context, clock.nowMs())
  const expr = logql.parse(parameters.required('query'))
  if (expr.kind === 'log')
    throw badRequest(
      'log queries are not supported as an instant query type, please change your query to a range query type',
    )
  const timeNs = parameters.timeNs('time')
  const atMs = timeNs === undefined ? clock.nowMs() : Number(timeNs / 1_000_000n)
  const found = await logql.numbers(expr, {
    ...parameters.scope(context, queries.projects),
    ...{ startMs: atMs, endMs: atMs, stepMs: 1 },
  })
  return success(numbersAnswer(found, atMs))
}

async function range(context: RequestContext, { logql, queries, clock }: LokiParts): Promise<Answer> {
  const parameters = new LokiParameters(context, clock.nowMs())
  const expr = logql.parse(parameters.required('query'))
  const asked = parameters.scope(context, queries.projects)
  const time = parameters.range()
  const limit = parameters.limit()
  if (expr.kind === 'log') {
    const options = { direction: parameters.direction(), limit, intervalNs: parameters.intervalNs() }
    const found = await logql.entries(expr, { ...asked, ...time, ...options })
    return success(streamsAnswer(found, categorizes(context)))
  }
  const stepMs = parameters.stepMs(time)
  const [startMs, endMs] = [Number(time.fromNs / 1_000_000n), Number(time.toNs / 1_000_000n)]
  return success(numbersAnswer(await logql.numbers(expr, { ...asked, startMs, endMs, stepMs }), undefined))
}

function buildInfo(version: string): object {
  return {
    version: lokiVersion,
    revision: `tidewatch-${version}`,
    branch: 'main',
    buildUser: 'tidewatch',
    buildDate: '',
    goVersion: '',
  }
}
