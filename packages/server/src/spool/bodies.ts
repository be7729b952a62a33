/** How long the same body counts once. */
export const bodyWindowMs = 10 * 60 * 1000

/** A body's hash and when it was taken. */
export interface Body {
  readonly hash: string
  readonly atMs: number
}

/** The bodies of the last ten minutes, at most so many: beyond it the oldest are forgotten first. */
export class RecentBodies {
  readonly #bodies = new Map<string, number | Promise<boolean>>()
  readonly #maxCount: number

  constructor(maxCount: number) {
    this.#maxCount = maxCount
  }

  get size(): number {
    return this.#bodies.size
  }

  add({ hash, atMs }: Body): void {
    const known = this.#bodies.get(hash)
    // again at the end: the map is in order of time
    this.#bodies.delete(hash)
    this.#bodies.set(hash, typeof known === 'number' ? Math.max(known, atMs) : atMs)
  }

  /**
   * Runs `store` unless the body is known; true when it is a repeat. One that is just being stored by somebody else is waited for: only
   * when that failed is it stored here.
   */
  async once(hash: string, nowMs: number, store: () => Promise<void>): Promise<boolean> {
    for (;;) {
      const known = this.#bodies.get(hash)
      if (typeof known === 'number' && nowMs - known < bodyWindowMs) return true
      if (known === undefined || typeof known === 'number') break
      if (await known) return true
    }
    const stored = store()
    const pending = stored.then(
      () => true,
      () => false,
    )
    this.#bodies.set(hash, pending)
    try {
      await stored
      this.add({ hash, atMs: nowMs })
      this.#forget(nowMs)
      return false
    } catch (error) {
      if (this.#bodies.get(hash) === pending) this.#bodies.delete(hash)
      throw error
    }
  }

  #forget(nowMs: number): void {
    for (const [hash, atMs] of this.#bodies) {
      const old = typeof atMs === 'number' && nowMs - atMs >= bodyWindowMs
      if (!old && this.#bodies.size <= this.#maxCount) return
      this.#bodies.delete(hash)
    }
  }
}

/** The file that keeps a removed segment's bodies: one `atMs hash` a line. */
export function printBodies(bodies: readonly Body[]): string {
  return bodies.map(({ hash, atMs }) => `${atMs} ${hash}\n`).join('')
}

/** Lines that are not whole are left out. */
export function parseBodies(text: string): Body[] {
  const bodies: Body[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    const space = line.indexOf(' ')
    const atMs = Number(line.slice(0, space))
    if (space > 0 && Number.isFinite(atMs)) bodies.push({ hash: line.slice(space + 1), atMs })
  }
  return bodies
}
