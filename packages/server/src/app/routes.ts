// Every route there is; the golden route table shows it in review.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import { createLokiRulerRoutes } from '../alerting/rules/loki-ruler.ts'
import { createAlertingRoutes } from '../alerting/rules/routes.ts'
import { readExposition } from '../collect/exposition/read.ts'
import { createTargetRoutes } from '../collect/routes.ts'
import type { ServeOptions } from '../config/port.ts'
import type { createAccounts } from '../features/accounts/accounts.ts'
import type { createCardinality } from '../features/cardinality/cardinality.ts'
import { createDeployRoutes } from '../features/deploys/routes.ts'
import { createLogSearchRoutes } from '../features/log-searches/routes.ts'
import { createLogSearchRows, type LogSearchTables } from '../features/log-searches/state.ts'
import type { LogSettingsBook } from '../features/log-settings/book.ts'
import type { LogIndexes } from '../features/log-settings/indexes.ts'
import { createLogSettingsRoutes } from '../features/log-settings/routes.ts'
import { defineRoute, type Identity, type Route, type SocketRoute } from '../http/port.ts'
import { startTimestampsSection } from '../ingest/config.ts'
import { pipelineRoutes } from '../ingest/pipelines/routes.ts'
import { elasticsearchSection } from '../ingest/receivers/elasticsearch/config.ts'
import type { ElasticsearchSettings } from '../ingest/receivers/elasticsearch/questions.ts'
import { receivers } from '../ingest/receivers/registry.ts'
import { notifyRoutes } from '../notify/routes.ts'
import { createLogApiRoutes } from '../query/logs/api/routes.ts'
import { createElasticsearchRoutes } from '../query/logs/elasticsearch/routes.ts'
import { createLokiRoutes } from '../query/logs/loki/routes.ts'
import { createLokiTail } from '../query/logs/loki/tail.ts'
import { createRuleQueries } from '../query/logs/rule-queries.ts'
import type {
  ExemplarQueries,
  MetadataSource,
  QueryService,
  ReadService,
  SampleDeletion,
  SeriesCatalog,
} from '../query/port.ts'
import { createAdminRoutes } from '../query/routes/admin.ts'
import { createExemplarRoutes } from '../query/routes/exemplars.ts'
import { createPrometheusRoutes } from '../query/routes/prometheus.ts'
import { createReadRoutes } from '../query/routes/reads.ts'
import type { Health, Metrics, TaskGroup } from '../self/port.ts'
import type { StateStore } from '../state/port.ts'
import { readDayBlocks } from '../store/day-blocks.ts'
import { readLogColumns, readLogStorage } from '../store/logs/storage.ts'
import { createRenderTarget } from '../store/render.ts'
import { logsTable } from '../store/tables/logs.ts'
import { whyRoutes } from './alert-why.ts'
import type { Alerting } from './alerting.ts'
import { createAlertmanagersRoute } from './alertmanagers.ts'
import { backtestRoutes } from './backtests.ts'
import type { Collectors } from './collectors.ts'
import { createElasticsearchApi, type ElasticsearchApi } from './elasticsearch.ts'
import type { Keeping } from './keeping.ts'
import type { LogArchiveParts } from './log-archive.ts'
import { archiveParts } from './log-archive-settings.ts'
import { logRetention } from './log-keeping.ts'
import { retentionParts } from './log-settings.ts'
import type { Logs } from './logs.ts'
import { createNotificationRoutes } from './notification-routes.ts'
import { otlpSettings } from './otlp-settings.ts'
import { peopleRoutes } from './people-routes.ts'
import { prometheusLinks } from './prometheus-links.ts'
import type { Roles } from './roles.ts'
import { ruleRoutes } from './rule-routes.ts'
import type { TidewatchServer } from './server.ts'
import { createStatusRoutes } from './status-routes.ts'
import type { Telemetry } from './telemetry.ts'
import { productVersion } from './version.ts'

