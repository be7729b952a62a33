// `files`, `docker` and `journald` of tidewatch.yml: lines that nobody sends, since they are written down already.
import { parseBytes } from '@tidewatch/core/byte-size.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { type MultilineRule, patternRule } from '@tidewatch/log-formats/multiline.ts'
import { stackTraceRule } from '@tidewatch/log-formats/stack-traces.ts'
import { compilePattern } from '@tidewatch/logstash/pattern.ts'
import { z } from 'zod'
import { defineConfigSection, durationFrom } from '../../config/port.ts'

export const fileFormats = ['auto', 'text', 'json', 'access', 'error', 'uvicorn', 'logfmt', 'docker'] as const
export type FileFormat = (typeof fileFormats)[number]

const projectId = z
  .int()
  .min(0)
  .max(4_294_967_295)
  .default(defaultProject)
  .transform((id) => id as ProjectId)

const size = (fallback: number, most: number) =>
  z
    .union([z.string(), z.number()])
    .transform((written, context) => {
      const bytes = parseBytes(String(written))
      if (bytes !== undefined && bytes >= 1024 && bytes <= most) return bytes
      context.addIssue({ code: 'custom', message: `not a size from 1KB to ${most >> 20}MB. Write one such as 1MB` })
      return z.NEVER
    })
    .default(fallback)

const duration = durationFrom(1, '5s or 14d')

/** Lines that belong together. */
export interface Multiline {
  /** The same for rules that mean the same. */
  readonly key?: string
  /** A rule remembers what it saw: each run over lines has its own. */
  readonly rule: () => MultilineRule
  readonly maxLines: number
  /** How long the last event of a file waits for another line. */
  readonly timeoutMs: number
}

const maxJoinedLines = 500
const joinTimeoutMs = 2000

export const stackTraces: Multiline = {
  key: 'auto',
  rule: stackTraceRule,
  maxLines: maxJoinedLines,
  timeoutMs: joinTimeoutMs,
}

const joined = z
  .strictObject({
    pattern: z.string().min(1).max(10_000),
    negate: z.boolean().default(false),
    what: z.enum(['previous', 'next']).default('previous'),
    max_lines: z.int().min(1).max(100_000).default(maxJoinedLines),
    timeout: duration.default(joinTimeoutMs),
  })
  .transform(({ pattern, negate, what, max_lines: maxLines, timeout: timeoutMs }, context): Multiline => {
    try {
      const compiled = compilePattern(pattern)
      const found = (line: string): boolean => compiled.test(line)
      const key = JSON.stringify([pattern, negate, what, maxLines, timeoutMs])
      return { key, rule: () => patternRule({ found, negate, what }), maxLines, timeoutMs }
    } catch (error) {
      context.addIssue({ code: 'custom', message: `not an expression: ${(error as Error).message}` })
      return z.NEVER
    }
  })

/** `auto`: stack traces as Java, Python, Node and Go write them. YAML reads a plain `off` as false. */
const multiline = z
  .union([z.literal('auto'), z.literal('off'), z.literal(false), joined])
  .default('auto')
  .transform((written): Multiline | undefined =>
    written === 'auto' ? stackTraces : written === 'off' || written === false ? undefined : written,
  )

const names = z.record(z.string().min(1).max(200), z.string().max(1000)).default({})
const common = { project: projectId, multiline, max_line_bytes: size(1 << 20, 64 << 20) }

const patterns = z.preprocess(
  (written) => (typeof written === 'string' ? [written] : written),
  z.array(z.string().min(1).max(1000)).min(1).max(100),
)

const fileEntry = z.strictObject({
  ...common,
  paths: patterns,
  exclude: patterns.optional(),
  format: z.enum(fileFormats).default('auto'),
  service: z.string().max(256).default(''),
  resource: names,
  /** Where a file is begun that is there at the first start; later ones are always read from their beginning. */
  start: z.enum(['beginning', 'end']).default('beginning'),
  /** Files that nobody wrote to for so long are not begun. */
  ignore_older: duration.optional(),
})
export type FileEntry = z.output<typeof fileEntry>

export const filesSection = defineConfigSection<readonly FileEntry[]>({
  key: 'files',
  schema: z.preprocess((written) => written ?? [], z.array(fileEntry).max(1000)),
})

const dockerSettings = z.strictObject({
  ...common,
  directory: z.string().min(1).default('/var/lib/docker/containers'),
  start: z.enum(['beginning', 'end']).default('end'),
  /** Names of containers; `*` stands for any letters. */
  exclude: z.array(z.string().min(1).max(300)).max(1000).default([]),
})
export type DockerSettings = z.output<typeof dockerSettings>

export const dockerSection = defineConfigSection<DockerSettings | undefined>({
  key: 'docker',
  schema: whereThere(dockerSettings),
})

const journaldSettings = z.strictObject({
  project: projectId,
  /** Units whose lines are taken; all where none are named. */
  units: z.array(z.string().min(1).max(256).regex(/^[^-]/, 'a unit does not begin with a dash')).max(100).default([]),
  /** Of journal files; the machine's own journal when left out. */
  directory: z.string().min(1).optional(),
  start: z.enum(['beginning', 'end']).default('end'),
  command: z.string().min(1).default('journalctl'),
})
export type JournaldSettings = z.output<typeof journaldSettings>

export const journaldSection = defineConfigSection<JournaldSettings | undefined>({
  key: 'journald',
  schema: whereThere(journaldSettings),
})

/** What is followed where its key is there, with defaults for what is not said; `true` will do. */
function whereThere<T>(settings: z.ZodType<T>): z.ZodType<T | undefined> {
  return z.preprocess(
    (written) => (written === true || written === null ? {} : written === false ? undefined : written),
    settings.optional(),
  )
}

export const filesSections = [filesSection, dockerSection, journaldSection] as const
