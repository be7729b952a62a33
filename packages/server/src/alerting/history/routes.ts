// The history of alerts over HTTP: episodes, and what they say of people and rules.
import { alertHistory, alertHistoryQuery, alertSummary, alertSummaryQuery } from '@tidewatch/api/alert-history.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Severity } from '@tidewatch/core/severity.ts'
import { defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { QueryService } from '../../query/port.ts'
import type { ResponseTargets } from '../port.ts'
import type { AlertingRule, RuleGroup } from '../rules/rule-file.ts'
import { comparisonOf } from '../why/comparison.ts'
import type { BusinessHours } from './business-hours.ts'
import { byRule, bySeverity, figuresOf, type RuleFigures } from './figures.ts'
import { readLabelPairs } from './label-pairs.ts'
import { proposalsFor } from './proposals.ts'
import type { Episode, EpisodeFilter, EpisodeReader } from './read.ts'

export interface HistoryRouteParts {
  readonly episodes: EpisodeReader
  readonly rules: () => readonly RuleGroup[]
  readonly response: () => ResponseTargets
  readonly businessHours: () => BusinessHours
  readonly queries: Pick<QueryService, 'vector'>
  readonly clock: Clock
}

const base = '/api/tidewatch/v1/alerts/history'
const common = { method: 'GET', permission: 'view', errors: 'tidewatch' } as const
const usualSpanMs = 30 * 86_400_000
const usualLimit = 100
/** What a summary looks at; the newest. */
const mostEpisodes = 20_000
const mostRules = 100
/** Rules for which the data is asked too. */
const mostAsked = 5

export function createHistoryRoutes(parts: HistoryRouteParts): Route[] {
  return [
    defineRoute({
      ...{ ...common, path: base, query: alertHistoryQuery, response: alertHistory },
      summary: 'Alerts that fired in the past 400 days, the newest first: who took them, how often people were told',
      handle: async ({ query }) => ({
        body: await parts.episodes.page(
          { ...filterOf(query, parts.clock), state: query.state },
          { limit: query.limit ?? usualLimit, cursor: query.cursor },
        ),
      }),
    }),
    defineRoute({
      ...{ ...common, path: `${base}/summary`, query: alertSummaryQuery, response: alertSummary },
      summary: 'How soon alerts were acknowledged and ended, and the noisiest rules with proposals',
      handle: async ({ query, ...context }) => ({
        body: await summaryOf(filterOf(query, parts.clock), parts, context),
      }),
    }),
  ]
}

interface WrittenFilter {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly rule?: string | undefined
  readonly severity?: Severity | undefined
  readonly label?: string | string[] | undefined
}

function filterOf({ from, to, rule, severity, label }: WrittenFilter, clock: Clock): EpisodeFilter {
  const toMs = to ?? clock.nowMs()
  const fromMs = from ?? toMs - usualSpanMs
  if (fromMs > toMs)
    throw new AppError('http.invalid', 'the span ends before it begins.', {
      where: { key: 'from' },
      fix: 'Give from before to, both in ms since 1970.',
    })
  return { fromMs, toMs, rule, severity, labels: readLabelPairs(label) }
}

type Asker = Pick<RequestContext, 'identity' | 'signal'>

async function summaryOf(filter: EpisodeFilter, parts: HistoryRouteParts, asker: Asker) {
  const episodes: Episode[] = []
  let cursor: string | undefined
  do {
    asker.signal.throwIfAborted()
    const page = await parts.episodes.page(filter, { limit: 1000, cursor })
    episodes.push(...page.episodes)
    cursor = page.nextCursor
  } while (cursor !== undefined && episodes.length < mostEpisodes)
  const known = parts.rules().flatMap((group) => group.rules.map((rule) => ({ rule, file: group.file })))
  const rules = await Promise.all(
    byRule(episodes)
      .slice(0, mostRules)
      .map(async (figures, i) => {
        const found = known.find(({ rule }) => rule.kind === 'alerting' && rule.name === figures.rule)
        const rule = found?.rule.kind === 'alerting' ? found.rule : undefined
        const usualExtreme = i < mostAsked ? await usualExtremeOf(rule, figures, { filter, parts, asker }) : undefined
        const { episodes: _, ...shown } = figures
        return { ...shown, proposals: proposalsFor(figures, { rule, file: found?.file ?? '', usualExtreme }) }
      }),
  )
  return {
    ...{ fromMs: filter.fromMs, toMs: filter.toMs, ...figuresOf(episodes), rules, truncated: cursor !== undefined },
    severities: bySeverity(episodes, parts.response(), parts.businessHours()),
  }
}

/** Over at most so long, in so many steps: a look at the data must not be work. */
const longestLookMs = 7 * 86_400_000
const looks = 1000
const timeoutMs = 10_000

/** Where 99 % of the time the rule's value stays; undefined where the rule has no threshold, or the data cannot be asked. */
async function usualExtremeOf(
  rule: AlertingRule | undefined,
  { fired }: RuleFigures,
  asked: { readonly filter: EpisodeFilter; readonly parts: HistoryRouteParts; readonly asker: Asker },
): Promise<number | undefined> {
  const comparison = rule === undefined || fired < 5 ? undefined : comparisonOf(rule.expr)
  if (comparison === undefined || !Number.isFinite(Number(comparison.threshold))) return undefined
  const { filter, parts, asker } = asked
  const spanMs = Math.min(longestLookMs, Math.max(60_000, filter.toMs - filter.fromMs))
  const isAbove = comparison.operator.startsWith('>')
  const range = `[${Math.ceil(spanMs / 1000)}s:${Math.max(15, Math.ceil(spanMs / looks / 1000))}s]`
  const edge = isAbove ? 'max' : 'min'
  const query = `quantile_over_time(${isAbove ? 0.99 : 0.01}, (${edge}(${comparison.value}))${range})`
  const vector = await parts.queries
    .vector({
      ...{ query, atMs: filter.toMs, timeoutMs, projects: asker.identity.projects },
      ...{ user: asker.identity.name, signal: asker.signal },
    })
    .catch(() => [])
  asker.signal.throwIfAborted()
  return vector[0]?.value
}
