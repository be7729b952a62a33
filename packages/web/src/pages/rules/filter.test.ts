import type { RuleGroup } from '@tidewatch/api/prometheus.ts'
import { expect, it } from 'vitest'
import { filterGroups, shortFile } from './filter.ts'

const groups: RuleGroup[] = [
  {
    name: 'api',
    file: '/etc/rules/api.yml',
    interval: 15,
    rules: [
      { type: 'recording', name: 'a:b', query: 'sum(x)', health: 'ok', labels: { team: 'core' } },
      { type: 'recording', name: 'c:d', query: 'sum(y)', health: 'err' },
    ],
  },
]

it('finds rules by name, query, label or group, and those that fail', () => {
  const names = (text: string, onlyBad = false) =>
    filterGroups(groups, { text, onlyBad }).flatMap((group) => group.rules.map((rule) => rule.name))
  expect(names('TEAM=core')).toEqual(['a:b'])
  expect(names('api sum(y)')).toEqual(['c:d'])
  expect(names('', true)).toEqual(['c:d'])
  expect(names('nothing')).toEqual([])
})

it('names a file shortly', () => {
  expect(shortFile('/etc/tidewatch/rules/api.yml')).toBe('rules/api.yml')
})
