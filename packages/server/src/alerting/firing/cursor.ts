// Where a page of a list ends: the last item's place in the order, so that what comes and goes before it moves nothing.
import { AppError } from '@tidewatch/core/error.ts'
import { z } from 'zod'

/** Two numbers by which the list is sorted, then what tells equal ones apart. */
export type Place = readonly [number, number, string]

const place = z.tuple([z.number(), z.number(), z.string().max(200)])

export const writeCursor = (at: Place): string => Buffer.from(JSON.stringify(at)).toString('base64url')

/** Throws `http.invalid`. */
export function readCursor(text: string): Place {
  try {
    return place.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
  } catch (cause) {
    throw new AppError('http.invalid', 'the cursor is none of this list.', {
      ...{ where: { key: 'cursor' }, cause },
      fix: 'Take nextCursor of the answer before, or leave it out for the beginning.',
    })
  }
}

export function comparePlaces(a: Place, b: Place): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0)
}
