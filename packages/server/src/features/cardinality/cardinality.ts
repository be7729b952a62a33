// How many series there are and of what, and what could go. One count at a time.
import type { CardinalityReport, LabelValuesReport } from '@tidewatch/api/cardinality.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SeriesSurvey } from '../../head/port.ts'
import type { Route } from '../../http/port.ts'
import { countChurn } from './churn.ts'
import { countLabels } from './count-labels.ts'
import { countJobs } from './jobs.ts'
import { Largest } from './largest.ts'
import type { CardinalityContext, TsdbStatus } from './port.ts'
import { proposeDrops } from './proposals.ts'
import { cardinalityRoutes } from './routes.ts'
import { readSeriesTable } from './series-table.ts'
import { tsdbStatus } from './tsdb-status.ts'
import { usedNames } from './used-labels.ts'

export interface CardinalityOptions {
  readonly survey: SeriesSurvey
  readonly stats: () => { readonly series: number; readonly beginMs: number; readonly newestMs: number }
  readonly knownProjects: () => readonly ProjectId[]
  readonly context: () => CardinalityContext
  readonly clock: Clock
}

export interface Cardinality extends TsdbStatus {
  /** Of one project. */
  report(
    project: ProjectId,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<CardinalityReport>
  labelValues(
    project: ProjectId,
    name: string,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): LabelValuesReport
  readonly routes: readonly Route[]
}

/** A label with fewer values in a job is not worth a rule. */
const minValues = 100

export function createCardinality(options: CardinalityOptions): Cardinality {
  const turn = new OneAtATime()
  const own: Omit<Cardinality, 'routes'> = {
    tsdbStatus: (asked, { limit, signal }) => {
      const projects = asked === 'all' ? options.knownProjects() : [...asked]
      return turn.run(signal, () => tsdbStatus(options, projects, { limit, signal }))
    },
    report: (project, { limit, signal }) => turn.run(signal, () => makeReport(options, project, { limit, signal })),
    labelValues: (project, name, { limit }) => {
      const postings = options.survey.names(project).get(name)
      const top = new Largest(limit)
      for (const [id, value] of postings?.values.entries() ?? [])
        if (value !== undefined) top.offer(postings?.count(id) ?? 0, () => value)
      return { name, values: postings?.size ?? 0, top: [...top.list()] }
    },
  }
  return { ...own, routes: cardinalityRoutes(own) }
}

async function makeReport(
  { survey, stats, context, clock }: CardinalityOptions,
  project: ProjectId,
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<CardinalityReport> {
  const nowMs = clock.nowMs()
  const { limits, rules } = context()
  const counts = await countLabels(survey, [project], { limit, signal })
  const table = await readSeriesTable(survey, project, signal)
  const churn = await countChurn(survey, table, { nowMs, beginMs: stats().beginMs, limit, signal })
  const jobs = await countJobs(survey, table, { nowMs, limits, signal })
  const proposals = await proposeDrops(survey, project, table, {
    ...{ used: usedNames(rules), isScraped: (job) => limits.has(job), minValues, limit, signal },
  })
  const sum = (of: (job: (typeof jobs)[number]) => number): number => jobs.reduce((total, job) => total + of(job), 0)
  return {
    atMs: nowMs,
    series: sum(({ series }) => series),
    active: sum(({ active }) => active),
    labelPairs: counts.labelPairs,
    metrics: [...counts.metrics],
    labels: counts.labels.toSorted((a, b) => b.values - a.values || b.series - a.series).slice(0, limit),
    jobs: jobs.slice(0, limit).map(({ limits: own, ...job }) => (own === undefined ? job : { ...job, limits: own })),
    churn: { ...churn, hours: [...churn.hours], metrics: [...churn.metrics], jobs: [...churn.jobs] },
    proposals: [...proposals],
  }
}

/** Counts take memory by series and a good part of the thread: further ones wait. */
class OneAtATime {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => {
      signal.throwIfAborted()
      return work()
    })
    this.#last = mine.catch(() => undefined)
    return mine
  }
}
