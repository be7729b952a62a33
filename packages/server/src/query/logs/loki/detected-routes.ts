// What lines hold though no query says so: fields, their values, and patterns; and what Grafana's drilldown asks of limits.
import { createPatternMiner } from '@tidewatch/log-patterns/miner.ts'
import { printPattern, severityClasses } from '@tidewatch/log-patterns/pattern.ts'
import type { LogExpr } from '@tidewatch/logquery/logql/ast.ts'
import { FieldDetector } from '@tidewatch/logquery/logql/detected-fields.ts'
import type { LogEntry } from '@tidewatch/logquery/logql/evaluate-logs.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../../http/port.ts'
import { lokiRoutes } from './answers.ts'
import { inTurns } from './in-turns.ts'
import { badRequest, defaultLimit, LokiParameters, maxLimit } from './parameters.ts'
import { detectedLevelLabel } from './record-labels.ts'
import type { LokiParts } from './selection.ts'

/** Lines that are looked at for fields, and for patterns. */
const fieldLines = 1000
const patternLines = 50_000
const maxDetectedFields = 1000

export function createDetectedRoutes(parts: LokiParts): Route[] {
  return [
    ...lokiRoutes('/loki/api/v1/detected_fields', 'Fields of lines, whatever they are written in', (context) =>
      detectedFields(context, parts),
    ),
    ...lokiRoutes('/loki/api/v1/detected_field/:name/values', 'Values of a field of lines', (context) =>
      detectedValues(context, parts),
    ),
    ...lokiRoutes('/loki/api/v1/patterns', 'Similar lines folded into patterns, with counts over time', (context) =>
      patterns(context, parts),
    ),
    defineRoute({
      method: 'GET',
      path: '/loki/api/v1/drilldown-limits',
      permission: 'view',
      errors: 'text',
      summary: "What Grafana's drilldown may ask",
      handle: () => ({ body: drilldownLimits(parts.version) }),
    }),
  ]
}

function logQuery({ logql }: LokiParts, text: string): LogExpr {
  const expr = logql.parse(text)
  if (expr.kind !== 'log') throw badRequest('only log queries are supported here')
  return expr
}

async function detect(context: RequestContext, parts: LokiParts, parameters: LokiParameters): Promise<FieldDetector> {
  const expr = logQuery(parts, parameters.required('query'))
  const lineLimit = parameters.get('line_limit')
  const limit =
    lineLimit !== undefined && /^[1-9]\d{0,3}$/.test(lineLimit) ? Math.min(Number(lineLimit), maxLimit) : fieldLines
  const entries = await newest(expr, limit, { context, parts, parameters })
  const detector = new FieldDetector()
  await inTurns(entries, parts.clock, context.signal, ({ line, origins }) => {
    detector.add({ line, metadata: origins.metadata })
  })
  return detector
}

async function newest(
  expr: LogExpr,
  limit: number,
  {
    context,
    parts,
    parameters,
  }: { readonly context: RequestContext; readonly parts: LokiParts; readonly parameters: LokiParameters },
): Promise<readonly LogEntry[]> {
  const asked = { ...parameters.scope(context, parts.queries.projects), ...parameters.range() }
  const { value } = await parts.logql.entries(expr, { ...asked, direction: 'backward', limit, intervalNs: 0n })
  return value
}

async function detectedFields(context: RequestContext, parts: LokiParts): Promise<Answer> {
  const parameters = new LokiParameters(context, parts.clock.nowMs())
  const limit = parameters.limit(maxDetectedFields)
  const fields = (await detect(context, parts, parameters)).fields().slice(0, limit)
  const shown = fields.map(({ name, type, cardinality, parsers, jsonPath }) => ({
    label: name,
    type,
    cardinality,
    parsers: parsers.length === 0 ? null : parsers,
    ...(jsonPath === undefined ? {} : { jsonPath }),
  }))
  return { body: { fields: shown, limit } }
}

async function detectedValues(context: RequestContext, parts: LokiParts): Promise<Answer> {
  const { name } = context.params as { readonly name: string }
  const parameters = new LokiParameters(context, parts.clock.nowMs())
  const limit = parameters.limit(defaultLimit)
  const values = [...(await detect(context, parts, parameters)).values(name)].sort().slice(0, limit)
  return { body: { values, limit } }
}

async function patterns(context: RequestContext, parts: LokiParts): Promise<Answer> {
  const parameters = new LokiParameters(context, parts.clock.nowMs())
  const expr = logQuery(parts, parameters.required('query'))
  const stepMs = Math.max(60_000, Math.ceil(parameters.stepMs(parameters.range()) / 60_000) * 60_000)
  const entries = await newest(expr, patternLines, { context, parts, parameters })
  const miner = createPatternMiner()
  await inTurns(entries, parts.clock, context.signal, ({ line, labels, timeNs }) => {
    miner.add(line, severityNumber(labels.get(detectedLevelLabel)), Number(timeNs / 1_000_000n))
  })
  const data = miner.summary().patterns.flatMap((pattern) =>
    severityClasses.flatMap((level, i) => {
      const samples = new Map<number, number>()
      for (const { minuteMs, bySeverity } of pattern.minutes) {
        const count = bySeverity[i] ?? 0
        const seconds = (Math.floor(minuteMs / stepMs) * stepMs) / 1000
        if (count > 0) samples.set(seconds, (samples.get(seconds) ?? 0) + count)
      }
      return samples.size === 0
        ? []
        : [{ pattern: printPattern(pattern, '<_>'), level, samples: [...samples].sort(([a], [b]) => a - b) }]
    }),
  )
  return { body: { status: 'success', data } }
}

/** The first number of a class of severities. */
function severityNumber(level: string): number {
  const at = (severityClasses as readonly string[]).indexOf(level)
  return at <= 0 ? 0 : (at - 1) * 4 + 1
}

function drilldownLimits(version: string): object {
  return {
    limits: {
      discover_log_levels: true,
      discover_service_name: ['service_name', 'service', 'app'],
      log_level_fields: ['level', 'severity', 'detected_level'],
      max_entries_limit_per_query: maxLimit,
      max_line_size_truncate: false,
      max_query_bytes_read: '0B',
      max_query_length: '0s',
      max_query_lookback: '0s',
      max_query_range: '0s',
      max_query_series: 10_000,
      metric_aggregation_enabled: false,
      otlp_config: {},
      pattern_persistence_enabled: false,
      query_timeout: '2m',
      retention_period: '0s',
      retention_stream: [],
      volume_enabled: true,
      volume_max_series: 5000,
    },
    maxDetectedFields: maxDetectedFields,
    pattern_ingester_enabled: true,
    version,
  }
}
