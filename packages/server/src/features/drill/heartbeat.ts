// Tells somebody outside, again and again, that rules are evaluated and that people can be told. When that ends, they raise the alarm.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Beat, EvaluatedGroup, HeartbeatStatus, HeartbeatTarget } from './port.ts'

/** A group is late after so many of its intervals, and not before the least. */
const lateAfterIntervals = 3
const leastLateMs = 90_000
/** Receivers have their moments; when all of them fail for so long nobody can be told of anything. */
const undeliverableAfterMs = 300_000
const timeoutMs = 10_000

export interface HeartbeatOptions {
  readonly target: () => HeartbeatTarget | undefined
  readonly groups: () => readonly EvaluatedGroup[]
  readonly clock: Clock
  /** Calls a URL; resolves with the status. */
  readonly call: (url: string, signal: AbortSignal) => Promise<number>
  readonly onBeat: (outcome: Beat['outcome'], reason: string) => void
}

export class Heartbeat {
  readonly #options: HeartbeatOptions
  #failingSinceMs: number | undefined
  #last: Beat | undefined
  #lastSentAtMs: number | undefined

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  /** How it is now; undefined: none is configured. */
  status(): HeartbeatStatus | undefined {
    const target = this.#options.target()
    if (target === undefined) return undefined
    const receiver = new URL(target.url).origin
    return { receiver, intervalMs: target.intervalMs, last: this.#last, lastSentAtMs: this.#lastSentAtMs }
  }

  /** Told of each attempt to notify. */
  seen({ outcome, atMs }: { readonly outcome: string; readonly atMs: number }): void {
    if (outcome === 'delivered') this.#failingSinceMs = undefined
    else if (outcome !== 'skipped') this.#failingSinceMs ??= atMs
  }

  /** Why no beat may go out; undefined: all is well. */
  trouble(nowMs: number): string | undefined {
    const groups = this.#options.groups()
    const late = groups.find(
      ({ intervalMs, lastEvaluationMs }) =>
        lastEvaluationMs === undefined ||
        nowMs - lastEvaluationMs > Math.max(leastLateMs, lateAfterIntervals * intervalMs),
    )
    if (late !== undefined) {
      const when =
        late.lastEvaluationMs === undefined ? 'yet' : `since ${new Date(late.lastEvaluationMs).toISOString()}`
      return `the rules of ${late.name} were not evaluated ${when}.`
    }
    if (groups.length > 0 && groups.every(({ isFailing }) => isFailing)) return 'all rules fail.'
    if (this.#failingSinceMs !== undefined && nowMs - this.#failingSinceMs >= undeliverableAfterMs)
      return `nothing could be delivered since ${new Date(this.#failingSinceMs).toISOString()}.`
    return undefined
  }

  /** Beats until stopped: for who evaluates rules. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, target } = this.#options
    while (!signal.aborted) {
      const now = target()
      if (now !== undefined) await this.beat(now, signal)
      await clock.sleep(now?.intervalMs ?? 1000, { signal }).catch(() => undefined)
    }
  }

  async beat({ url }: HeartbeatTarget, signal: AbortSignal): Promise<void> {
    const { clock, call } = this.#options
    const trouble = this.trouble(clock.nowMs())
    if (trouble !== undefined) return this.#tell('withheld', trouble)
    try {
      const status = await call(url, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]))
      const isHeard = status >= 200 && status < 300
      this.#tell(isHeard ? 'sent' : 'failed', isHeard ? '' : `${new URL(url).origin} answered ${status}.`)
    } catch {
      // what is wrong with the way there is told by the receiver's silence; its URL is a secret
      if (!signal.aborted) this.#tell('failed', `${new URL(url).origin} was not reached.`)
    }
  }

  #tell(outcome: Beat['outcome'], reason: string): void {
    const atMs = this.#options.clock.nowMs()
    this.#last = { atMs, outcome, reason }
    if (outcome === 'sent') this.#lastSentAtMs = atMs
    this.#options.onBeat(outcome, reason)
  }
}
