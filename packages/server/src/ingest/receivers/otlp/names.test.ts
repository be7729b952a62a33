import { describe, expect, it } from 'vitest'
import { labelName, metricName, type NamedKind, plainFloat, unitName } from './names.ts'
import { usualSettings } from './testing/receiver.ts'

describe('names of metrics', () => {
  it.each<[string, string, NamedKind, string | undefined]>([
    ['http.server.duration', 's', 'histogram', 'http_server_duration_seconds'],
    ['requests', '', 'counter', 'requests_total'],
    ['requests.total', '1', 'counter', 'requests_total'],
    ['total.requests', '', 'counter', 'requests_total'],
    ['utilization', '1', 'gauge', 'utilization_ratio'],
    ['network.io', 'By/s', 'gauge', 'network_io_bytes_per_second'],
    ['speed', 'km/h', 'gauge', 'speed_km_per_hour'],
    ['orders', '{order}', 'counter', 'orders_total'],
    ['orders', '{order}/s', 'gauge', 'orders_per_second'],
    ['memory_bytes', 'By', 'gauge', 'memory_bytes'],
    ['a__b..c', '', 'gauge', 'a_b_c'],
    ['2xx', '', 'gauge', '_2xx'],
    ['größe', '%', 'gauge', 'gr_e_percent'],
    ['...', '', 'gauge', undefined],
  ])('%s in %s as %s is %s', (name, unit, kind, made) => {
    expect(metricName(name, unit, { kind, settings: usualSettings })).toBe(made)
  })

  it('without suffixes, and untouched', () => {
    const plain = { ...usualSettings, addsSuffixes: false }
    expect(metricName('http.server.duration', 's', { kind: 'histogram', settings: plain })).toBe('http_server_duration')
    const utf8 = { ...usualSettings, escapes: false }
    expect(metricName('http.requests', 'By', { kind: 'counter', settings: utf8 })).toBe('http.requests_bytes_total')
    expect(metricName('http.requests', 'By', { kind: 'counter', settings: { ...utf8, addsSuffixes: false } })).toBe(
      'http.requests',
    )
    expect(labelName('http.route', utf8)).toBe('http.route')
  })
})

it.each([
  ['http.route', 'http_route'],
  ['_private', 'key_private'],
  ['__reserved', '__reserved'],
  ['1st', 'key_1st'],
  ['.', 'key_'],
  ['..', undefined],
])('the attribute %s is the label %s', (name, label) => {
  expect(labelName(name, usualSettings)).toBe(label)
})

it.each([
  ['a..b', 'a__b', 'a_b'],
  ['_private', '_private', '_private'],
  ['__reserved..x__', '__reserved__x__', '__reserved_x__'],
  ['...', undefined, undefined],
  ['1..st', 'key_1__st', 'key_1_st'],
  ['größe_', 'gr__e_', 'gr_e_'],
])('%s is %s without a guard before _, and %s with one underscore for several', (name, kept, one) => {
  const unguarded = { ...usualSettings, guardsUnderscore: false }
  expect(labelName(name, unguarded)).toBe(kept)
  expect(labelName(name, { ...unguarded, keepsUnderscores: false })).toBe(one)
})

it('units and bounds', () => {
  expect(unitName('By/s', usualSettings)).toBe('bytes_per_second')
  expect(unitName('1', usualSettings)).toBe('')
  expect([1, 0.5, 1e21, 1e-7, -2.5e-8, Number.POSITIVE_INFINITY].map(plainFloat)).toEqual([
    '1',
    '0.5',
    '1000000000000000000000',
    '0.0000001',
    '-0.000000025',
    '+Inf',
  ])
})
