// Series of each job against what its configuration allows.
import type { SeriesSurvey } from '../../head/port.ts'
import type { SeriesTable } from './series-table.ts'
import { Slices } from './slices.ts'

/** What a job's configuration allows of one target's scrape; 0 is no limit. */
export interface JobLimits {
  readonly samples: number
  readonly labels: number
  readonly labelNameLength: number
  readonly labelValueLength: number
}

export interface JobCount {
  /** Empty for series without a job. */
  readonly job: string
  readonly series: number
  /** With a sample in the last five minutes. */
  readonly active: number
  readonly targets: number
  /** The target with the most active series: what `sample_limit` is about. */
  readonly largestTarget: { readonly instance: string; readonly active: number }
  /** Of its series: most labels, and the longest name and value in UTF-8 bytes. */
  readonly labels: number
  readonly labelNameLength: number
  readonly labelValueLength: number
  /** Undefined where no scrape job has that name: what comes was pushed. */
  readonly limits: JobLimits | undefined
}

const activeMs = 300_000

export interface JobOptions {
  readonly nowMs: number
  readonly limits: ReadonlyMap<string, JobLimits>
  readonly signal: AbortSignal
}

/** All jobs, those with the most series first. */
export async function countJobs(survey: SeriesSurvey, table: SeriesTable, options: JobOptions): Promise<JobCount[]> {
  const { nowMs, limits, signal } = options
  const slices = new Slices(signal)
  const jobs = table.jobNames.length
  const series = new Uint32Array(jobs)
  const active = new Uint32Array(jobs)
  const labels = new Uint8Array(jobs)
  /** Active series by job and instance, as one number. */
  const targets = new Map<number, number>()
  const instances = table.instanceNames.length
  for (let ref = 0; ref < table.end; ref++) {
    if (slices.isOver()) await slices.turn()
    if (table.labels[ref] === 0) continue
    const job = table.job[ref]
    series[job]++
    labels[job] = Math.max(labels[job], table.labels[ref])
    const key = job * instances + table.instance[ref]
    const isActive = survey.lastMs(ref) >= nowMs - activeMs
    if (isActive) active[job]++
    targets.set(key, (targets.get(key) ?? 0) + (isActive ? 1 : 0))
  }
  const largest = new Map<number, { targets: number; instance: number; active: number }>()
  for (const [key, count] of targets) {
    const job = Math.floor(key / instances)
    const known = largest.get(job) ?? { targets: 0, instance: key % instances, active: 0 }
    known.targets++
    if (count > known.active) Object.assign(known, { instance: key % instances, active: count })
    largest.set(job, known)
  }
  return Array.from(largest, ([job, target]) => ({
    job: table.jobNames[job] ?? '',
    series: series[job],
    active: active[job],
    targets: target.targets,
    largestTarget: { instance: table.instanceNames[target.instance] ?? '', active: target.active },
    labels: labels[job],
    labelNameLength: table.longestName[job],
    labelValueLength: table.longestValue[job],
    limits: limits.get(table.jobNames[job] ?? ''),
  })).sort((a, b) => b.series - a.series || (a.job < b.job ? -1 : 1))
}
