// Prometheus's API about targets: prometheus.io/docs/prometheus/latest/querying/api/#targets
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import { compileLabelRegex, type ValueTest } from '@tidewatch/core/regexp.ts'
import { formatDurationMs, msToSeconds } from '@tidewatch/core/time.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { z } from 'zod'
import { type Answer, defineRoute, type Route } from '../http/port.ts'
import type { ActiveTarget, ScrapeTargets } from './port.ts'
import { type RelabelRule, relabelSteps } from './relabel.ts'

/** A key that is given twice counts once, as in Prometheus. */
const one = z.union([z.string(), z.array(z.string()).transform((values) => values[0])]).optional()

const targetsQuery = z.object({ state: one, scrapePool: one })
const relabelQuery = z.object({ scrapePool: one, labels: one })
const metadataQuery = z.object({ match_target: one, metric: one, limit: one })

/** `/api/v1/targets`, `/api/v1/targets/metadata`, `/api/v1/targets/relabel_steps`, `/api/v1/scrape_pools`. */
export function createTargetRoutes(targets: ScrapeTargets): readonly Route[] {
  return [
    defineRoute<unknown, z.output<typeof targetsQuery>>({
      ...common,
      path: '/api/v1/targets',
      summary: 'Lists what is scraped and how it went',
      query: targetsQuery,
      handle: ({ query }) => success(targetsData(targets, query)),
    }),
    defineRoute<unknown, z.output<typeof metadataQuery>>({
      ...common,
      path: '/api/v1/targets/metadata',
      summary: 'Lists type, help and unit of metrics by target',
      query: metadataQuery,
      handle: ({ query }) => success(metadataData(targets, query)),
    }),
    defineRoute<unknown, z.output<typeof relabelQuery>>({
      ...common,
      path: '/api/v1/targets/relabel_steps',
      summary: "Shows what each of a job's relabelling rules makes of labels",
      query: relabelQuery,
      handle: ({ query }) => success({ steps: relabelStepsData(targets, query) }),
    }),
    defineRoute({
      ...common,
      path: '/api/v1/scrape_pools',
      summary: 'Lists the names of scrape jobs',
      handle: () => success({ scrapePools: [...targets.pools()].sort() }),
    }),
  ]
}

const common = { method: 'GET', permission: 'view', errors: 'prometheus', cors: true } as const

function success(data: unknown): Answer {
  return { body: { status: 'success', data } }
}

function targetsData(targets: ScrapeTargets, { state = 'any', scrapePool }: z.output<typeof targetsQuery>) {
  const shown = state.toLowerCase()
  // as in Prometheus, what is neither active nor dropped means both
  const inPool = (target: { readonly scrapePool: string }): boolean =>
    scrapePool === undefined || scrapePool === '' || target.scrapePool === scrapePool
  const active = shown === 'dropped' ? [] : targets.active().filter(inPool).map(activeTarget)
  if (shown === 'active') return { activeTargets: active, droppedTargets: [], droppedTargetCounts: null }
  const dropped = targets.dropped().filter(inPool)
  return { activeTargets: active, droppedTargets: dropped, droppedTargetCounts: targets.droppedCounts() }
}

function activeTarget(target: ActiveTarget) {
  return {
    discoveredLabels: target.discoveredLabels,
    labels: target.labels,
    scrapePool: target.scrapePool,
    scrapeUrl: target.scrapeUrl,
    globalUrl: target.scrapeUrl,
    lastError: target.lastError,
    // Go's zero time stands for never
    lastScrape:
      target.lastScrapeMs === undefined ? '0001-01-01T00:00:00Z' : new Date(target.lastScrapeMs).toISOString(),
    lastScrapeDuration: msToSeconds(target.lastScrapeDurationMs),
    health: target.health,
    scrapeInterval: formatDurationMs(target.intervalMs),
    scrapeTimeout: formatDurationMs(target.timeoutMs),
  }
}

function metadataData(targets: ScrapeTargets, query: z.output<typeof metadataQuery>): readonly unknown[] {
  const matches = query.match_target === undefined ? () => true : targetTest(query.match_target)
  const limit = limitOf(query.limit)
  const metric = query.metric === '' ? undefined : query.metric
  const found: unknown[] = []
  for (const target of targets.active()) {
    if (!matches(target.labels)) continue
    for (const { family, type, help, unit } of target.metadata()) {
      if (metric !== undefined && family !== metric) continue
      if (found.length >= limit) return found
      found.push({ target: target.labels, ...(metric === undefined ? { metric: family } : {}), type, help, unit })
    }
  }
  return found
}

const maxLabelsLength = 64 << 10
const labelsSchema = z.record(z.string(), z.string())

function relabelStepsData(targets: ScrapeTargets, { scrapePool = '', labels = '' }: z.output<typeof relabelQuery>) {
  if (scrapePool === '') throw badParameter('scrapePool', 'no scrapePool parameter provided')
  if (labels === '') throw badParameter('labels', 'no labels parameter provided')
  const rules = targets.relabelRules(scrapePool)
  if (rules === undefined) throw badParameter('scrapePool', `scrape pool ${quoteValue(scrapePool)} not found`)
  return relabelSteps(rules, readLabels(labels)).map(({ rule, output, keep }) => ({
    rule: printRule(rule),
    output,
    keep,
  }))
}

function readLabels(text: string): Readonly<Record<string, string>> {
  if (text.length > maxLabelsLength) throw badParameter('labels', `longer than ${maxLabelsLength} characters`)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw badParameter('labels', `error parsing labels: ${(error as Error).message}`)
  }
  const read = labelsSchema.safeParse(parsed)
  if (!read.success) throw badParameter('labels', 'error parsing labels: not an object of names and texts')
  return read.data
}

/** As prometheus.yml has it, without what is empty. */
function printRule(rule: RelabelRule) {
  return {
    ...(rule.sourceLabels.length === 0 ? {} : { source_labels: rule.sourceLabels }),
    separator: rule.separator,
    regex: rule.regex,
    ...(rule.modulus === 0n ? {} : { modulus: Number(rule.modulus) }),
    ...(rule.targetLabel === '' ? {} : { target_label: rule.targetLabel }),
    replacement: rule.replacement,
    action: rule.action,
  }
}

/** A selector on the labels of targets. */
function targetTest(selector: string): (labels: Readonly<Record<string, string>>) => boolean {
  const expr = parse(selector)
  if (expr.kind !== 'vector_selector') {
    throw badParameter('match_target', `${quoteValue(selector)} is not a selector such as {job="api"}`)
  }
  const tests = expr.matchers.map((matcher) => ({ name: matcher.name, test: valueTest(matcher) }))
  return (labels) => tests.every(({ name, test }) => test(labels[name] ?? ''))
}

function valueTest({ op, value }: Matcher): ValueTest {
  if (op === '=') return (found) => found === value
  if (op === '!=') return (found) => found !== value
  const matches = compileLabelRegex(value)
  return op === '=~' ? matches : (found) => !matches(found)
}

function limitOf(text: string | undefined): number {
  if (text === undefined || text === '') return Number.POSITIVE_INFINITY
  if (!/^-?\d{1,9}$/.test(text)) throw badParameter('limit', `${quoteValue(text)} is not a number`)
  return Number(text) < 0 ? Number.POSITIVE_INFINITY : Number(text)
}

function badParameter(key: string, message: string): AppError {
  return new AppError('http.invalid', `invalid parameter "${key}": ${message}`, { where: { key } })
}
