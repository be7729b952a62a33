// One pipeline at work: events in, lines and messages out, and what of it is counted.
import type { LogEvent } from '@tidewatch/logstash/event.ts'
import type { Pipeline, Processed } from '@tidewatch/logstash/pipeline.ts'
import type { LogRequest } from '../logs/port.ts'
import { recordOfEvent } from './event-record.ts'
import type { Outputs } from './outputs.ts'

export interface PipelineCounts {
  /** Events that came in. */
  events: number
  /** Lines that were kept. */
  stored: number
  /** Events that a filter dropped. */
  dropped: number
  /** Events that came to no output. */
  unrouted: number
}

/** What comes in with one request. */
export interface Entrance {
  take(event: LogEvent, into: LogRequest): void
  /** The lines are safe: outputs beside the store hear of their events. */
  tell(): void
}

interface Kept {
  readonly into: LogRequest
  readonly arrivedNs: bigint
}

export class PipelineRun {
  readonly counts: PipelineCounts = { events: 0, stored: 0, dropped: 0, unrouted: 0 }
  readonly pipeline: Pipeline
  readonly #outputs: Outputs

  constructor(pipeline: Pipeline, outputs: Outputs) {
    this.pipeline = pipeline
    this.#outputs = outputs
  }

  /** `nowMs`: the time of events that have none of their own. */
  enter(nowMs: number): Entrance {
    const waiting: Processed[] = []
    const arrivedNs = BigInt(nowMs) * 1_000_000n
    return {
      take: (event, into) => {
        for (const made of this.#process(event)) if (this.#keep(made, { into, arrivedNs })) waiting.push(made)
      },
      tell: () => {
        for (const { event, deliveries } of waiting)
          for (const delivery of deliveries) this.#outputs.deliver(event, delivery)
        waiting.length = 0
      },
    }
  }

  #process(event: LogEvent): readonly Processed[] {
    this.counts.events++
    const made = this.pipeline.process(event)
    if (made.length === 0) this.counts.dropped++
    return made
  }

  /** Writes the event once for each index that it was sent to; whether it goes elsewhere too. A file without outputs keeps all. */
  #keep({ event, deliveries }: Processed, { into, arrivedNs }: Kept): boolean {
    if (this.pipeline.outputs.length === 0) {
      this.counts.stored++
      into.add(recordOfEvent(event, { index: undefined, documentId: undefined, arrivedNs }))
      return false
    }
    let goesElsewhere = false
    for (const { output, rendered } of deliveries) {
      if (output.kind !== 'elasticsearch') {
        goesElsewhere ||= output.kind !== 'null'
        continue
      }
      this.counts.stored++
      const [index, documentId] = [indexOf(rendered, output.settings), rendered.get('document_id')]
      into.add(recordOfEvent(event, { index, documentId, arrivedNs }))
    }
    if (deliveries.length === 0) this.counts.unrouted++
    return goesElsewhere
  }
}

/** The index, or the data stream's name. */
function indexOf(
  rendered: ReadonlyMap<string, string>,
  settings: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  if (settings.get('data_stream')?.[0] !== 'true') return rendered.get('index')
  const part = (name: string, initial: string): string => rendered.get(`data_stream_${name}`) ?? initial
  return `${part('type', 'logs')}-${part('dataset', 'generic')}-${part('namespace', 'default')}`
}
