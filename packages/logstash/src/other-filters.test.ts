import { expect, it } from 'vitest'
import { LogEvent } from './event.ts'
import { type LoadOptions, loadPipeline } from './pipeline.ts'
import { mmdb } from './testing/mmdb.ts'
import { jsonText, type ValueMap } from './values.ts'

const clock = { nowMs: () => Date.UTC(2026, 0, 5), monotonicMs: () => 0, sleep: () => Promise.resolve() }

function after(filter: string, fields: ValueMap, options: Partial<LoadOptions> = {}): unknown {
  const { pipeline, problems } = loadPipeline(`filter { ${filter} }`, { file: 'a.conf', clock, ...options })
  expect(problems).toEqual([])
  const [done] = pipeline?.process(new LogEvent(fields)) ?? []
  return JSON.parse(jsonText(done?.event.data ?? null))
}

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 Safari/537.36'

it.each<[string, string, string, string | undefined]>([
  [chrome, 'Chrome', 'Windows', '10'],
  [`${chrome} Edg/120.0.2210.61`, 'Edge', 'Windows', '10'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15',
    'Safari',
    'Mac OS X',
    '10.15.7',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1',
    'Mobile Safari',
    'iOS',
    '17.1',
  ],
  ['Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0', 'Firefox', 'Ubuntu', undefined],
  [
    'Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36',
    'Chrome Mobile',
    'Android',
    '13',
  ],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot', 'Other', undefined],
  ['curl/8.5.0', 'curl', 'Other', undefined],
])('useragent reads %s', (agent, name, os, osVersion) => {
  expect(after('useragent { source => "agent" target => "ua" }', { agent })).toMatchObject({
    ua: osVersion === undefined ? { name, os } : { name, os, os_version: osVersion },
  })
})

it('geoip finds addresses in a database, and tags those that are not in it', () => {
  const bytes = mmdb('81.2.69.0/24', {
    country: { iso_code: 'GB', names: { en: 'United Kingdom' } },
    location: { latitude: 51.5, longitude: -0.1 },
  })
  const files = { text: () => undefined, bytes: () => bytes, list: () => [] }
  const filter = 'geoip { source => "ip" database => "/a.mmdb" }'
  expect(after(filter, { ip: '81.2.69.142' }, { files })).toEqual({
    ip: '81.2.69.142',
    geoip: {
      ip: '81.2.69.142',
      country_code2: 'GB',
      country_code3: 'GB',
      country_name: 'United Kingdom',
      latitude: 51.5,
      longitude: -0.1,
      location: { lat: 51.5, lon: -0.1 },
    },
  })
  expect(after(filter, { ip: '10.0.0.1' }, { files })).toEqual({ ip: '10.0.0.1', tags: ['_geoip_lookup_failure'] })
  expect(after(filter, { ip: 'no address' }, { files })).toEqual({ ip: 'no address', tags: ['_geoip_lookup_failure'] })
})

it.each<[string, ValueMap, unknown]>([
  ['prune { whitelist_names => ["^a", "tags"] }', { a: 1, ab: 2, b: 3 }, { a: 1, ab: 2 }],
  ['prune { blacklist_names => ["^a$"] }', { a: 1, ab: 2 }, { ab: 2 }],
  ['prune { blacklist_values => { "m" => "^(bad|ugly)$" } }', { m: 'bad', n: 'x' }, { n: 'x' }],
  ['urldecode { field => "u" }', { u: 'a%20b%C3%A9%zz' }, { u: 'a bé%zz' }],
  ['truncate { fields => ["m"] length_bytes => 4 }', { m: 'aéé' }, { m: 'aé' }],
  [
    'cidr { address => ["%{ip}"] network => ["10.0.0.0/8"] add_tag => ["in"] }',
    { ip: '10.1.2.3' },
    { ip: '10.1.2.3', tags: ['in'] },
  ],
  ['cidr { address => ["%{ip}"] network => ["10.0.0.0/8"] add_tag => ["in"] }', { ip: '11.1.2.3' }, { ip: '11.1.2.3' }],
  ['uuid { target => "id" }', {}, { id: 'u-1' }],
  [
    'fingerprint { source => "m" method => "SHA256" target => "f" }',
    { m: 'abc' },
    { m: 'abc', f: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  ],
  ['fingerprint { source => "m" method => "MURMUR3" target => "f" }', { m: 'hello' }, { m: 'hello', f: 613153351 }],
  [
    'fingerprint { source => "m" method => "IPV4_NETWORK" key => 24 target => "f" }',
    { m: '10.1.2.3' },
    { m: '10.1.2.3', f: '10.1.2.0' },
  ],
  [
    'date { match => ["t", "TAI64N"] target => "d" }',
    { t: '@4000000050d506482dbdf024' },
    { t: '@4000000050d506482dbdf024', d: '2012-12-22T01:00:46.767422500Z' },
  ],
  [
    'date { match => ["t", "EEEE, d. MMMM yyyy"] locale => "de" target => "d" }',
    { t: 'Freitag, 1. März 2024' },
    { t: 'Freitag, 1. März 2024', d: '2024-03-01T00:00:00.000Z' },
  ],
  [
    'date { match => ["t", "MMM d HH:mm:ss", "MMM  d HH:mm:ss"] target => "d" }',
    { t: 'Dec  7 01:02:03' },
    { t: 'Dec  7 01:02:03', d: '2025-12-07T01:02:03.000Z' },
  ],
  [
    'date { match => ["t", "hh:mm a dd/MM/yy"] target => "d" }',
    { t: '12:05 AM 01/02/24' },
    { t: '12:05 AM 01/02/24', d: '2024-02-01T00:05:00.000Z' },
  ],
  [
    'date { match => ["t", "yyyy-DDD"] target => "d" }',
    { t: '2024-060' },
    { t: '2024-060', d: '2024-02-29T00:00:00.000Z' },
  ],
  [
    'date { match => ["t", "yyyy-MM-dd"] target => "d" }',
    { t: '2023-02-29' },
    { t: '2023-02-29', tags: ['_dateparsefailure'] },
  ],
])('%s on %j', (filter, fields, expected) => {
  const result = after(filter, fields, { uuid: () => 'u-1' })
  expect(result).toEqual(expected)
})
