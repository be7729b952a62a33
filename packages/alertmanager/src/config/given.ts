// What may stand beside what.
import type { Complain } from '@tidewatch/yaml/place.ts'

type Keys<K extends string> = Readonly<Record<K, unknown>>

export const isGiven = (value: unknown): boolean => value !== undefined && value !== ''

/** Tells of the second where both are given. */
export function notBoth<K extends string>(config: Keys<K>, first: K, second: K, complain: Complain): void {
  if (isGiven(config[first]) && isGiven(config[second]))
    complain(second, `cannot stand beside ${first}.`, 'Keep one of them.')
}

/** One of the two must be there, and not both. */
export function exactlyOne<K extends string>(config: Keys<K>, first: K, second: K, complain: Complain): void {
  if (!isGiven(config[first]) && !isGiven(config[second]))
    complain(first, `missing; ${first} or ${second} must be given.`)
  notBoth(config, first, second, complain)
}

/** Takes both from `global` where neither is given here. */
export function fallBack<A, B>(own: readonly [A, B], global: readonly [A, B]): readonly [A, B] {
  return isGiven(own[0]) || isGiven(own[1]) ? own : global
}

/** A base that further parts of a path are put behind. */
export function withSlash(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  const [, base, rest] = /^([^?#]*)(.*)$/s.exec(url) as unknown as [string, string, string]
  return base.endsWith('/') ? url : `${base}/${rest}`
}
