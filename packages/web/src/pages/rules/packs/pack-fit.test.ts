import type { RulePack } from '@tidewatch/api/rule-packs.ts'
import { expect, it } from 'vitest'
import { fitOf, sortPacks } from './pack-fit.ts'

const pack = (name: string, exist: readonly boolean[], enabled = false): RulePack => ({
  ...{ name, title: name, summary: '', enabled, parameters: [], text: '' },
  rules: exist.map((exists, i) => ({
    ...{ name: `r${i}`, severity: 'high', query: '', forMs: 0, summary: '' },
    metrics: [{ name: `m${i}`, exists }],
  })),
})

it('tells how many rules have data, and which metrics are missing', () => {
  expect(fitOf(pack('a', [true, false]))).toEqual({ rules: 1, total: 2, missing: ['m1'], word: 'fits in part' })
  expect(fitOf(pack('a', [true])).word).toBe('fits')
  expect(fitOf(pack('a', [false])).word).toBe('nothing to watch')
})

it('lists those in force first, then those that fit', () => {
  const packs = [pack('none', [false]), pack('all', [true]), pack('on', [false], true), pack('half', [true, false])]
  expect(sortPacks(packs).map(({ name }) => name)).toEqual(['on', 'all', 'half', 'none'])
})
