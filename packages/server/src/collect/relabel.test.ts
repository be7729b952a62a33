// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of Go are written so
import { describe, expect, it } from 'vitest'
import { compileRelabel, defaultRegex, defaultReplacement, type RelabelRule } from './relabel.ts'

const rule = (part: Partial<RelabelRule>): RelabelRule => ({
  sourceLabels: [],
  separator: ';',
  targetLabel: '',
  regex: defaultRegex,
  modulus: 0n,
  replacement: defaultReplacement,
  action: 'replace',
  ...part,
})

function run(labels: Record<string, string>, ...rules: Partial<RelabelRule>[]): Record<string, string> | 'dropped' {
  const draft = new Map(Object.entries(labels))
  return compileRelabel(rules.map(rule))(draft) ? Object.fromEntries(draft) : 'dropped'
}

describe('relabelling', () => {
  const abc = { a: 'foo', b: 'bar', c: 'baz' }

  // expectations as in Prometheus's documentation and its relabel tests
  it.each<[string, Partial<RelabelRule>, Record<string, string> | 'dropped']>([
    [
      'replaces',
      { sourceLabels: ['a'], regex: 'f(.*)', targetLabel: 'd', replacement: 'ch${1}-ch$1' },
      { ...abc, d: 'choo-choo' },
    ],
    ['matches the whole value', { sourceLabels: ['a'], regex: 'f', targetLabel: 'b', replacement: 'x' }, abc],
    [
      'joins sources',
      { sourceLabels: ['a', 'b'], regex: 'f(.*);(.*)r', targetLabel: 'a', replacement: 'b$1${2}m' },
      { ...abc, a: 'boobam' },
    ],
    [
      'takes a label away by an empty replacement',
      { sourceLabels: ['a'], targetLabel: 'b', replacement: '' },
      { a: 'foo', c: 'baz' },
    ],
    [
      'sets a constant where the source is missing',
      { sourceLabels: ['none'], targetLabel: 'd', replacement: 'x' },
      { ...abc, d: 'x' },
    ],
    [
      'names the target by groups',
      { sourceLabels: ['a'], regex: '(f)(oo)', targetLabel: '${1}x', replacement: '$2' },
      { ...abc, fx: 'oo' },
    ],
    [
      'leaves all where the target has no name',
      { sourceLabels: ['a'], regex: 'foo()', targetLabel: '$1', replacement: 'x' },
      abc,
    ],
    [
      'knows named groups and $$',
      { sourceLabels: ['a'], regex: '(?P<first>.).*', targetLabel: 'd', replacement: '$$${first}$none' },
      { ...abc, d: '$f' },
    ],
    ['reads the longest name', { sourceLabels: ['a'], targetLabel: 'd', replacement: '$1x' }, abc],
    ['keeps', { sourceLabels: ['a'], regex: 'fo+', action: 'keep' }, abc],
    ['drops what keep does not match', { sourceLabels: ['a'], regex: 'no', action: 'keep' }, 'dropped'],
    ['drops', { sourceLabels: ['a', 'b'], separator: '/', regex: 'foo/bar', action: 'drop' }, 'dropped'],
    ['matches newlines by a dot', { sourceLabels: ['a'], regex: 'foo.*', action: 'drop' }, 'dropped'],
    ['keeps equals', { sourceLabels: ['a'], targetLabel: 'a', action: 'keepequal' }, abc],
    ['drops equals', { sourceLabels: ['a'], targetLabel: 'b', action: 'dropequal' }, abc],
    [
      'hashes as Prometheus does',
      { sourceLabels: ['c'], targetLabel: 'd', action: 'hashmod', modulus: 1000n },
      { ...abc, d: '976' },
    ],
    [
      'maps names',
      { regex: '(b|c)', replacement: 'bar_$1', action: 'labelmap' },
      { ...abc, bar_b: 'bar', bar_c: 'baz' },
    ],
    ['drops names', { regex: '[ab]', action: 'labeldrop' }, { c: 'baz' }],
    ['keeps names', { regex: '[ab]', action: 'labelkeep' }, { a: 'foo', b: 'bar' }],
    ['raises', { sourceLabels: ['a'], targetLabel: 'A', action: 'uppercase' }, { ...abc, A: 'FOO' }],
  ])('%s', (_name, part, wanted) => {
    expect(run(abc, part)).toEqual(wanted)
  })

  it('runs rules in order until one drops', () => {
    const chain = [
      { sourceLabels: ['a'], targetLabel: 'z', replacement: '${1}!' },
      { sourceLabels: ['z'], regex: 'foo!', action: 'drop' },
    ] as const
    expect(run(abc, ...chain)).toBe('dropped')
    expect(run({ a: 'x' }, ...chain)).toEqual({ a: 'x', z: 'x!' })
  })

  it('has no trouble with expressions that ruin backtracking engines', () => {
    expect(run({ a: 'a'.repeat(40) }, { sourceLabels: ['a'], regex: '(a+)+b', action: 'drop' })).toEqual({
      a: 'a'.repeat(40),
    })
  })
})
