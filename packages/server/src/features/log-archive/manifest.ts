// What an archived day consists of. A day without its manifest, or a file that none names, is not archived.
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { z } from 'zod'
import type { LogPart } from '../../store/port.ts'

export const archiveRoot = 'logs/'

const whole = z.int().min(0)
const big = z.string().regex(/^\d{1,20}$/)

const archivedFile = z.object({
  /** Beside the manifest. */
  name: z.string().regex(/^[\w.-]+$/),
  lines: whole,
  bytes: whole,
  /** Before compression. */
  rawBytes: whole,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

const archivedPart = z.object({
  project: whole.transform((number) => number as ProjectId),
  /** As its lines were kept; 0: as long as logs were. */
  keepDays: whole.max(65_535),
  /** Lines with numbers above the one and not above the other. */
  afterSeq: big,
  throughSeq: big,
  lines: whole,
  /** Of their times and numbers. */
  digest: z.string().max(100),
  firstTime: z.string(),
  lastTime: z.string(),
  files: z.array(archivedFile),
})

export const manifestSchema = z.object({
  format: z.literal('tidewatch-logs'),
  version: z.literal(1),
  /** NDJSON, each file one frame of Zstandard or several. */
  encoding: z.literal('ndjson+zstd'),
  day: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  writtenMs: whole,
  parts: z.array(archivedPart),
})

export type Manifest = z.output<typeof manifestSchema>
export type ArchivedPart = Manifest['parts'][number]
export type ArchivedFile = ArchivedPart['files'][number]

export const dayName = (dayMs: number): string => new Date(dayMs).toISOString().slice(0, 10)

/** ms since 1970 of `2026-11-20`; undefined where it is no day. */
export function dayOf(name: string): number | undefined {
  const ms = /^\d{4}-\d\d-\d\d$/.test(name) ? Date.parse(`${name}T00:00:00Z`) : Number.NaN
  return Number.isNaN(ms) || dayName(ms) !== name ? undefined : ms
}

export const folderOf = (dayMs: number): string => `${archiveRoot}${dayName(dayMs)}/`
export const manifestName = (dayMs: number): string => `${folderOf(dayMs)}manifest.json`

export const emptyManifest = (dayMs: number): Manifest => ({
  ...{ format: 'tidewatch-logs', version: 1, encoding: 'ndjson+zstd', writtenMs: 0, parts: [] },
  day: dayName(dayMs),
})

/** The parts of a manifest that hold lines of this part of the day. */
export const archivedOf = ({ parts }: Manifest, { project, keepDays }: LogPart): readonly ArchivedPart[] =>
  parts.filter((part) => part.project === project && part.keepDays === keepDays)

export function parseManifest(text: string, where: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('archive.damaged', `${where} is no manifest of an archived day of logs.`, {
      cause,
      fix: 'Bring it back from a copy. Where the store still has the day, remove it: the day is written again',
    })
  }
}
