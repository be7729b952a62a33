import { describe, expect, it } from 'vitest'
import { commonMatchers, formatMatcher, formatMatchers, fromApi, narrowMatchers, toApi } from './matchers.ts'

const db1 = { alertname: 'Slow', team: 'db', instance: 'db.1' }
const db2 = { alertname: 'Slow', team: 'db', instance: 'db.2' }
const api = { alertname: 'Down', team: 'api' }

describe('what alerts have in common', () => {
  it('is all of one alert', () => {
    expect(formatMatchers(commonMatchers([db1]))).toBe('{alertname="Slow", instance="db.1", team="db"}')
  })

  it('is the labels of one value', () => {
    expect(formatMatchers(commonMatchers([db1, db2]))).toBe('{alertname="Slow", team="db"}')
  })

  it('is their names where those differ', () => {
    expect(formatMatchers(commonMatchers([db1, api]))).toBe('{alertname=~"Down|Slow"}')
  })

  it('can be narrowed to the values that they have, signs taken literally', () => {
    expect(formatMatchers(narrowMatchers([db1, db2]))).toBe(
      String.raw`{alertname="Slow", instance=~"db\\.1|db\\.2", team="db"}`,
    )
  })
})

it('writes what needs quotes in quotes', () => {
  expect(formatMatcher({ name: 'a b', op: '!=', value: 'say "x"\n' })).toBe(String.raw`"a b"!="say \"x\"\n"`)
})

it.each(['=', '!=', '=~', '!~'] as const)('%s is the same after a way through the API', (op) => {
  const matcher = { name: 'a', op, value: 'b' }
  expect(fromApi(toApi(matcher))).toEqual(matcher)
})
