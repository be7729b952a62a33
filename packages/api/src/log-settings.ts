// Settings of how logs are kept that a person changes by the page, below /api/tidewatch/v1/logs/settings.
import { z } from 'zod'

const written = z.string().max(50)

/** Lines that are kept for another time than the rest, by service (`*` for any letters) and level. */
export const logRetentionRule = z.strictObject({
  service: z.array(z.string().max(256)).max(100).optional(),
  level: z.array(z.string().max(20)).max(10).optional(),
  age: written,
})
export type LogRetentionRule = z.infer<typeof logRetentionRule>

/** As `retention.logs` of tidewatch.yml; what is left out is not decided by the page. */
export const logRetentionWish = z.strictObject({
  /** `30d`, or `off`. */
  age: written.optional(),
  /** `20GB`, or `off`. */
  size: written.optional(),
  classes: z.array(logRetentionRule).max(100).optional(),
})
export type LogRetentionWish = z.infer<typeof logRetentionWish>

/** `PUT /logs/settings/retention`. */
export const logRetentionChange = logRetentionWish.extend({
  /** So many days may go at once because of it: what the preview said. With more it is refused. */
  confirmedDays: z.int().min(0).default(0),
})

const estimate = z.object({
  services: z.array(z.string()),
  levels: z.array(z.string()),
  /** 0: without an end. */
  days: z.number(),
  /** About; undefined before a whole day is known. */
  bytesPerDay: z.number().optional(),
  /** Once so many days have passed; undefined also for what is kept without an end. */
  bytes: z.number().optional(),
})

/** `POST /logs/settings/retention/preview`. */
export const logRetentionPreview = z.object({
  /** What goes at once that would stay by the settings in force. */
  drops: z.object({
    days: z.number(),
    lines: z.number(),
    bytes: z.number(),
    fromMs: z.number().optional(),
    toMs: z.number().optional(),
  }),
  /** What stays and is beyond no limit by the settings in force: what they would drop next. */
  keptBytes: z.number(),
  /** A day takes, about. */
  bytesPerDay: z.number().optional(),
  /** By rule, in their order; the last is for all other lines. */
  costs: z.array(estimate),
  /** What all takes in the long run: by the settings in force, and by these. Undefined without an end, or before a whole day is known. */
  nowBytes: z.number().optional(),
  thenBytes: z.number().optional(),
  /** Days go only when the archive has them. */
  isArchived: z.boolean(),
})
export type LogRetentionPreview = z.infer<typeof logRetentionPreview>

/** `PUT /logs/settings/archive`: as `archive.logs` of tidewatch.yml. */
export const logArchiveWish = z.strictObject({
  folder: z.string().max(1000).optional(),
  s3: z
    .strictObject({
      bucket: z.string().max(100),
      region: z.string().max(100).optional(),
      endpoint: z.string().max(1000).optional(),
      prefix: z.string().max(500).optional(),
      accessKeyId: z.string().max(200).optional(),
      /** Left out: the one that is kept for this key. It is never answered. */
      secretAccessKey: z.string().max(1000).optional(),
    })
    .optional(),
  after: written.optional(),
  hold: written.optional(),
})
export type LogArchiveWish = z.infer<typeof logArchiveWish>

export const logIndexNames = ['words', 'names', 'ids'] as const
export type LogIndexName = (typeof logIndexNames)[number]

/** Those without which a search finds the same lines, and looks at more. Of `names` patterns of names are answered, so it stays. */
export const optionalLogIndexes = ['words', 'ids'] as const satisfies readonly LogIndexName[]
export type OptionalLogIndex = (typeof optionalLogIndexes)[number]

/** `PUT /logs/settings/indexes/:name`. */
export const logIndexWish = z.strictObject({ enabled: z.boolean() })

/** Where a setting comes from: a file goes before the page, the page before flags and defaults. */
const source = {
  from: z.enum(['file', 'page', 'flag', 'none']),
  /** `tidewatch.yml:3`, where a file says it. */
  place: z.string().optional(),
}

const change = { by: z.string(), changedMs: z.number() }

const indexSetting = z.object({
  name: z.enum(logIndexNames),
  enabled: z.boolean(),
  /** On disk, over all days and projects. */
  bytes: z.number(),
  /** When it was switched off. */
  formerBytes: z.number().optional(),
  /** `building` and `clearing`: under way; `failing`: tried again, see `message`. */
  stage: z.enum(['on', 'off', 'building', 'clearing', 'failing']),
  partsToDo: z.number(),
  message: z.string(),
})
export type LogIndexSetting = z.infer<typeof indexSetting>

/** `GET /logs/settings`. */
export const logSettings = z.object({
  retention: z.object({
    age: z.object({ value: z.string(), ...source }),
    size: z.object({ value: z.string(), ...source }),
    classes: z.object({ value: z.array(logRetentionRule), ...source }),
    /** What the page says, also of what a file goes before. */
    own: logRetentionWish,
    changed: z.object(change).optional(),
  }),
  archive: z.object({
    ...source,
    own: logArchiveWish.optional(),
    changed: z.object(change).optional(),
  }),
  indexes: z.array(indexSetting),
  indexesChanged: z.object(change).optional(),
})
export type LogSettings = z.infer<typeof logSettings>
