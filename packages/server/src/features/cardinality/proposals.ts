// "Drop this label": labels with many values that no rule speaks of, with the relabelling rule that takes them out and what that saves.
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SeriesSurvey } from '../../head/port.ts'
import { PostingsWalk, pairHash, type SeriesTable, setKey } from './series-table.ts'
import { Slices } from './slices.ts'
import type { UsedNames } from './used-labels.ts'

export interface Proposal {
  /**
   * `labeldrop`: no two series would have been the same at one time, so only the label goes. `drop`: the label tells series apart that live side by
   * side, so without it their samples would be mixed up; the metric goes as a whole.
   */
  readonly kind: 'labeldrop' | 'drop'
  readonly job: string
  readonly label: string
  /** Of a `drop`. */
  readonly metric?: string
  /** Values of the label in the job. */
  readonly values: number
  /** Series that the rule touches, and how many there would have been less. */
  readonly series: number
  readonly saved: number
  /** Scraped here, or pushed by a sender that has to drop it itself. */
  readonly scraped: boolean
  /** YAML, ready to be pasted. */
  readonly rule: string
}

export interface ProposalOptions {
  readonly used: UsedNames
  readonly isScraped: (job: string) => boolean
  /** A label with fewer values in a job is nobody's trouble. */
  readonly minValues: number
  readonly limit: number
  readonly signal: AbortSignal
}

/** They say what a series is of, or are read by functions without being named. */
const kept = new Set(['__name__', 'job', 'instance', 'le', 'quantile'])

/** Proposals with the most saved first. */
export async function proposeDrops(
  survey: SeriesSurvey,
  project: ProjectId,
  table: SeriesTable,
  options: ProposalOptions,
): Promise<readonly Proposal[]> {
  const found: Proposal[] = []
  for (const [label, postings] of survey.names(project)) {
    options.signal.throwIfAborted()
    if (kept.has(label) || postings.size < options.minValues || options.used.isLabelUsed(label)) continue
    const members = await membersByJob({ survey, project, table, label, signal: options.signal })
    for (const [job, group] of members) {
      if (group.values < options.minValues) continue
      const proposal = await propose({ survey, table, label, job, group, options })
      if (proposal !== undefined) found.push(proposal)
    }
  }
  return withoutDoubles(found.sort((a, b) => b.saved - a.saved)).slice(0, options.limit)
}

/** The series of one job that have the label. */
interface Group {
  values: number
  lastValue: number
  readonly refs: number[]
  /** By place in `refs`: the label set without the label, as one number. */
  readonly keys: number[]
}

async function membersByJob(question: {
  readonly survey: SeriesSurvey
  readonly project: ProjectId
  readonly table: SeriesTable
  readonly label: string
  readonly signal: AbortSignal
}): Promise<ReadonlyMap<number, Group>> {
  const { survey, project, table, label, signal } = question
  const groups = new Map<number, Group>()
  const postings = survey.names(project).get(label)
  if (postings === undefined) return groups
  await new PostingsWalk(table.end, new Slices(signal)).values(postings, (refs, count, id, value) => {
    const hash = pairHash(label, value)
    for (let i = 0; i < count; i++) {
      const ref = refs[i]
      if (ref >= table.end || table.labels[ref] === 0) continue
      const job = table.job[ref]
      let group = groups.get(job)
      if (group === undefined) {
        group = { values: 0, lastValue: -1, refs: [], keys: [] }
        groups.set(job, group)
      }
      if (group.lastValue !== id) {
        group.lastValue = id
        group.values++
      }
      group.refs.push(ref)
      group.keys.push(setKey(table, ref, hash))
    }
  })
  return groups
}

interface Question {
  readonly survey: SeriesSurvey
  readonly table: SeriesTable
  readonly label: string
  readonly job: number
  readonly group: Group
  readonly options: ProposalOptions
}

async function propose({ survey, table, label, job, group, options }: Question): Promise<Proposal | undefined> {
  const jobName = table.jobNames[job] ?? ''
  const scraped = options.isScraped(jobName)
  const common = { job: jobName, label, values: group.values, scraped }
  const left = await countWithout({ survey, table, job, group, signal: options.signal })
  if (left !== undefined) {
    const saved = group.refs.length - left
    if (saved < options.minValues) return undefined
    const rule = relabelRule({ job: jobName, scraped, lines: [`regex: ${quoted(label)}`, 'action: labeldrop'] })
    return { ...common, kind: 'labeldrop', series: group.refs.length, saved, rule }
  }
  const metric = largestUnusedMetric(table, group, options)
  if (metric === undefined) return undefined
  const lines = ['source_labels: [__name__]', `regex: ${quoted(literalRegex(metric.name))}`, 'action: drop']
  const rule = relabelRule({ job: jobName, scraped, lines })
  return { ...common, kind: 'drop', metric: metric.name, series: metric.series, saved: metric.series, rule }
}

