// The whole product in one process: what is started, in which order, joined to what; and stopped in the opposite order.
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { ConfigHolder } from '../config/holder.ts'
import type { ServeOptions } from '../config/port.ts'
import { createAccounts } from '../features/accounts/accounts.ts'
import { createHttpServer, type HttpServer } from '../http/server.ts'
import { createSeriesCatalog } from '../query/catalog.ts'
import { createQueryService } from '../query/service.ts'
import { createHealth } from '../self/health.ts'
import { createLogger } from '../self/logger.ts'
import { createMetrics } from '../self/metrics.ts'
import type { Health, Logger, Metrics, TaskGroup } from '../self/port.ts'
import { addProcessMetrics } from '../self/process-metrics.ts'
import { createTaskGroup } from '../self/task-group.ts'
import { createStateStore } from '../state/store.ts'
import { createMetricStoreReader } from '../store/metric-reader.ts'
import { openAlerting } from './alerting.ts'
import { startCollectors } from './collectors.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { openDataDir } from './data-dir.ts'
import { isLoopback, withoutSlash } from './external-url.ts'
import { createMetadataSource } from './metadata-source.ts'
import { addConfigMetrics, addQueryMetrics, addTelemetryMetrics } from './parts-metrics.ts'
import { startQueryWorker } from './query-threads.ts'
import { allRoutes } from './routes.ts'
import { stateTables } from './tables.ts'
import { openTelemetry } from './telemetry.ts'
import { productVersion } from './version.ts'

export interface TidewatchServer extends AsyncDisposable {
  /** Where people find the page. */
  readonly url: string
  /** A one-time sign-in link, on the first start. */
  readonly signInLink: string | undefined
  readonly logger: Logger
  readonly configuration: ConfigHolder<Configuration['prometheus'], Configuration['rules'][number]['rules']>
  reloadCertificate(): Promise<void>
}

export interface StartContext {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Told what a person at a terminal wants to see happen. */
  readonly progress: (text: string) => void
  /** Something went wrong that ends the server. */
  readonly onFatal: (name: string, error: unknown) => void
  readonly logTo: { readonly write: (line: string) => void; readonly isTerminal: boolean }
}

const webDir = fileURLToPath(new URL('../../../web/dist', import.meta.url))

