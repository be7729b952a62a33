// Every route there is; the golden route table shows it in review.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import { createAlertingRoutes } from '../alerting/rules/routes.ts'
import { readExposition } from '../collect/exposition/read.ts'
import { createTargetRoutes } from '../collect/routes.ts'
import type { ServeOptions } from '../config/port.ts'
import type { createAccounts } from '../features/accounts/accounts.ts'
import type { createCardinality } from '../features/cardinality/cardinality.ts'
import { defineRoute, type RequestContext, type Route } from '../http/port.ts'
import { startTimestampsSection } from '../ingest/config.ts'
import { receivers } from '../ingest/receivers/registry.ts'
import { notifyRoutes } from '../notify/routes.ts'
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
import { createRenderTarget } from '../store/render.ts'
import { whyRoutes } from './alert-why.ts'
import type { Alerting } from './alerting.ts'
import { createAlertmanagersRoute } from './alertmanagers.ts'
import { backtestRoutes } from './backtests.ts'
import type { Collectors } from './collectors.ts'
import type { Keeping } from './keeping.ts'
import { createNotificationRoutes } from './notification-routes.ts'
import { otlpSettings } from './otlp-settings.ts'
import { peopleRoutes } from './people-routes.ts'
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
  readonly telemetry: Pick<Telemetry, 'acceptor' | 'client' | 'cluster'>
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
  const {
    queries,
    catalog,
    metadata,
    exemplars,
    telemetry,
    collectors,
    alerting,
    alertmanagers,
    accounts,
    configuration,
    roles,
    options,
    keeping,
    cardinality,
    clock,
    state,
    tasks,
    metrics,
    externalUrl,
  } = parts
  const build = { version: productVersion, nodeVersion: process.version }
  const reloads = options.reloadOnChange
  const wantsZeroSamples = () => configuration.current.sections.get(startTimestampsSection.key) === 'zero_samples'
  const externalLabels = () => configuration.current.prometheus.global.external_labels
  return [
    ...accounts.routes,
    ...(roles.ingests ? receivers : []).flatMap((receiver) =>
      receiver.routes({
        acceptor: telemetry.acceptor,
        clock,
        countLeftOut: collectors.countLeftOut,
        wantsZeroSamples,
        state,
        tasks,
        readExposition,
        otlp: () => otlpSettings(configuration.current.prometheus.otlp),
      }),
    ),
    ...(roles.answers
      ? createPrometheusRoutes({ queries, catalog, metadata, nowMs: clock.nowMs, build, reloads, wantsZeroSamples })
      : []),
    ...(roles.answers ? createExemplarRoutes(exemplars) : []),
    ...(roles.answers ? createReadRoutes({ reads: queries, externalLabels, nowMs: clock.nowMs }) : []),
    ...(roles.ingests ? createAdminRoutes(parts.deletion) : []),
    ...createTargetRoutes(collectors.targets),
    ...alertmanagers,
    ...createAlertingRoutes(() => alerting.rules.groups, externalLabels),
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

/** Where Prometheus's own addresses lead, as they stand in messages and bookmarks; alerts and rules have the same ones here. */
function prometheusLinks(): Route[] {
  const explorer = ({ query }: Pick<RequestContext, 'query'>): string => {
    const asked = (query ?? {}) as Readonly<Record<string, string | readonly string[] | undefined>>
    const expr = [asked['g0.expr'] ?? []].flat()[0]
    return expr === undefined ? '/explore' : `/explore?${new URLSearchParams({ q: expr })}`
  }
  const links = [
    { path: '/graph', what: 'graph page; leads to the explorer', leadsTo: explorer },
    { path: '/query', what: 'query page; leads to the explorer', leadsTo: explorer },
    { path: '/targets', what: 'targets page; leads to the sources', leadsTo: () => '/sources' },
    {
      path: '/service-discovery',
      what: 'discovery page; leads to the sources',
      leadsTo: () => '/sources?tab=discovery',
    },
  ]
  return links.map(({ path, what, leadsTo }) =>
    defineRoute({
      method: 'GET',
      path,
      permission: 'public',
      errors: 'text',
      summary: `Prometheus's address of its ${what}`,
      handle: (context) => ({ status: 302, headers: { location: leadsTo(context) } }),
    }),
  )
}