/** How many series there would have been without the label; undefined where two of them would have been one at the same time. */
async function countWithout(question: {
  readonly survey: SeriesSurvey
  readonly table: SeriesTable
  readonly job: number
  readonly group: Group
  readonly signal: AbortSignal
}): Promise<number | undefined> {
  const { survey, table, job, group, signal } = question
  const slices = new Slices(signal)
  const spans = new Map<number, number[]>()
  for (let i = 0; i < group.refs.length; i++) {
    if (slices.isOver(16)) await slices.turn()
    const key = group.keys[i]
    const ref = group.refs[i]
    const firstMs = survey.firstMs(ref)
    const lastMs = survey.lastMs(ref)
    const known = spans.get(key)
    if (known === undefined) {
      spans.set(key, [firstMs, lastMs])
      continue
    }
    // most that overlap at all overlap with the one before: not all have to be kept to see it
    if (firstMs <= known[known.length - 1] && lastMs >= known[known.length - 2]) return undefined
    known.push(firstMs, lastMs)
  }
  const { size } = spans
  // series that never had the label may be what others would become
  for (let ref = 0; ref < table.end; ref++) {
    if (slices.isOver()) await slices.turn()
    if (table.job[ref] === job && table.labels[ref] > 0)
      spans.get(setKey(table, ref, nothing))?.push(survey.firstMs(ref), survey.lastMs(ref))
  }
  for (const span of spans.values()) {
    if (slices.isOver(span.length * 8)) await slices.turn()
    if (hasOverlap(span)) return undefined
  }
  return size
}

const nothing = { low: 0, high: 0 }

/** `span`: first, last, first, last ... */
function hasOverlap(span: readonly number[]): boolean {
  if (span.length === 2) return false
  const order = Array.from({ length: span.length / 2 }, (_, i) => i * 2).sort((a, b) => span[a] - span[b])
  return order.some((at, i) => i > 0 && span[at] <= span[order[i - 1] + 1])
}

/** The metric that has the label and the most series in the job, if no rule reads it and the label is why it has so many. */
function largestUnusedMetric(
  table: SeriesTable,
  group: Group,
  { used, minValues }: ProposalOptions,
): { readonly name: string; readonly series: number } | undefined {
  const byMetric = new Map<number, number>()
  for (const ref of group.refs) byMetric.set(table.metric[ref], (byMetric.get(table.metric[ref]) ?? 0) + 1)
  const [largest] = [...byMetric]
    .map(([number, series]) => ({ name: table.metricNames[number] ?? '', series }))
    .filter(({ name, series }) => name !== '' && series >= minValues && !used.isMetricUsed(name))
    .sort((a, b) => b.series - a.series)
  return largest
}

/** One rule to drop a metric is enough, whichever of its labels has the many values. */
function withoutDoubles(proposals: readonly Proposal[]): readonly Proposal[] {
  const seen = new Set<string>()
  return proposals.filter(({ kind, job, metric, label }) => {
    const key = kind === 'drop' ? `drop ${job} ${metric}` : `labeldrop ${job} ${label}`
    return !seen.has(key) && seen.add(key)
  })
}

function relabelRule(rule: {
  readonly job: string
  readonly scraped: boolean
  readonly lines: readonly string[]
}): string {
  const [first, ...rest] = rule.lines
  if (rule.scraped) {
    const head = `# scrape_configs, job_name: ${quoted(rule.job)}\nmetric_relabel_configs:\n`
    return `${head}  - ${first}\n${rest.map((line) => `    ${line}\n`).join('')}`
  }
  // what is pushed is dropped before it is sent, and only where it is this job's
  const ofJob = rule.job === '' ? '' : `# at the sender of the job ${quoted(rule.job)}, in its remote_write\n`
  return `${ofJob}write_relabel_configs:\n  - ${first}\n${rest.map((line) => `    ${line}\n`).join('')}`
}

/** A YAML text that says nothing but itself. */
const quoted = (text: string): string =>
  /^[A-Za-z_][\w:]*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text) ? text : JSON.stringify(text)

const literalRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
