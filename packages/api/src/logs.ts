// `/api/tidewatch/v1/logs`: what the page and `tidewatch logs` ask. Times are in ms since 1970 where a moment of a search is meant; a line's own time
// is in ns as decimal text, since a number does not hold it.
import { z } from 'zod'
import { deploy } from './deploys.ts'

export const logLanguages = ['lucene', 'kql', 'logql'] as const
export type LogLanguage = (typeof logLanguages)[number]

const ns = z.string().regex(/^\d{1,20}$/, 'nanoseconds since 1970 in digits')
const ms = z.coerce.number().int().min(0).max(8.64e15)
const names = z.string().transform((written) => written.split(',').filter((name) => name !== ''))

/** What every question names: which lines. An empty query means all of them. */
const filter = {
  query: z.string().max(20_000).default(''),
  language: z.enum(logLanguages).default('kql'),
  /** From it on. */
  fromMs: ms,
  /** Before it. */
  toMs: ms,
}

/** `GET /logs/search`: NDJSON of `LogSearchEvent`, each as soon as it is known. */
export const logSearchQuery = z.strictObject({
  ...filter,
  direction: z.enum(['backward', 'forward']).default('backward'),
  limit: z.coerce.number().int().min(1).max(10_000).default(200),
  /** Of the end of a search before: goes on behind its last line. */
  cursor: z.string().max(200).optional(),
})
export type LogSearchQuery = z.infer<typeof logSearchQuery>

const scalar = z.union([z.string(), z.number(), z.boolean()])

export const logLine = z.object({
  /** Names the line for good: for its context, and in links. */
  id: z.string(),
  timeNs: ns,
  /** OpenTelemetry's number, 0 where it is not said, and how the sender wrote it. */
  severity: z.number().int(),
  severityText: z.string(),
  body: z.string(),
  service: z.string(),
  /** Those that the line has of environment, release, traceId, spanId, requestId, sessionId, user, wallet, contract, tx. */
  identity: z.record(z.string(), z.string()),
  resource: z.record(z.string(), z.string()),
  attributes: z.record(z.string(), z.union([scalar, z.array(scalar)])),
})
export type LogLine = z.infer<typeof logLine>

const progress = {
  /** All lines between here and where the search began have been looked at. */
  searchedToNs: ns,
  rowsRead: z.number(),
  bytesRead: z.number(),
}

export const logSearchEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), ...progress }),
  /** In the order of the search, which goes on over all of them. */
  z.object({ type: z.literal('lines'), lines: z.array(logLine), ...progress }),
  /** The last one. `cursor` where there may be more behind the limit. */
  z.object({ type: z.literal('end'), found: z.number(), cursor: z.string().optional(), ...progress }),
  /** In place of the end: what went wrong after the answer had begun. */
  z.object({ type: z.literal('error'), code: z.string(), message: z.string(), fix: z.string().optional() }),
])
export type LogSearchEvent = z.infer<typeof logSearchEvent>

/** `GET /logs/histogram`: how many lines when, by severity or another field. */
export const logHistogramQuery = z.strictObject({
  ...filter,
  /** Bars at most; their width is one that people count in. */
  bars: z.coerce.number().int().min(1).max(1000).default(100),
  by: z.string().max(256).default('severity'),
})
export const logHistogram = z.object({
  widthMs: z.number(),
  /** Bars without lines are left out. `counts` by the field's value; severities as debug, info, warn, error, fatal or `unknown`. */
  bars: z.array(z.object({ startMs: z.number(), counts: z.record(z.string(), z.number()) })),
  total: z.number(),
})
export type LogHistogram = z.infer<typeof logHistogram>