export interface RouteParts {
  readonly queries: QueryService & ReadService
  readonly catalog: SeriesCatalog
  readonly metadata: MetadataSource
  readonly exemplars: ExemplarQueries
  readonly telemetry: Pick<Telemetry, 'acceptor' | 'client' | 'cluster' | 'spool'>
  readonly logs: Logs
  readonly logArchive: Pick<LogArchiveParts, 'routes' | 'settings'>
  readonly logIndexes: LogIndexes
  readonly logSettings: LogSettingsBook
  readonly collectors: Pick<Collectors, 'targets' | 'countLeftOut'>
  /** Alertmanager's API, which may have a port of its own too. */
  readonly alertmanagers: readonly Route[]
  readonly alerting: Pick<Alerting, 'rules' | 'dispatch' | 'people' | 'notify' | 'journal' | 'packs'>
  readonly accounts: Pick<Awaited<ReturnType<typeof createAccounts>>, 'routes' | 'audit'>
  readonly configuration: Pick<TidewatchServer['configuration'], 'current' | 'lastReload' | 'reload'>
  readonly roles: Roles
  readonly options: ServeOptions
  readonly keeping: Keeping
  readonly deletion: SampleDeletion
  readonly cardinality: Pick<ReturnType<typeof createCardinality>, 'routes' | 'tsdbStatus'>
  readonly clock: Clock
  readonly state: StateStore
  readonly tasks: TaskGroup
  readonly health: Health
  readonly metrics: Metrics
  /** Where people find us; known once the server listens. */
  readonly externalUrl: () => string
}

export function allRoutes(parts: RouteParts): Route[] {
  const { telemetry, collectors, alerting, accounts, configuration, roles, options, keeping, cardinality } = parts
  const { clock, metrics, externalUrl } = parts
  const api = createElasticsearchApi({ ...parts, audit: accounts.audit, settings: elasticsearchSettingsOf(parts) })
  const { deploys, queries: logQueries } = parts.logs
  const projectsOf = ({ projects }: Identity) => logQueries.projects(projects === 'all' ? 'all' : [...projects])
  return [
    ...accounts.routes,
    ...createDeployRoutes({ deploys, projectsOf }),
    ...(roles.ingests ? receiverRoutes(parts, api) : []),
    ...(roles.answers ? queryRoutes(parts, api) : []),
    ...(roles.ingests ? createAdminRoutes(parts.deletion) : []),
    ...createTargetRoutes(collectors.targets),
    ...parts.alertmanagers,
    ...createAlertingRoutes(() => alerting.rules.groups, externalLabelsOf(parts)),
    ...createLokiRulerRoutes(() => alerting.rules.groups, externalLabelsOf(parts)),
    ...peopleRoutes(() => alerting.people.parts, { audit: accounts.audit, clock, externalUrl }),
    ...ruleRoutes(parts),
    ...(roles.answers ? [...backtestRoutes(parts), ...whyRoutes(parts)] : []),
    ...notifyRoutes(alerting.notify, { audit: accounts.audit }),
    reloadRoute(configuration),
    effectiveRoute(configuration),
    createAlertmanagersRoute({ alerting: () => configuration.current.prometheus.alerting, externalUrl }),
    ...createStatusRoutes({
      ...{ configuration, options, keeping, cardinality, clock, metrics },
      blocks: (signal) => readDayBlocks(telemetry.client, createRenderTarget(telemetry.cluster), signal),
    }),
    ...createNotificationRoutes(parts),
    ...cardinality.routes,
    ...prometheusLinks(),
  ]
}

const wantsZeroSamplesOf =
  ({ configuration }: RouteParts) =>
  (): boolean =>
    configuration.current.sections.get(startTimestampsSection.key) === 'zero_samples'

const elasticsearchSettingsOf =
  ({ configuration }: RouteParts) =>
  (): ElasticsearchSettings =>
    configuration.current.sections.get(elasticsearchSection.key) as ElasticsearchSettings

const externalLabelsOf =
  ({ configuration }: RouteParts) =>
  () =>
    configuration.current.prometheus.global.external_labels

