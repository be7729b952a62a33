// Secrets at rest: AES-256-GCM with a key that is in no dump.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import type { Sealer } from './port.ts'

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16
const prefix = 'v1:'
const environmentName = 'TIDEWATCH_SECRET_KEY'

export function createSealer(key: Uint8Array): Sealer {
  return {
    seal(text, place) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return prefix + Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64')
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed.startsWith(prefix) ? sealed.slice(prefix.length) : '', 'base64')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(place))
        decipher.setAuthTag(bytes.subarray(-tagBytes))
        return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
      } catch (error) {
        throw new AppError(
          'state.secret_key',
          `the secret of ${place} cannot be opened with this installation's key.`,
          {
            fix: `Start with the key it was sealed with (the file secret.key, or ${environmentName}), or set the secret anew.`,
            cause: error,
          },
        )
      }
    },
    derive: (purpose) => createHmac('sha256', key).update(`tidewatch:${purpose}`).digest(),
  }
}

/**
 * The key of this installation: from the environment (64 hex digits or 44 characters of base64), else from `secret.key` in the data directory,
 * which is made at the first start. Several processes on one Postgres need the same. Throws `state.secret_key`.
 */
export function loadSecretKey(options: {
  readonly dataDir: string
  readonly env: Readonly<Record<string, string | undefined>>
}): Uint8Array {
  const given = options.env[environmentName]
  if (given !== undefined && given !== '') return parseKey(given, environmentName)
  const file = join(options.dataDir, 'secret.key')
  const made = makeKeyFile(file)
  if (made !== undefined) return made
  const mode = statSync(file).mode & 0o777
  if ((mode & 0o077) !== 0) chmodSync(file, 0o600)
  return parseKey(readFileSync(file, 'utf8').trim(), file)
}

function parseKey(text: string, where: string): Uint8Array {
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (key.length === keyBytes) return key
  throw new AppError('state.secret_key', `${where} is not a key of ${keyBytes} bytes.`, {
    where: { key: where },
    fix: 'Give 64 hex digits: openssl rand -hex 32',
  })
}

/** Undefined where there is one already. */
function makeKeyFile(file: string): Uint8Array | undefined {
  const key = randomBytes(keyBytes)
  let handle: number
  try {
    handle = openSync(file, 'wx', 0o600)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined
    throw new AppError('state.secret_key', `the key file ${file} cannot be made.`, {
      where: { file },
      fix: `Make its directory writable, or give the key by ${environmentName}.`,
      cause: error,
    })
  }
  try {
    writeSync(handle, `${key.toString('hex')}\n`)
    // a key that is lost in a power cut takes all secrets with it
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  return key
}