/** `GET /logs/fields`: what lines of the filter have. */
export const logFieldsQuery = z.strictObject(filter)
export const logFields = z.object({
  fields: z.array(
    z.object({
      name: z.string(),
      place: z.enum(['column', 'attribute', 'resource']),
      types: z.array(z.enum(['text', 'number', 'boolean', 'json'])),
      /** Lines with it among those that were looked at. */
      count: z.number(),
    }),
  ),
  /** Lines that were looked at: the newest. */
  looked: z.number(),
})
export type LogFields = z.infer<typeof logFields>

/** `GET /logs/fields/values`: the most frequent values of one. */
export const logValuesQuery = z.strictObject({
  ...filter,
  field: z.string().min(1).max(256),
  /** Values that begin so, for completion. */
  prefix: z.string().max(256).default(''),
  limit: z.coerce.number().int().min(1).max(1000).default(10),
})
export const logValues = z.object({
  values: z.array(z.object({ value: z.string(), count: z.number() })),
  /** Lines with the field; and different values, about. */
  lines: z.number(),
  distinct: z.number(),
})
export type LogValues = z.infer<typeof logValues>

/** `GET /logs/context`: lines around one, from the same source. */
export const logContextQuery = z.strictObject({
  id: z.string().max(200),
  before: z.coerce.number().int().min(0).max(500).default(20),
  after: z.coerce.number().int().min(0).max(500).default(20),
})
/** Oldest first. */
export const logContext = z.object({ before: z.array(logLine), line: logLine, after: z.array(logLine) })
export type LogContext = z.infer<typeof logContext>

/** `GET /logs/tail`: server-sent events whose data is a `LogTailEvent`: what is accepted from now on. */
export const logTailQuery = z.strictObject({ query: filter.query, language: filter.language })
export const logTailEvent = z.discriminatedUnion('type', [
  /** `share`: of what matched since the event before, how much is shown: 1 unless there is too much to show. */
  z.object({ type: z.literal('lines'), lines: z.array(logLine), share: z.number(), matched: z.number() }),
  /** Nothing came for a while. */
  z.object({ type: z.literal('idle') }),
])
export type LogTailEvent = z.infer<typeof logTailEvent>

/** `GET /logs/export`: all lines of a search as a file, streamed, oldest first unless said. */
export const logExportQuery = z.strictObject({
  ...filter,
  format: z.enum(['json', 'ndjson', 'csv']).default('ndjson'),
  direction: z.enum(['backward', 'forward']).default('forward'),
  /** Of CSV: names of fields, by commas. */
  columns: names.optional(),
})

/** `GET /logs/patterns`: similar lines as one, the most frequent first. */
export const logPatternsQuery = z.strictObject({
  ...filter,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /**
   * What is new since when: `latest`, for each service since its last deploy within the span or as long before it; the id of a deploy, and then
   * only lines of its service are looked at; `none`: since the span begins.
   */
  deploy: z.string().max(100).default('latest'),
})
export const logPatterns = z.object({
  patterns: z.array(
    z.object({
      /** With `<*>` for what differs. */
      template: z.string(),
      count: z.number(),
      /** By severity word. */
      severities: z.record(z.string(), z.number()),
      firstMs: z.number(),
      lastMs: z.number(),
      /** Lines of it in each of 50 parts of the span. */
      counts: z.array(z.number()),
      example: z.string(),
      /** A query (in the language of the question) that finds its lines. */
      query: z.string(),
      /** Lines that were looked at from before the deploy of their service and since; where there was none, from before the span and in it. */
      before: z.number(),
      since: z.number(),
      /** There was none of it before. */
      isNew: z.boolean(),
      /** The deploy since which it is new. */
      deployId: z.string().optional(),
      /** A part of the span in which there were far more or fewer of it than in those before. */
      unusual: z
        .object({
          kind: z.enum(['spike', 'drop']),
          startMs: z.number(),
          endMs: z.number(),
          expected: z.number(),
          observed: z.number(),
        })
        .optional(),
    }),
  ),
  /** Deploys that divide before and since, the newest first: one of each service in each environment at most. */
  deploys: z.array(deploy),
  /** Since when lines from before count. */
  beforeFromMs: z.number(),
  /** Lines that were looked at, and how many there are: the newest are looked at where these are too many. */
  looked: z.number(),
  total: z.number(),
})
export type LogPatterns = z.infer<typeof logPatterns>

