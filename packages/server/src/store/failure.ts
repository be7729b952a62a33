import { AppError } from '@tidewatch/core/error.ts'
import { StoreException } from './exception.ts'

/**
 * Whose fault a failed statement is.
 * `state`: the store's or the way to it: the same will work later. `memory`: it was too much at once. `partitions`: an insert over too
 * many of them. `content`: the rows themselves. `unknown`: not to be told from the code.
 */
export type FailureKind = 'state' | 'memory' | 'partitions' | 'content' | 'unknown'

// Source: ClickHouse, src/Common/ErrorCodes.cpp
const codes = {
  /** UNKNOWN_TABLE, UNKNOWN_DATABASE, files, sockets, quorum, read-only, no space, Keeper, cancelled, sign-in. */
  state: [
    60, 74, 75, 76, 81, 107, 164, 173, 198, 202, 203, 209, 210, 218, 225, 236, 242, 243, 252, 254, 255, 279, 285, 286,
    289, 307, 319, 373, 394, 425, 439, 473, 497, 516, 571, 598, 606, 668, 692, 735, 999, 1000,
  ],
  /** CANNOT_PARSE, ATTEMPT_TO_READ_AFTER_EOF, CANNOT_READ_ALL_DATA, sizes, types, INCORRECT_DATA, TOO_LARGE, constraints. */
  content: [
    2, 6, 7, 9, 17, 25, 26, 27, 32, 33, 34, 35, 36, 38, 41, 43, 53, 69, 70, 72, 117, 128, 130, 131, 153, 190, 246, 321,
    349, 407, 432, 441, 467, 469,
  ],
  timeout: [159, 160],
  rows: [158, 396],
  memory: [241],
} as const

const tooManyPartitions = /too many partitions/i
/** Where the bytes of an insert are read as blocks: any failure there that is not the state's is theirs (a type's name that is no type, say). */
const readingRows = /While executing Native/

/** The store's own number for a failure, where it gave one. */
export function clickhouseCode(error: AppError): number | undefined {
  return error.cause instanceof StoreException ? error.cause.code : undefined
}

export function failureKind(error: AppError): FailureKind {
  const code = clickhouseCode(error)
  if (code === undefined) return error.code === 'store.refused' || error.code === 'internal.bug' ? 'unknown' : 'state'
  if (code === 252 && tooManyPartitions.test(error.message)) return 'partitions'
  if (has(codes.memory, code)) return 'memory'
  if (has(codes.state, code) || has(codes.timeout, code)) return 'state'
  return has(codes.content, code) || readingRows.test(error.message) ? 'content' : 'unknown'
}

const has = (list: readonly number[], code: number): boolean => list.includes(code)

/** Anything a statement failed with, as an AppError whose cause keeps the store's code. `place` names the store without credentials. */
export function storeError(caught: unknown, place: string): AppError {
  if (caught instanceof AppError) return caught
  if (!(caught instanceof StoreException)) {
    const why = caught instanceof Error ? caught.message : String(caught)
    return new AppError('store.unavailable', `The store at ${place} does not answer: ${why}`, {
      fix: 'Nothing that was acknowledged is lost; look at the state of the store',
      retryAfterSeconds: 2,
      cause: caught,
    })
  }
  const { code } = caught
  const text = caught.message.trim().slice(0, 2000)
  const detail = { cause: caught }
  if (has(codes.memory, code)) {
    const fix = 'Ask for fewer series or a shorter time, or give the store more memory'
    return new AppError('store.limit', `The store needs more memory for this than it may take: ${text}`, {
      fix,
      ...detail,
    })
  }
  if (has(codes.timeout, code) || has(codes.rows, code)) {
    return new AppError('store.limit', `The store stopped at a limit: ${text}`, {
      fix: 'Ask for fewer series or a shorter time',
      ...detail,
    })
  }
  if (has(codes.state, code) && !tooManyPartitions.test(text)) {
    return new AppError('store.unavailable', `The store at ${place} cannot do this now: ${text}`, {
      retryAfterSeconds: 2,
      ...detail,
    })
  }
  return new AppError('store.refused', `The store refused a statement (code ${code}): ${text}`, detail)
}
