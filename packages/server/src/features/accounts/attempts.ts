// How often somebody may try a password.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'

const windowMs = 15 * 60_000
/** For one name from one address. */
const maxForPair = 8
/** For one address, whatever names it tries. */
const maxForAddress = 50
/** Beyond this the least recently tried are forgotten. */
const maxRemembered = 10_000

interface Tries {
  count: number
  readonly endsAtMs: number
}

/** Counts failed sign-ins per address and name, and per address, in bounded memory. */
export class Attempts {
  readonly #clock: Clock
  readonly #tries = new Map<string, Tries>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Throws `access.rate_limited` where there were too many failures. */
  check(address: string, name: string): void {
    for (const [key, max] of limitsOf(address, name)) {
      const tries = this.#current(key)
      if (tries === undefined || tries.count < max) continue
      const seconds = Math.ceil((tries.endsAtMs - this.#clock.monotonicMs()) / 1000)
      throw new AppError('access.rate_limited', 'too many failed attempts to sign in.', {
        fix: `Wait ${Math.ceil(seconds / 60)} minutes, or make a sign-in link on the server: tidewatch user link NAME`,
        retryAfterSeconds: seconds,
      })
    }
  }

  /** How many are remembered. */
  get size(): number {
    return this.#tries.size
  }

  failed(address: string, name: string): void {
    for (const [key] of limitsOf(address, name)) {
      const tries = this.#current(key) ?? { count: 0, endsAtMs: this.#clock.monotonicMs() + windowMs }
      tries.count++
      // the last place in the map is that of the most recent
      this.#tries.delete(key)
      this.#tries.set(key, tries)
    }
    for (const key of this.#tries.keys()) {
      if (this.#tries.size <= maxRemembered) return
      this.#tries.delete(key)
    }
  }

  /** Takes back what was counted for this attempt, and forgets the failures of this person. */
  succeeded(address: string, name: string): void {
    this.#tries.delete(pairKey(address, name))
    const all = this.#current(networkOf(address))
    if (all !== undefined && all.count > 0) all.count--
  }

  #current(key: string): Tries | undefined {
    const tries = this.#tries.get(key)
    if (tries !== undefined && tries.endsAtMs <= this.#clock.monotonicMs()) {
      this.#tries.delete(key)
      return undefined
    }
    return tries
  }
}

const pairKey = (address: string, name: string): string => `${networkOf(address)} ${name.slice(0, 64)}`
const limitsOf = (address: string, name: string): readonly (readonly [string, number])[] => [
  [pairKey(address, name), maxForPair],
  [networkOf(address), maxForAddress],
]

/** Whoever has an IPv6 address has a /64 of them. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return groups.slice(0, 4).join(':')
}
