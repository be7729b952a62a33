import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import { readWrittenYaml } from '../../config/yaml.ts'
import { PackBook } from './pack-book.ts'
import type { ChosenPack } from './state.ts'

function book(rows: ChosenPack[] = []) {
  const faults: string[] = []
  let changes = 0
  const made = new PackBook({
    rows: {
      all: async () => [...rows],
      put: async (row) => {
        rows.splice(0, rows.length, ...rows.filter(({ name }) => name !== row.name), row)
      },
    },
    ...{ readYaml: readWrittenYaml, clock: new FakeClock(), onFault: (name) => faults.push(name) },
    onChange: async () => {
      changes++
    },
  })
  const names = () => made.groups.flatMap(({ rules }) => rules.map(({ name }) => name))
  return { made, faults, names, changes: () => changes }
}

const row = (name: string, parameters: Record<string, string> = {}): ChosenPack => ({
  ...{ name, enabled: true, parameters, changedAtMs: 1, changedBy: 'ann' },
})

test('a pack is in force from when it is chosen until it is not', async () => {
  const { made, names, changes } = book()
  await made.refresh()
  expect([names(), changes()]).toEqual([[], 0])
  await made.choose('indexer', { enabled: true, parameters: { seconds: '60' } }, 'ann')
  expect([names(), changes()]).toEqual([['IndexerHighLag'], 1])
  expect(made.groups[0]).toMatchObject({ name: 'indexer', file: 'packs/indexer' })
  await made.choose('indexer', { enabled: false, parameters: { seconds: '60' } }, 'ann')
  expect([names(), made.chosen('indexer')?.enabled]).toEqual([[], false])
})

test('what another process chose is taken over once', async () => {
  const { made, names, changes } = book([row('oracle')])
  await made.refresh()
  await made.refresh()
  expect([names(), changes()]).toEqual([['OraclePriceUpdateFailures'], 1])
})

test('a pack whose parameters are not right any more is left out and told; the others stay', async () => {
  const { made, names, faults } = book([
    row('oracle', { per_second: 'much' }),
    row('indexer', { gone: '1' }),
    row('no'),
  ])
  await made.refresh()
  expect([names(), faults]).toEqual([['IndexerHighLag'], ['oracle']])
})

test('wrong parameters are refused before anything is kept', async () => {
  const { made, names } = book()
  await expect(made.choose('oracle', { enabled: true, parameters: { errors: '' } }, 'ann')).rejects.toThrow('metric')
  await expect(made.choose('none', { enabled: true, parameters: {} }, 'ann')).rejects.toThrow('no pack')
  expect([names(), made.chosen('oracle')]).toEqual([[], undefined])
})
