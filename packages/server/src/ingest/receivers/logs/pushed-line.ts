// A message with what stands beside it on its way from a body into a request: filled once a line, no object for it.
import type { LogRequest, MessageLine, StreamIdentity } from '../../logs/port.ts'

/** What names the source of lines, and what that says of them. */
export interface PushedStream extends StreamIdentity {
  readonly labels: ReadonlyMap<string, string>
}

const noStream: PushedStream = { severity: 0, identity: [], labels: new Map() }

/** The line that is being read, in a request that it goes to. */
export class PushedLine implements MessageLine {
  timeMs = 0
  timeNs = 0
  from = 0
  to = 0
  pairs = new Int32Array(64)
  pairCount = 0
  stream = noStream
  readonly #request: LogRequest

  constructor(request: LogRequest) {
    this.#request = request
  }

  begin(stream: PushedStream): void {
    this.stream = stream
    this.#request.setResource(stream.labels)
  }

  clear(): void {
    this.timeMs = 0
    this.timeNs = 0
    this.from = 0
    this.to = 0
    this.pairCount = 0
  }

  addPair(nameFrom: number, nameTo: number, valueFrom: number, valueTo: number): void {
    const at = this.pairCount * 4
    if (at === this.pairs.length) {
      const grown = new Int32Array(this.pairs.length * 2)
      grown.set(this.pairs)
      this.pairs = grown
    }
    this.pairs[at] = nameFrom
    this.pairs[at + 1] = nameTo
    this.pairs[at + 2] = valueFrom
    this.pairs[at + 3] = valueTo
    this.pairCount++
  }

  /** Whole seconds since 1970 and nanoseconds. */
  setTime(seconds: number, nanoseconds: number): void {
    const rest = nanoseconds < 1e9 ? nanoseconds : 0
    this.timeMs = seconds * 1000 + Math.floor(rest / 1e6)
    this.timeNs = rest % 1e6
  }

  end(bytes: Uint8Array): void {
    this.#request.addLine(this, bytes)
  }
}
