// One file's bytes on their way to the intake, batch by batch. What is about to be stored is noted first, so that after a kill the same bytes are
// one batch again, which the intake knows by its place: nothing is lost, nothing is there twice.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { LogRequest } from '../logs/port.ts'
import { inSlices, LineSteps } from '../slices.ts'
import type { ByteSource } from './bytes.ts'
import { DockerBatch } from './docker-lines.ts'
import { type EventWriter, eventWriter } from './event-writer.ts'
import { lineRanges } from './line-ranges.ts'
import type { FileOrigin, FileSource } from './source.ts'
import type { FilePosition, FilePositions } from './state.ts'

export interface FileReaderParts {
  readonly source: FileSource
  readonly origin: FileOrigin
  readonly positions: Pick<FilePositions, 'save'>
  readonly clock: Clock
  readonly counts: FileCounts
}

export interface FileCounts {
  lines: number
  bytes: number
  cutLines: number
}

export interface StepOptions {
  readonly signal: AbortSignal
  /** Nothing will be written behind what is there. */
  readonly isEnd: boolean
  /** What is there has waited long enough for another line. */
  readonly isWhole: boolean
  /** Whether what was just read is of the content that we know; else nothing is stored of it. */
  readonly isStill?: () => Promise<boolean>
}

/** Read at once, beside the longest line. */
const chunkBytes = 1 << 20

export class FileReader {
  readonly file: FilePosition
  readonly #parts: FileReaderParts
  readonly #write: EventWriter | undefined

  constructor(file: FilePosition, parts: FileReaderParts) {
    this.file = file
    this.#parts = parts
    const { format } = parts.source
    this.#write = format === 'docker' ? undefined : eventWriter(format)
  }

  /** Stores what is whole of the next bytes. False where there was nothing. Rejects where it could not be stored: then the next step tries again. */
  async step(bytes: ByteSource, options: StepOptions): Promise<boolean> {
    const { file } = this
    const { maxLineBytes, logs } = this.#parts.source
    if (file.pendingEnd !== undefined) {
      const length = file.pendingEnd - file.position
      const again = await bytes.read(file.position, length)
      if ((await options.isStill?.()) === false) return false
      await this.#store(again, { ...options, isEnd: true })
      return true
    }
    logs.checkRoom()
    const read = await bytes.read(file.position, chunkBytes + maxLineBytes)
    if (read.length === 0 || (await options.isStill?.()) === false) return false
    const isEnd = options.isEnd && read.length < chunkBytes + maxLineBytes
    return await this.#store(read, { ...options, isEnd })
  }

  async #store(bytes: Uint8Array, options: StepOptions): Promise<boolean> {
    const { file } = this
    const { source, origin, positions, counts } = this.#parts
    const { project, logs } = source
    using request = logs.begin({ project, sender: `the file ${file.path}` })
    request.setResource(new Map([['log.file.path', file.path], ...origin.resource]))
    request.setService(origin.service)
    const { end, cutLines, isWithinLine } = await this.#fill(request, bytes, options)
    if (end === 0) return false
    const to = file.position + end
    if (request.length > 0) {
      if (file.pendingEnd === undefined) {
        file.pendingEnd = to
        await positions.save(file)
      }
      await request.store({ place: `${file.id}-${file.position}-${file.pendingEnd}` })
    }
    counts.lines += request.length
    counts.bytes += end
    counts.cutLines += cutLines
    file.position = file.pendingEnd ?? to
    file.pendingEnd = undefined
    file.isWithinLine = isWithinLine
    await positions.save(file)
    return true
  }

  async #fill(request: LogRequest, bytes: Uint8Array, { signal, isEnd, isWhole }: StepOptions) {
    const { source, clock } = this.#parts
    const { multiline, maxLineBytes } = source
    const isDocker = this.#write === undefined
    // as much as is read at once: no more of it can be waited for
    const isFull = bytes.length >= chunkBytes + maxLineBytes
    const ranges = lineRanges(bytes, this.file.isWithinLine, {
      ...{ maxLineBytes, isEnd, isWhole, multiline: isDocker ? undefined : multiline },
    })
    if (!isDocker) {
      await inSlices(writing(this.#write as EventWriter, request, bytes, ranges.bounds), { clock, signal })
      return ranges
    }
    const batch = this.#dockerBatch()
    const all = isEnd || isWhole || isFull
    await inSlices(batch.fill(request, linesIn(bytes, ranges.bounds), all), { clock, signal })
    const whole = batch.wholeLines * 2
    if (all || whole >= ranges.bounds.length) return ranges
    return { ...ranges, end: whole === 0 ? 0 : (ranges.bounds[whole] ?? ranges.end) }
  }

  #dockerBatch(): DockerBatch {
    const { source, origin } = this.#parts
    return new DockerBatch({
      ...source,
      resource: new Map([['log.file.path', this.file.path], ...origin.resource]),
    })
  }
}

function* linesIn(bytes: Uint8Array, bounds: readonly number[]): Generator<string> {
  for (let i = 0; i < bounds.length; i += 2)
    yield Buffer.from(bytes.buffer, bytes.byteOffset + bounds[i], bounds[i + 1] - bounds[i]).toString('utf8')
}

function* writing(
  write: EventWriter,
  request: LogRequest,
  bytes: Uint8Array,
  bounds: readonly number[],
): Generator<void> {
  const steps = new LineSteps()
  for (let i = 0; i < bounds.length; i += 2) {
    const from = bounds[i] as number
    const to = bounds[i + 1] as number
    write(request, bytes, from, to)
    if (steps.endWith(to - from)) yield
  }
}
