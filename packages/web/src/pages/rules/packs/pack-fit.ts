// Whether a pack fits what this installation measures. No React here.
import type { RulePack } from '@tidewatch/api/rule-packs.ts'

export interface PackFit {
  /** Rules all of whose metrics are there. */
  readonly rules: number
  readonly total: number
  readonly missing: readonly string[]
  readonly word: 'fits' | 'fits in part' | 'nothing to watch'
}

export function fitOf({ rules }: Pick<RulePack, 'rules'>): PackFit {
  const fitting = rules.filter(({ metrics }) => metrics.every(({ exists }) => exists)).length
  const missing = new Set(
    rules.flatMap(({ metrics }) => metrics.filter(({ exists }) => !exists).map(({ name }) => name)),
  )
  const word = fitting === rules.length ? 'fits' : fitting > 0 ? 'fits in part' : 'nothing to watch'
  return { rules: fitting, total: rules.length, missing: [...missing].sort(), word }
}

/** Those in force first, then those that fit best. */
export const sortPacks = (packs: readonly RulePack[]): RulePack[] =>
  packs.toSorted((a, b) => {
    const [fitA, fitB] = [fitOf(a), fitOf(b)]
    return (
      Number(b.enabled) - Number(a.enabled) ||
      fitB.rules / Math.max(fitB.total, 1) - fitA.rules / Math.max(fitA.total, 1) ||
      (a.title < b.title ? -1 : 1)
    )
  })
