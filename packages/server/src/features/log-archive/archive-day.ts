// What of a day is not in the archive yet is put there. Killed anywhere it is begun again: only what the manifest names counts.
import { AppError } from '@tidewatch/core/error.ts'
import type { LogArchiveStore, LogPart, LogPartRange, MeasuredPart } from '../../store/port.ts'
import type { Catalog } from './catalog.ts'
import { type ArchivedPart, archivedOf, folderOf, type Manifest } from './manifest.ts'
import type { ArchiveTarget, Waiting } from './target.ts'
import { writeFiles } from './write-files.ts'

const lastSeq = 2n ** 64n - 1n

export interface DayOptions extends Waiting {
  readonly store: LogArchiveStore
  readonly target: ArchiveTarget
  readonly catalog: Catalog
  readonly scratchDir: string
  readonly nowMs: () => number
  /** Told of each part that is in the archive from now on. */
  readonly onPart: (part: ArchivedPart) => void
  readonly maxRawBytes?: number
}

/** All lines that the store has of the day are in the archive when it resolves. */
export async function archiveDay(dayMs: number, options: DayOptions): Promise<void> {
  const { store, catalog, signal } = options
  let manifest = await catalog.day(dayMs, { signal })
  for (const part of await store.parts(dayMs, { signal })) {
    for (const missing of await missingOf(part, manifest, options)) {
      const written = await writePart(part, missing, options)
      const parts = [...manifest.parts.filter((one) => one !== missing.instead), written]
      manifest = { ...manifest, writtenMs: options.nowMs(), parts }
      await catalog.write(dayMs, manifest, { signal })
      options.onPart(written)
    }
  }
}

/** Whether all lines of the day that the store has are in the archive; reads, and writes nothing. */
export async function isArchived(
  dayMs: number,
  options: Pick<DayOptions, 'store' | 'catalog' | 'signal'>,
): Promise<boolean> {
  const { store, catalog, signal } = options
  const manifest = await catalog.day(dayMs, { signal })
  for (const part of await store.parts(dayMs, { signal }))
    if ((await missingOf(part, manifest, options)).length > 0) return false
  return true
}

interface Missing {
  readonly range: LogPartRange
  readonly measured: MeasuredPart
  /** What holds some of these lines, and goes for it. */
  readonly instead: ArchivedPart | undefined
}

/**
 * Numbers ascend with the time of arrival: what is above those that were archived is new, also where the day has gone once and late lines have begun
 * it again. Within a stretch that was archived there may be more by now, of another process whose lines came to the store later: it is written
 * anew. Fewer lines are what somebody deleted since, or what is left of a day that goes.
 */
async function missingOf(
  part: LogPart,
  manifest: Manifest,
  { store, signal }: Pick<DayOptions, 'store' | 'signal'>,
): Promise<Missing[]> {
  const archived = archivedOf(manifest, part)
  const missing: Missing[] = []
  for (const instead of archived) {
    const range = { afterSeq: BigInt(instead.afterSeq), throughSeq: BigInt(instead.throughSeq) }
    const measured = await store.measure(part, range, { signal })
    if (measured.lines > instead.lines) missing.push({ range, measured, instead })
  }
  const afterSeq = archived.reduce((max, { throughSeq }) => (BigInt(throughSeq) > max ? BigInt(throughSeq) : max), 0n)
  const measured = await store.measure(part, { afterSeq, throughSeq: lastSeq }, { signal })
  if (measured.lines > 0)
    missing.push({ range: { afterSeq, throughSeq: measured.lastSeq }, measured, instead: undefined })
  return missing
}

async function writePart(part: LogPart, { range, measured }: Missing, options: DayOptions): Promise<ArchivedPart> {
  const { store, target, scratchDir, signal, maxRawBytes } = options
  const lines = store.lines(part, { ...range, ...measured, ...range }, { signal })
  const files = await writeFiles(lines, {
    ...{
      target,
      scratchDir,
      signal,
      folder: folderOf(part.dayMs),
      stem: `project-${part.project}-keep-${part.keepDays}`,
    },
    ...(maxRawBytes === undefined ? {} : { maxRawBytes }),
  })
  const written = files.reduce((sum, file) => sum + file.lines, 0)
  // lines of another process that came meanwhile
  if (written !== measured.lines)
    throw new AppError(
      'archive.changed',
      `Of ${measured.lines} lines ${written} were written: the day changed meanwhile.`,
    )
  return {
    ...{ project: part.project, keepDays: part.keepDays, lines: written, digest: measured.digest, files: [...files] },
    ...{ afterSeq: String(range.afterSeq), throughSeq: String(range.throughSeq) },
    ...{ firstTime: printNs(measured.firstNs), lastTime: printNs(measured.lastNs) },
  }
}

function printNs(ns: bigint): string {
  const text = new Date(Number(ns / 1_000_000n)).toISOString()
  return `${text.slice(0, 19)}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`
}
