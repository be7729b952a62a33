import type { DiscoveryParts, RefreshOutcome } from './discovery.ts'

export interface RefreshingOptions {
  readonly mechanism: RefreshOutcome['mechanism']
  readonly everyMs: number
  readonly parts: DiscoveryParts
  /** Looks once; answers whether anything changed. What it throws is told, and the next turn comes as usual. */
  readonly refresh: (signal: AbortSignal) => Promise<boolean>
}

/** Looks for targets again and again: at once, and then after each interval. */
export class Refreshing implements AsyncDisposable {
  readonly #options: RefreshingOptions
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: RefreshingOptions) {
    this.#options = options
  }

  /** Not to be waited for: the first look may take as long as a network takes. */
  start({ at = 'once' }: { readonly at?: 'once' | 'next interval' } = {}): void {
    this.#running = this.#run(at === 'once', this.#stop.signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(atOnce: boolean, signal: AbortSignal): Promise<void> {
    const { everyMs, parts } = this.#options
    if (atOnce) await this.#turn(signal)
    while (!signal.aborted) {
      try {
        await parts.clock.sleep(everyMs, { signal })
      } catch {
        // the signal: the owner is done
        return
      }
      await this.#turn(signal)
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { mechanism, parts, refresh } = this.#options
    const startMs = parts.clock.monotonicMs()
    let ok = true
    let changed = false
    try {
      changed = await refresh(signal)
    } catch (error) {
      if (signal.aborted) return
      ok = false
      parts.logger.warn('targets could not be looked for; the last ones stay', { job: parts.job, by: mechanism, error })
    }
    parts.onRefresh({ mechanism, job: parts.job, ok, seconds: (parts.clock.monotonicMs() - startMs) / 1000 })
    if (!changed || signal.aborted) return
    try {
      await parts.onChange()
    } catch (error) {
      parts.logger.error('targets that were found could not be taken over', { job: parts.job, error })
    }
  }
}
