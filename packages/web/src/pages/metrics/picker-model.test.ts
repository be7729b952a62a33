import { expect, it } from 'vitest'
import { foundMetrics, metadataOf, selectorOf, togglePicked } from './picker-model.ts'

const metadata = { api_latency_seconds: [{ type: 'histogram', help: 'How long a request took.', unit: 'seconds' }] }

it('finds metrics by name and description, what begins so first', () => {
  const names = ['node_api_up', 'api_latency_seconds_bucket', 'up']
  expect(foundMetrics(names, metadata, 'api')).toEqual(['api_latency_seconds_bucket', 'node_api_up'])
  expect(foundMetrics(names, metadata, 'request LONG')).toEqual(['api_latency_seconds_bucket'])
  expect(foundMetrics(names, metadata, '')).toHaveLength(3)
  expect(metadataOf('api_latency_seconds_bucket', metadata).type).toBe('histogram')
  expect(metadataOf('up', metadata).help).toBe('')
})

it('writes the selector that was picked', () => {
  expect(selectorOf('up', {})).toBe('up')
  const one = togglePicked({}, 'job', 'a"b')
  expect(selectorOf('up', one)).toBe('up{job="a\\"b"}')
  const two = togglePicked(one, 'job', 'x.y')
  expect(selectorOf('up', two)).toBe('up{job=~"a\\"b|x\\\\.y"}')
  expect(togglePicked(togglePicked(two, 'job', 'x.y'), 'job', 'a"b')).toEqual({})
  expect(selectorOf('http.requests', { 'k8s.pod': ['p'] })).toBe('{"http.requests", "k8s.pod"="p"}')
})
