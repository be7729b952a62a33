import { expect, it } from 'vitest'
import { escalationHeadline } from './headline.ts'

it('counts what nobody has taken, and is quiet where somebody has all', () => {
  const said = (...all: ('open' | 'acknowledged' | 'missed')[]) => escalationHeadline(all.map((status) => ({ status })))
  expect(said('open', 'acknowledged')).toBe('Somebody is being called for 1 group of alerts')
  expect(said('open', 'open', 'missed')).toBe(
    'Somebody is being called for 2 groups of alerts, nobody took 1 group of alerts',
  )
  expect(said('missed', 'missed')).toBe('Nobody took 2 groups of alerts')
  expect(said('acknowledged')).toBeUndefined()
})
