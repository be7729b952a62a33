import { expect, test } from 'vitest'
import { createPasswords } from './password.ts'

test('a password is verified by its hash, however it was typed, and a wrong one is not', async () => {
  const passwords = createPasswords()
  const hash = await passwords.hash('Zoë likes tides')
  expect(hash).toMatch(/^scrypt\$14\$8\$5\$[\w-]{22}\$[\w-]{43}$/)
  expect(await passwords.verify('Zoe\u0308 likes tides', hash)).toBe(true)
  expect(await passwords.verify('Zoe likes tides', hash)).toBe(false)
  expect(await passwords.verify('', null)).toBe(false)
  expect(await passwords.verify('x', 'not a hash')).toBe(false)
  expect(await passwords.hash('Zoë likes tides')).not.toBe(hash)
})

test('many at once wait in a bounded line', async () => {
  const passwords = createPasswords()
  const results = await Promise.allSettled(Array.from({ length: 30 }, () => passwords.verify('x', null)))
  const refused = results.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(12)
  expect(refused[0]).toMatchObject({ reason: { code: 'access.rate_limited', retryAfterSeconds: 2 } })
  expect(await passwords.verify('x', null)).toBe(false)
})
