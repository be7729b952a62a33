import { expect, it } from 'vitest'
import { deployMarks, deployTitle } from './deploy-model.ts'

const deploy = {
  id: 'a',
  service: 'shop',
  release: '1.1',
  environment: 'live',
  atMs: 150,
  source: 'lines',
  by: '',
} as const

it('says which release of what began where', () => {
  expect(deployTitle(deploy)).toBe('shop 1.1 in live')
  expect(deployTitle({ ...deploy, environment: '' })).toBe('shop 1.1')
})

it('puts those of the span where they belong', () => {
  const all = [
    { ...deploy, id: 'late', atMs: 200 },
    deploy,
    { ...deploy, id: 'first', atMs: 100 },
    { ...deploy, atMs: 99 },
  ]
  expect(deployMarks(all, { startMs: 100, endMs: 200 }).map(({ deploy: { id }, share }) => [id, share])).toEqual([
    ['first', 0],
    ['a', 0.5],
  ])
})
