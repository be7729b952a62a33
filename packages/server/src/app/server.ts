// The whole product in one process: what is started, in which order, joined to what; and stopped in the opposite order.
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { systemClock as clock } from '@tidewatch/core/clock.ts'
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { ConfigHolder } from '../config/holder.ts'
import type { ConfigFollower, ServeOptions } from '../config/port.ts'
import { createAccounts } from '../features/accounts/accounts.ts'
import { indexesOff } from '../features/log-settings/indexes.ts'
import { createHeadReader } from '../head/reader.ts'
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../http/server.ts'
import { createSeriesCatalog } from '../query/catalog.ts'
import { createExemplarQueries } from '../query/exemplars.ts'
import { createQueryService } from '../query/service.ts'
import { createHealth } from '../self/health.ts'
import { createLogger } from '../self/logger.ts'
import { createMetrics } from '../self/metrics.ts'
import type { Health, Logger, Metrics, TaskGroup } from '../self/port.ts'
import { addProcessMetrics } from '../self/process-metrics.ts'
import { createTaskGroup } from '../self/task-group.ts'
import { createStateStore } from '../state/store.ts'
import { createExemplarReader } from '../store/exemplar-reader.ts'
import { createMetricStoreReader } from '../store/metric-reader.ts'
import { createRenderTarget } from '../store/render.ts'
import { createRollupReader } from '../store/rollup-reader.ts'
import { type Alerting, openAlerting } from './alerting.ts'
import { alertmanagerRoutes } from './alertmanager-api.ts'
import { createAlertmanagerListener } from './alertmanager-listener.ts'
import { openCardinality } from './cardinality.ts'
import { startCollectors } from './collectors.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { openDataDir } from './data-dir.ts'
import { openDeletion, resumeWith } from './deletion.ts'
import { isLoopback, withoutSlash } from './external-url.ts'
import { createHttpListeners } from './http-listeners.ts'
import { createKeeping, type Keeping } from './keeping.ts'
import { ArchiveGate, openLogArchive } from './log-archive.ts'
import { openLogIndexes } from './log-indexes.ts'
import { openLogSettings } from './log-settings.ts'
import { openLogSources } from './log-sources.ts'
import { openLogs } from './logs.ts'
import { addMemoryMetrics } from './memory-metrics.ts'
import { createMetadataSource } from './metadata-source.ts'
import { addConfigMetrics, addQueryLoadMetrics, addQueryMetrics, addTelemetryMetrics } from './parts-metrics.ts'
import { startQueryWorker } from './query-threads.ts'
import { startRemoteWrites } from './remote-writes.ts'
import { addRetentionMetrics, addRollupMetrics } from './retention-metrics.ts'
import { rolesOf } from './roles.ts'
import { allRoutes, socketRoutes } from './routes.ts'
import { stateTables } from './tables.ts'
import { openTelemetry, type Telemetry } from './telemetry.ts'
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
  /** Ends a start that is under way: migrations and refilling may take long. */
  readonly signal: AbortSignal
  /** Something went wrong that ends the server. */
  readonly onFatal: (name: string, error: unknown) => void
  readonly logTo: { readonly write: (line: string) => void; readonly isTerminal: boolean }
}

const webDir = fileURLToPath(new URL('../../../web/dist', import.meta.url))

