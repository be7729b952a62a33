// Lines of many senders on their way to the intake: a batch is stored when it is large or a tenth of a second old. Called once a line.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { LogIntake, LogRequest } from '../../logs/port.ts'
import type { ListenerCounters } from './counters.ts'

/** Who sends over a connection, or packets from an address. */
export interface Sender {
  /** In words for a person: `syslog by TCP from 10.0.0.7`. */
  readonly name: string
  readonly address: string
  /** Of lines that do not name their source. */
  readonly resource: ReadonlyMap<string, string>
}

export interface LineBatchesOptions {
  readonly logs: LogIntake
  readonly project: ProjectId
  readonly clock: Clock
  readonly counters: ListenerCounters
  /** Of lines that are not stored yet; beyond it nothing more is read. */
  readonly maxWaitingBytes: number
}

interface Batch {
  readonly request: LogRequest
  sender: Sender
  bytes: number
}

const maxLines = 4000
const maxBytes = 4 << 20
/** How long a line waits for others. */
const gatherMs = 80
/** What is there at the end is tried to be stored for so long. */
const lastTriesMs = 2000

export class LineBatches implements AsyncDisposable {
  readonly #options: LineBatchesOptions
  readonly #work = new Set<Promise<void>>()
  /** Ends waiting for other lines, then waiting for room in the spool. */
  readonly #gathering = new AbortController()
  readonly #storing = new AbortController()
  /** The batch that takes lines, by what its lines have in common. */
  #open: Batch | undefined
  #waitingBytes = 0
  #room: PromiseWithResolvers<void> | undefined

  constructor(options: LineBatchesOptions) {
    this.#options = options
  }

  get isFull(): boolean {
    return this.#waitingBytes >= this.#options.maxWaitingBytes
  }

  /** Resolves once more may be read; undefined where that is now. */
  room(): Promise<void> | undefined {
    if (!this.isFull) return undefined
    this.#options.counters.waits.add()
    this.#flush()
    this.#room ??= Promise.withResolvers()
    return this.#room.promise
  }

  /** A JSON object, or a text that is the message. The bytes are the caller's again when it returns. */
  line(sender: Sender, bytes: Uint8Array): void {
    const { request } = this.#batchOf(sender)
    const fault = looksLikeObject(bytes) ? request.addJson(bytes, 0, bytes.length) : notJson
    if (fault !== undefined) request.addText(bytes, 0, bytes.length)
    this.#added(bytes.length)
  }

  /** A line that is the message, whatever it looks like. */
  text(sender: Sender, bytes: Uint8Array): void {
    this.#batchOf(sender).request.addText(bytes, 0, bytes.length)
    this.#added(bytes.length)
  }

  /** `bytes`: as many as it came in. */
  record(sender: Sender, record: LogRecord, bytes: number): void {
    this.#batchOf(sender).request.add(record)
    this.#added(bytes)
  }

  /** What was read is stored before it resolves, unless there is no room for seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#gathering.abort()
    this.#flush()
    const tried = new AbortController()
    const enough = this.#options.clock.sleep(lastTriesMs, { signal: tried.signal }).then(
      () => this.#storing.abort(),
      () => undefined, // all is stored
    )
    await Promise.all(this.#work)
    tried.abort()
    await enough
  }

  #batchOf(sender: Sender): Batch {
    const open = this.#open
    if (open !== undefined && open.sender === sender) return open
    const { logs, project } = this.#options
    if (open !== undefined) {
      open.request.setSender(sender.name)
      open.request.setResource(sender.resource)
      open.sender = sender
      return open
    }
    const request = logs.begin({ project, sender: sender.name })
    request.setResource(sender.resource)
    const batch = { request, sender, bytes: 0 }
    this.#open = batch
    this.#track(this.#gather(request))
    return batch
  }

  #added(bytes: number): void {
    const open = this.#open
    if (open === undefined) return
    open.bytes += bytes + lineOverhead
    this.#waitingBytes += bytes + lineOverhead
    if (open.request.length >= maxLines || open.bytes >= maxBytes) this.#flush()
  }

  async #gather(request: LogRequest): Promise<void> {
    // the end of all gathering stores it too
    await this.#options.clock.sleep(gatherMs, { signal: this.#gathering.signal }).catch(() => undefined)
    if (this.#open?.request === request) this.#flush()
  }

  #flush(): void {
    const batch = this.#open
    if (batch === undefined) return
    this.#open = undefined
    this.#options.counters.waitingBytes.set(this.#waitingBytes)
    this.#track(this.#store(batch))
  }

  async #store({ request, bytes }: Batch): Promise<void> {
    const { counters, clock } = this.#options
    using _ = request
    try {
      const { lines } = await storeWhenRoom(request, { clock, counters, signal: this.#storing.signal })
      counters.lines.add(lines)
    } catch (error) {
      counters.lose('not_stored', request.length, 'lines could not be stored and are lost', { error })
    } finally {
      this.#waitingBytes -= bytes
      counters.waitingBytes.set(this.#waitingBytes)
      if (!this.isFull) {
        this.#room?.resolve()
        this.#room = undefined
      }
    }
  }

  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#work.delete(tracked))
    this.#work.add(tracked)
  }
}

/** What a line costs beside its bytes. */
const lineOverhead = 64
const notJson = { at: 0, message: 'is no JSON object' }
const blank = 0x20
const brace = 0x7b

function looksLikeObject(bytes: Uint8Array): boolean {
  let at = 0
  while (at < bytes.length && (bytes[at] as number) <= blank) at++
  return bytes[at] === brace
}

/** Between tries where the spool has no room, unless it says so itself. */
const retryMs = 1000

/** Stores it, as soon as there is room for it. Rejects with what trying again does not help against, and with the reason of the signal. */
export async function storeWhenRoom(
  request: LogRequest,
  options: {
    readonly clock: Clock
    readonly counters: ListenerCounters
    readonly signal: AbortSignal
    readonly body?: Uint8Array
  },
): Promise<{ readonly lines: number; readonly duplicate: boolean }> {
  const { clock, counters, signal, body } = options
  for (;;) {
    try {
      return await request.store(body === undefined ? {} : { body })
    } catch (error) {
      if (!(error instanceof AppError) || !error.retryable || signal.aborted) throw error
      counters.tell('store', 'lines cannot be stored now; senders wait', { error })
      await clock.sleep(retryMs, { signal })
    }
  }
}
