import { expect, it } from 'vitest'
import { unitOfBuckets, unitOfQuery } from './unit-of-query.ts'

it.each([
  ['up', 'number'],
  ['process_resident_memory_bytes', 'bytes'],
  ['sum by (device) (rate(node_network_receive_bytes_total{device!="lo"}[5m]))', 'bytes/s'],
  ['sum(rate(http_requests_total[5m])) by (route)', '/s'],
  ['histogram_quantile(0.95, sum by (le) (rate(api_latency_seconds_bucket{a="x / y"}[5m])))', 'seconds'],
  ['rate(process_cpu_seconds_total[1m])', 'ratio'],
  ['count(node_memory_bytes)', 'number'],
  ['errors_total / requests_total', 'number'],
  ['time() - node_boot_time_seconds', 'seconds'],
  ['cache_hit_ratio', 'ratio'],
  ['go_memstats_alloc_bytes > bool 5', 'number'],
  ['{__name__="x"}', 'number'],
  ['', 'number'],
])('reads the unit of %s as %s', (query, unit) => {
  expect(unitOfQuery(query)).toBe(unit)
})

it('knows what lies between the bounds of buckets', () => {
  expect(unitOfBuckets('sum by (le) (rate(api_latency_seconds_bucket{job="a"}[5m]))')).toBe('seconds')
  expect(unitOfBuckets('rate(body_bytes[5m])')).toBe('bytes')
  expect(unitOfBuckets('vector(1)')).toBe('number')
})