/** Starts everything. Throws an AppError that names the culprit; then nothing is left running. */
export async function startTidewatch(options: ServeOptions, context: StartContext): Promise<TidewatchServer> {
  checkAccess(options)
  const first = checkedConfiguration(options, context)
  await using starting = new AsyncDisposableStack()
  const self = openSelf(context)
  const keeping = createKeeping(first, options)
  const data = await openData(options, context, { self, starting, keeping })
  // after the state, so that it ends before: tasks use it
  starting.use(self.tasks)
  const configuration = starting.use(openConfiguration(options, context, { first, self }))
  // known once the port is: links are made later
  const place = { url: '' }
  let alerting: Alerting | undefined
  const accounts = createAccounts({
    state: data.state,
    clock,
    tasks: self.tasks,
    auth: options.auth,
    url: () => place.url,
  })
  const logs = openLogs({
    ...{ ...data, self, clock, keeping, configuration, externalUrl: () => place.url },
    sink: () => alerting?.dispatch.dispatcher,
  })
  const parts = { options, self, clock, env: context.env, externalUrl: () => place.url, logs, ...data }
  const logArchive = openLogArchive({ ...parts, configuration, sink: () => alerting?.dispatch.dispatcher })
  const logIndexes = openLogIndexes(parts)
  const collectors = starting.use(startCollectors(parts))
  const logSources = starting.use(openLogSources({ ...parts, configuration }))
  alerting = starting.use(openAlerting(parts))
  const metadata = createMetadataSource({ ...data, targets: collectors.targets, flusher: data.telemetry.spool })
  const remoteWrites = starting.use(startRemoteWrites({ ...parts, metadata }))
  const cardinality = openCardinality({ ...data, configuration, clock })
  const deletion = openDeletion({ ...data, self, audit: accounts.audit, clock })
  const alertmanagers = alertmanagerRoutes({ alerting, configuration, audit: accounts.audit, clock, ...self })
  const features = {
    ...{ alertmanagers, metadata, collectors, alerting, accounts, configuration, logs },
    ...{ cardinality, deletion, options, keeping, logArchive, logIndexes },
  }
  const routes = allRoutes({ ...self, ...data, ...features, clock, externalUrl: parts.externalUrl })
  const sockets = socketRoutes({ ...features, ...data, clock })
  const { authenticator } = accounts
  const http = starting.use(await openPort(options, { self, routes, sockets, authenticator }))
  place.url = withoutSlash(http.url)
  const alertmanagerPort = starting.use(
    createAlertmanagerListener({ options, self, clock, authenticator, routes: alertmanagers, webDir }),
  )
  const httpListeners = starting.use(createHttpListeners({ ...data, options, self, clock, authenticator, routes }))
  const retention = followRetention(keeping, data.telemetry)
  const ownFollowers = [logArchive.follower, remoteWrites, retention, collectors, ...logSources.followers]
  for (const one of [...ownFollowers, httpListeners, alerting, alertmanagerPort]) await configuration.follow(one)
  if (options.reloadOnChange) configuration.watch()
  const signInLink = await accounts.firstSignInUrl()
  const running = starting.move()
  return {
    url: place.url,
    signInLink,
    logger: self.logger,
    configuration,
    reloadCertificate: () => http.reloadCertificate(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function openPort(
  { host, port, tls, externalUrl }: ServeOptions,
  {
    self,
    routes,
    sockets,
    authenticator,
  }: Pick<HttpServerOptions, 'routes' | 'sockets' | 'authenticator'> & { readonly self: SelfParts },
): Promise<HttpServer> {
  const place = { host, port, tls, externalUrl }
  return createHttpServer({
    ...self,
    ...place,
    routes,
    sockets: sockets ?? [],
    authenticator,
    clock,
    webDir,
    version: productVersion,
  })
}

/** Without sign-in whoever reaches the port may do everything. */
function checkAccess({ auth, host }: ServeOptions): void {
  if (auth || isLoopback(host)) return
  throw new AppError('config.invalid', '--no-auth is for loopback addresses only.', {
    where: { key: '--host' },
    fix: 'Leave --no-auth out, or listen on 127.0.0.1.',
  })
}

function followRetention(
  keeping: Keeping,
  { retention, rollups }: Pick<Telemetry, 'retention' | 'rollups'>,
): ConfigFollower<Configuration> {
  return {
    async apply(configuration) {
      keeping.follow(configuration)
      rollups.wake()
      retention.wake()
    },
  }
}

/** What is kept and how it is asked: directory, state, the samples' way, queries. */
async function openData(
  options: ServeOptions,
  { env, progress, signal }: StartContext,
  parts: { readonly self: SelfParts; readonly starting: AsyncDisposableStack; readonly keeping: Keeping },
) {
  const { self, starting, keeping } = parts
  const { logger, metrics, health } = self
  const gate = new ArchiveGate()
  const roles = rolesOf(options)
  const dataDir = starting.use(openDataDir(options.dataDir))
  const { databaseUrl } = options
  const state = starting.use(
    await createStateStore({ dataDir: dataDir.path, databaseUrl, env, features: stateTables, clock, logger }),
  )
  const logSettings = await openLogSettings(state, { clock, keeping, tasks: self.tasks })
  progress('Starting the engine ...')
  const telemetry = starting.use(
    await openTelemetry({
      ...{ ...options, keeping, clock, logger, health, signal, locks: state.locks },
      resume: resumeWith(state),
      refreshSettings: () => logSettings.refresh(),
      logsWithoutIndexes: () => indexesOff(logSettings),
      beforeLogsGo: gate.beforeLogsGo,
    }),
  )
  logSettings.follow(() => telemetry.retention.wake())
  addTelemetryMetrics(metrics, telemetry, clock.nowMs)
  addRetentionMetrics(metrics, { ...telemetry, keeping })
  addRollupMetrics(metrics, telemetry.rollups)
  addMemoryMetrics({ ...self, enginePid: () => telemetry.engine?.counters().pid })
  const { head, spool, client, cluster } = telemetry
  const knownProjects = (): readonly ProjectId[] => [defaultProject]
  const rollups = createRollupReader(client, { target: createRenderTarget(cluster), monotonicMs: clock.monotonicMs })
  const store = createMetricStoreReader(client, rollups)
  const queries = starting.use(
    createQueryService({
      workers: Math.max(2, availableParallelism()),
      spawn: () =>
        startQueryWorker({ head: head.descriptor, store: telemetry.address, cluster, usesHead: roles.isAlone }),
      index: head.index,
      openHead: roles.isAlone ? () => createHeadReader(head.descriptor) : undefined,
      changes: roles.isAlone ? head.writer.changes : undefined,
      store,
      flusher: spool,
      knownProjects,
      monotonicMs: clock.monotonicMs,
      ...addQueryMetrics(metrics),
    }),
  )
  addQueryLoadMetrics(metrics, queries.load)
  const catalog = createSeriesCatalog({
    index: head.index,
    head: roles.isAlone ? head.writer : { beginMs: Number.POSITIVE_INFINITY },
    store,
    flusher: spool,
    knownProjects,
  })
  const exemplars = createExemplarQueries({ store: createExemplarReader(client), flusher: spool, knownProjects })
  const asked = { queries, catalog, exemplars, store, knownProjects, roles }
  return { ...asked, state, telemetry, gate, logSettings, dataDir: dataDir.path }
}

const readConfigured = ({ configPath, alertmanagerConfigPath }: ServeOptions, { env }: StartContext) =>
  readConfiguration(configPath, env, { alertmanagerConfig: alertmanagerConfigPath })

/** Everything that is wrong, at once, before anything is started. */
function checkedConfiguration(options: ServeOptions, context: StartContext): Configuration {
  const read = readConfigured(options, context)
  if (read.ok) return read.value
  const texts = read.problems.map(formatProblem)
  throw new AppError('config.invalid', `the configuration is not right:\n  ${texts.join('\n  ')}`)
}

/** What every part gets. */
export interface SelfParts {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly tasks: TaskGroup
}

function openSelf(context: StartContext): SelfParts {
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
  const tasks = createTaskGroup({ clock, logger, onFatal: context.onFatal })
  return { logger, metrics, health, tasks }
}

function openConfiguration(
  options: ServeOptions,
  context: StartContext,
  { first, self }: { readonly first: Configuration; readonly self: SelfParts },
): TidewatchServer['configuration'] {
  const { logger, metrics } = self
  for (const notice of first.notices) logger.info(notice, { part: 'config' })
  const holder = new ConfigHolder(first, {
    load: () => readConfigured(options, context),
    nowMs: clock.nowMs,
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
