// The token of an acknowledge link and of a chat button: says which group as of when, signed by this installation. It can do nothing else.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '@tidewatch/core/error.ts'

/** How long a link of a message works; a message that repeats brings a new one. */
export const linkLifeMs = 72 * 3_600_000
/** Clocks of several processes may differ by so much. */
const toleranceMs = 60_000

const version = 1
const groupBytes = 12
const macBytes = 12
const headBytes = 5
/** Short enough for a text message, and for the 64 bytes of a button in Telegram. */
const longestName = 48

export interface AcknowledgeLink {
  /** Of the group: keys are long, links are not. */
  readonly groupHash: string
  /** Whom it was sent to; undefined in a message to many. */
  readonly person: string | undefined
  /** Alerts that began later were not in the message. */
  readonly issuedAtMs: number
}

export interface AcknowledgeTokens {
  /** `person`: whom alone the message reaches. */
  issue(groupKey: string, nowMs: number, person?: string): string
  /** Throws `access.link_expired` for one that is forged, damaged or too old. */
  read(token: string, nowMs: number): AcknowledgeLink
}

export function createAcknowledgeTokens(key: Uint8Array): AcknowledgeTokens {
  const macOf = (payload: Uint8Array): Buffer =>
    createHmac('sha256', key).update(payload).digest().subarray(0, macBytes)
  return {
    issue(groupKey, nowMs, person = '') {
      const head = Buffer.alloc(headBytes)
      head.writeUInt8(version, 0)
      // up: what was told at this moment began before
      head.writeUInt32BE(Math.ceil(nowMs / 1000), 1)
      const name = Buffer.from(person).subarray(0, longestName)
      const payload = Buffer.concat([head, hashOf(groupKey), name])
      return Buffer.concat([payload, macOf(payload)]).toString('base64url')
    },
    read(token, nowMs) {
      const bytes = /^[\w-]{30,200}$/.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(0)
      const least = headBytes + groupBytes + macBytes
      if (bytes.length < least || bytes.readUInt8(0) !== version) throw forged()
      const payload = bytes.subarray(0, -macBytes)
      if (!timingSafeEqual(macOf(payload), bytes.subarray(-macBytes))) throw forged()
      const issuedAtMs = payload.readUInt32BE(1) * 1000
      if (nowMs - issuedAtMs > linkLifeMs || issuedAtMs - nowMs > toleranceMs) throw expired()
      const person = payload.subarray(headBytes + groupBytes).toString()
      const groupHash = payload.subarray(headBytes, headBytes + groupBytes).toString('hex')
      return { groupHash, person: person === '' ? undefined : person, issuedAtMs }
    },
  }
}

const hashOf = (groupKey: string): Buffer => createHash('sha256').update(groupKey).digest().subarray(0, groupBytes)

/** What a link says in place of a group's key. */
export const groupHashOf = (groupKey: string): string => hashOf(groupKey).toString('hex')

const forged = (): AppError =>
  new AppError('access.link_expired', 'this link was not made by this server, or was cut.', {
    fix: 'Open the link of the message as it is, or sign in and take the alert on the page.',
  })

const expired = (): AppError =>
  new AppError('access.link_expired', 'this link is too old.', {
    fix: 'Take the newest message, or sign in and take the alert on the page.',
  })
