// Scrolls, points in time and finished searches without a memory of them: what goes on is written in the token that the caller holds.
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { fault } from './fault.ts'
import { isObject, type JsonObject } from './request.ts'

const maxBytes = 4 << 20

/** A token may travel in a path. */
export function writeToken(kind: string, value: JsonObject): string {
  return deflateRawSync(JSON.stringify({ ...value, kind })).toString('base64url')
}

/** Throws `resource_not_found_exception`-like faults for what is no token of that kind. */
export function readToken(kind: string, token: string): JsonObject {
  try {
    const value: unknown = JSON.parse(
      inflateRawSync(Buffer.from(token, 'base64url'), { maxOutputLength: maxBytes }).toString(),
    )
    if (isObject(value) && value.kind === kind) return value
  } catch {
    // another's id, or one that was cut
  }
  throw fault('illegal_argument_exception', `Cannot parse ${kind} id`)
}