/** Starts everything. Throws an AppError that names the culprit; then nothing is left running. */
export async function startTidewatch(options: ServeOptions, context: StartContext): Promise<TidewatchServer> {
  if (!options.auth && !isLoopback(options.host)) {
    throw new AppError('config.invalid', '--no-auth is for loopback addresses only.', {
      where: { key: '--host' },
      fix: 'Leave --no-auth out, or listen on 127.0.0.1.',
    })
  }
  const first = checkedConfiguration(options, context)
  await using starting = new AsyncDisposableStack()
  const self = openSelf(context, starting)
  const { logger, metrics, health, tasks } = self
  const clock = systemClock
  const dataDir = starting.use(openDataDir(options.dataDir))
  const stop = new AbortController()
  const state = starting.use(
    await createStateStore({
      dataDir: dataDir.path,
      databaseUrl: options.databaseUrl,
      env: context.env,
      features: stateTables,
      clock,
      logger,
    }),
  )
  context.progress('Starting the engine ...')
  const telemetry = starting.use(await openTelemetry({ ...options, clock, logger, health, signal: stop.signal }))
  addTelemetryMetrics(metrics, telemetry, clock.nowMs)
  const knownProjects = () => [defaultProject]
  const { head, spool } = telemetry
  const queries = starting.use(
    createQueryService({
      workers: Math.max(2, availableParallelism()),
      spawn: () => startQueryWorker({ head: head.descriptor, store: telemetry.address }),
      index: head.index,
      flusher: spool,
      knownProjects,
      monotonicMs: clock.monotonicMs,
      onOutcome: addQueryMetrics(metrics),
    }),
  )
  const store = createMetricStoreReader(telemetry.client)
  const catalog = createSeriesCatalog({ index: head.index, head: head.writer, store, flusher: spool, knownProjects })
  const configuration = starting.use(openConfiguration(options, context, { first, logger, metrics }))
  const accounts = await createAccounts({ state, clock, logger, tasks, auth: options.auth })
  const externalUrl = options.externalUrl === undefined ? undefined : withoutSlash(options.externalUrl)
  const parts = { options, self, state, telemetry, queries, clock }
  const collectors = starting.use(await startCollectors(parts))
  const linkBase = externalUrl ?? `http://${options.host}:${options.port}`
  const alerting = starting.use(await openAlerting({ ...parts, externalUrl: linkBase }))
  const metadata = createMetadataSource({ client: telemetry.client, targets: collectors.targets, flusher: spool })
  const routes = allRoutes({
    queries,
    catalog,
    metadata,
    telemetry,
    collectors,
    alerting,
    accounts,
    configuration,
    clock,
  })
  const http = starting.use(
    await createHttpServer({
      ...{ routes, authenticator: accounts.authenticator, clock, logger, metrics, health, tasks, webDir },
      ...{
        host: options.host,
        port: options.port,
        tls: options.tls,
        version: productVersion,
        externalUrl: options.externalUrl,
      },
    }),
  )
  await configuration.follow(collectors)
  await configuration.follow(alerting)
  if (options.reloadOnChange) configuration.watch()
  const signInLink = await firstLink(accounts, http)
  starting.defer(() => stop.abort(new AppError('internal.stopping', 'the server is stopping.')))
  const running = starting.move()
  return {
    url: http.url,
    signInLink,
    logger,
    configuration,
    reloadCertificate: () => http.reloadCertificate(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

async function firstLink(
  accounts: Awaited<ReturnType<typeof createAccounts>>,
  http: HttpServer,
): Promise<string | undefined> {
  const token = await accounts.firstSignIn()
  return token === undefined ? undefined : `${http.url}/sign-in#token=${token.token}`
}

/** Everything that is wrong, at once, before anything is started. */
function checkedConfiguration(options: ServeOptions, context: StartContext): Configuration {
  const read = readConfiguration(options.configPath, context.env)
  if (read.ok) return read.value
  const texts = read.problems.map(formatProblem)
  throw new AppError('config.invalid', `the configuration is not right:\n  ${texts.join('\n  ')}`)
}

interface Self {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly tasks: TaskGroup
}

export type SelfParts = Self

function openSelf(context: StartContext, starting: AsyncDisposableStack): Self {
  const clock = systemClock
  const { write, isTerminal } = context.logTo
  const logger = createLogger({
    clock,
    format: isTerminal ? 'pretty' : 'json',
    level: 'info',
    write,
    color: isTerminal,
  })
  const metrics = createMetrics({ logger })
  addProcessMetrics(metrics, { clock, version: productVersion })
  const health = createHealth({ clock, logger, metrics })
  const tasks = starting.use(createTaskGroup({ clock, logger, onFatal: context.onFatal }))
  return { logger, metrics, health, tasks }
}

function openConfiguration(
  options: ServeOptions,
  context: StartContext,
  { first, logger, metrics }: { readonly first: Configuration; readonly logger: Logger; readonly metrics: Metrics },
): TidewatchServer['configuration'] {
  for (const notice of first.notices) logger.info(notice, { part: 'config' })
  const holder = new ConfigHolder(first, {
    load: () => readConfiguration(options.configPath, context.env),
    nowMs: systemClock.nowMs,
    onReload: ({ ok, problems }) => {
      if (ok) logger.info('configuration read again', { part: 'config' })
      else
        logger.error('the new configuration is not right; the old one stays in force', {
          part: 'config',
          problems: problems.map(formatProblem),
        })
    },
  })
  addConfigMetrics(metrics, holder)
  return holder
}
