// Passwords by scrypt (RFC 7914) with the figures OWASP names for 16 MB of memory.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '@tidewatch/core/error.ts'

const scryptAsync = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

const cost = { logN: 14, r: 8, p: 5 } as const
const hashBytes = 32
const saltBytes = 16
/** One takes about 0.2 s of a core: two at once leave the thread pool to others, a few may wait. */
const maxAtOnce = 2
const maxWaiting = 16

export interface Passwords {
  /** `scrypt$14$8$5$salt$hash`. Throws `access.rate_limited` where too many are being worked on. */
  hash(password: string): Promise<string>
  /** Takes as long for a user without a password, or for none at all, as for one with. */
  verify(password: string, hash: string | null): Promise<boolean>
}

export function createPasswords(): Passwords {
  let running = 0
  const waiting: (() => void)[] = []
  const limited = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= maxAtOnce) {
      if (waiting.length >= maxWaiting) {
        throw new AppError('access.rate_limited', 'too many people are signing in at this moment.', {
          fix: 'Try again.',
          retryAfterSeconds: 2,
        })
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
  return {
    hash: (password) => limited(() => hashPassword(password, randomBytes(saltBytes))),
    verify: (password, hash) => limited(() => verifyPassword(password, hash)),
  }
}

async function hashPassword(password: string, salt: Buffer): Promise<string> {
  const { logN, r, p } = cost
  const hash = await derive(password, salt, cost)
  return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const parts = stored === null ? null : /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored)
  if (parts === null) {
    await derive(password, Buffer.alloc(saltBytes), cost)
    return false
  }
  const used = { logN: Number(parts[1]), r: Number(parts[2]), p: Number(parts[3]) }
  const expected = Buffer.from(parts[5] as string, 'base64url')
  const actual = await derive(password, Buffer.from(parts[4] as string, 'base64url'), used)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** NFKC, so that a password typed on another keyboard is the same. */
function derive(
  password: string,
  salt: Buffer,
  { logN, r, p }: { logN: number; r: number; p: number },
): Promise<Buffer> {
  return scryptAsync(password.normalize('NFKC'), salt, hashBytes, { N: 2 ** logN, r, p, maxmem: 64 << 20 })
}
