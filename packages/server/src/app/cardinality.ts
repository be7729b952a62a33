// The cardinality figures, joined to the head and to what the configuration says of jobs and rules.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { resolveScrapeJobs } from '../collect/scrape/job.ts'
import { type Cardinality, createCardinality } from '../features/cardinality/cardinality.ts'
import type { CardinalityContext } from '../features/cardinality/port.ts'
import { baseDirOf, type Configuration } from './configuration.ts'
import type { Telemetry } from './telemetry.ts'

export interface CardinalityParts {
  readonly telemetry: Pick<Telemetry, 'head'>
  readonly configuration: { readonly current: Configuration }
  readonly knownProjects: () => readonly ProjectId[]
  readonly clock: Clock
}

export function openCardinality({ telemetry, configuration, knownProjects, clock }: CardinalityParts): Cardinality {
  const { survey, stats } = telemetry.head
  return createCardinality({ survey, stats, knownProjects, clock, context: () => contextOf(configuration.current) })
}

function contextOf(configuration: Configuration): CardinalityContext {
  const { global, scrape_configs: configs } = configuration.prometheus
  const jobs = resolveScrapeJobs(global, configs, baseDirOf(configuration))
  const rules = configuration.rules.flatMap((file) => file.rules).flatMap((group) => group.rules)
  return {
    limits: new Map(jobs.map(({ name, limits }) => [name, limits])),
    rules: rules.map((rule) => ({
      expr: rule.expr,
      texts: [...Object.values(rule.labels), ...(rule.kind === 'alerting' ? Object.values(rule.annotations) : [])],
    })),
  }
}