function receiverRoutes(parts: RouteParts, api: ElasticsearchApi): Route[] {
  const { telemetry, logs, collectors, configuration, clock, state, tasks, metrics } = parts
  return receivers.flatMap((receiver) =>
    receiver.routes({
      ...{ acceptor: telemetry.acceptor, logs: logs.routes.from(receiver.kind), clock, state, tasks, metrics },
      readExposition,
      countLeftOut: collectors.countLeftOut,
      wantsZeroSamples: wantsZeroSamplesOf(parts),
      otlp: () => otlpSettings(configuration.current.prometheus.otlp),
      elasticsearch: elasticsearchSettingsOf(parts),
      ...{ documents: api.documents, indexNames: api.names },
    }),
  )
}

function queryRoutes(parts: RouteParts, { names, deletion }: ElasticsearchApi): Route[] {
  const { catalog, metadata, exemplars, options, clock, roles, logs } = parts
  const queries = createRuleQueries({ queries: parts.queries, logs: logs.queries, clock })
  const build = { version: productVersion, nodeVersion: process.version }
  return [
    ...createPrometheusRoutes({
      ...{ queries, catalog, metadata, nowMs: clock.nowMs, build, reloads: options.reloadOnChange },
      wantsZeroSamples: wantsZeroSamplesOf(parts),
    }),
    ...createExemplarRoutes(exemplars),
    ...createElasticsearchRoutes({
      ...{ queries: parts.logs.queries, clock, names, mark: () => parts.logs.intake.mark() },
      ...(roles.ingests ? { deletion } : {}),
    }),
    ...createLokiRoutes({ queries: parts.logs.queries, clock, version: productVersion, health: parts.health }),
    ...createReadRoutes({ reads: parts.queries, externalLabels: externalLabelsOf(parts), nowMs: clock.nowMs }),
    ...logRoutes(parts),
  ]
}

/** What is followed by WebSocket. */
export function socketRoutes({ logs, clock, roles }: Pick<RouteParts, 'logs' | 'clock' | 'roles'>): SocketRoute[] {
  return roles.answers ? [createLokiTail({ queries: logs.queries, feed: logs.intake, clock })] : []
}

/** Logs by our own API. */
function logRoutes(parts: RouteParts): Route[] {
  const { telemetry, keeping, state, clock, logArchive, configuration } = parts
  const { queries, tail, deploys } = parts.logs
  const { audit } = parts.accounts
  const book = parts.logSettings
  const current = () => configuration.current
  const target = createRenderTarget(telemetry.cluster)
  return [
    ...pipelineRoutes({ clock }),
    ...createLogApiRoutes({
      ...{ queries, tail, deploys, clock },
      async storage(options) {
        // what was acknowledged counts
        await telemetry.spool.flush([logsTable.name], options)
        const days = await readLogStorage(telemetry.client, target, options)
        return { days, columns: await readLogColumns(telemetry.client, target, options) }
      },
      retention: () => logRetention(keeping),
    }),
    ...logArchive.routes(audit),
    ...createLogSettingsRoutes({
      ...{ book, audit, clock, indexes: parts.logIndexes },
      retention: retentionParts({
        ...{ keeping, telemetry, files: () => current().files },
        isArchived: () => logArchive.settings() !== undefined,
      }),
      archive: archiveParts({ current }, { book, sealer: state.sealer }),
    }),
    ...createLogSearchRoutes({ rows: createLogSearchRows(state.database<LogSearchTables>()), audit, clock }),
  ]
}

/** As Prometheus has it; needs an administrator, since it changes what runs. */
function reloadRoute(configuration: RouteParts['configuration']): Route {
  return defineRoute({
    method: 'POST',
    path: '/-/reload',
    permission: 'admin',
    errors: 'text',
    summary: 'Read the configuration again',
    async handle() {
      const { ok, problems } = await configuration.reload()
      if (!ok)
        throw new AppError(
          'config.invalid',
          `the new configuration is not right; the old one stays in force:\n${problems.map(formatProblem).join('\n')}`,
        )
      return { body: '' }
    },
  })
}

/** prometheus.yml with all defaults and without secrets, as Prometheus answers it. */
function effectiveRoute(configuration: RouteParts['configuration']): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/status/config',
    permission: 'view',
    errors: 'prometheus',
    summary: 'The configuration in force, with all defaults filled in',
    handle: () => ({ body: { status: 'success', data: { yaml: configuration.current.effectivePrometheus } } }),
  })
}
