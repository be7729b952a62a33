import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { describe, expect, test } from 'vitest'
import { Attempts } from './attempts.ts'

const isRefused = (attempts: Attempts, address: string, name: string): boolean => {
  try {
    attempts.check(address, name)
    return false
  } catch {
    return true
  }
}

describe('attempts to sign in', () => {
  test('are refused after eight failures for one name from one address, for 15 minutes', async () => {
    const clock = new FakeClock()
    const attempts = new Attempts(clock)
    for (let i = 0; i < 8; i++) {
      expect(isRefused(attempts, '192.0.2.1', 'ada')).toBe(false)
      attempts.failed('192.0.2.1', 'ada')
    }
    expect(isRefused(attempts, '192.0.2.1', 'ada')).toBe(true)
    expect(isRefused(attempts, '192.0.2.1', 'bob')).toBe(false)
    expect(isRefused(attempts, '192.0.2.2', 'ada')).toBe(false)
    await clock.advance(15 * 60_000)
    expect(isRefused(attempts, '192.0.2.1', 'ada')).toBe(false)
  })

  test('are refused for one address that tries many names, a whole IPv6 network being one', () => {
    const attempts = new Attempts(new FakeClock())
    for (let i = 0; i < 50; i++) attempts.failed(`2001:db8:1:2::${i}`, `name${i}`)
    expect(isRefused(attempts, '2001:db8:1:2:ffff::1', 'ada')).toBe(true)
    expect(isRefused(attempts, '2001:db8:1:3::1', 'ada')).toBe(false)
    expect(isRefused(attempts, '::ffff:192.0.2.1', 'ada')).toBe(false)
  })

  test('that succeed do not count', () => {
    const attempts = new Attempts(new FakeClock())
    for (let i = 0; i < 200; i++) {
      expect(isRefused(attempts, '192.0.2.1', 'ada')).toBe(false)
      attempts.failed('192.0.2.1', 'ada')
      attempts.succeeded('192.0.2.1', 'ada')
    }
  })

  test('take bounded memory, and who tries most is not forgotten', () => {
    const attempts = new Attempts(new FakeClock())
    for (let i = 0; i < 30_000; i++) {
      attempts.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 'x')
      if (i % 100 === 0) attempts.failed('192.0.2.1', 'ada')
    }
    expect(attempts.size).toBeLessThanOrEqual(10_000)
    expect(isRefused(attempts, '192.0.2.1', 'ada')).toBe(true)
  })
})