/** `GET`, `POST /logs/searches`, `PUT`, `DELETE /logs/searches/:id`: searches that were given a name, shared by all of a project. */
export const savedLogSearch = z.strictObject({
  name: z.string().min(1).max(200),
  query: filter.query,
  language: z.enum(logLanguages),
  /** Relative to now, such as `1h`; undefined: whatever the page shows. */
  span: z.string().max(20).optional(),
  columns: z.array(z.string().max(256)).max(50).default([]),
})
export const savedLogSearches = z.object({
  searches: z.array(savedLogSearch.extend({ id: z.string(), by: z.string(), changedMs: z.number() })),
})
export type SavedLogSearch = z.infer<typeof savedLogSearches>['searches'][number]

/** `GET /logs/storage`: what is kept, and what it takes. */
export const logStorage = z.object({
  lines: z.number(),
  bytes: z.number(),
  /** Of it the indexes. */
  indexBytes: z.number(),
  /** Of lines as they came, about: before compression. */
  rawBytes: z.number(),
  oldestMs: z.number().optional(),
  /** Rules of `retention.logs`, the first that fits a line counts; `days` 0: without an end. */
  classes: z.array(z.object({ days: z.number(), lines: z.number(), bytes: z.number() })),
  /** Lines that came back out of the archive, which are counted nowhere else here. */
  restored: z.object({ lines: z.number(), bytes: z.number() }),
  /** What the configuration says, in its order; `days` 0: without an end. The last is for all lines that no other is about. */
  rules: z.array(z.object({ services: z.array(z.string()), levels: z.array(z.string()), days: z.number() })),
  /** `retention.logs.size`. */
  limitBytes: z.number().optional(),
  /** Columns and indexes, the largest first; bytes on disk, and before compression. */
  columns: z.array(
    z.object({ name: z.string(), kind: z.enum(['column', 'index']), bytes: z.number(), rawBytes: z.number() }),
  ),
  perDay: z.array(z.object({ dayMs: z.number(), lines: z.number(), bytes: z.number() })),
})
export type LogStorage = z.infer<typeof logStorage>

/** `POST /logs/pipelines/try`: a pipeline over sample lines; nothing is stored. */
export const pipelineTrial = z.strictObject({
  /** A Logstash configuration, or the same steps as YAML. */
  text: z.string().max(200_000),
  format: z.enum(['logstash', 'yaml']),
  /** One event a line: JSON objects are events, other lines are messages. */
  sample: z.string().max(200_000),
  /** By which way in the lines come (`syslog`, `loki`, …: `pipelines.routes`); the pipeline's own input when left out. */
  from: z.string().max(50).optional(),
})
export const pipelineTrialResult = z.object({
  /** Faults of the text; nothing was run where there is one. */
  problems: z.array(z.object({ line: z.number().optional(), column: z.number().optional(), message: z.string() })),
  /** What will be odd about it in use: settings that do nothing here, and the like. */
  notices: z.array(z.string()),
  events: z.array(
    z.object({
      /** Which line of the sample it is of, from 1. */
      line: z.number(),
      /** What came out: none where it was dropped, several where it was split. */
      out: z.array(z.record(z.string(), z.unknown())),
      /** Where it goes: `elasticsearch wagob-logs-2026.11.22`, `email ops@...`. */
      outputs: z.array(z.string()),
      /** Steps that failed, with their line in the text. */
      failures: z.array(z.object({ step: z.string(), line: z.number(), tag: z.string(), message: z.string() })),
    }),
  ),
})
export type PipelineTrialResult = z.infer<typeof pipelineTrialResult>
