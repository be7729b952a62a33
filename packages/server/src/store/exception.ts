// What ClickHouse says of a statement that failed, as text: in an answer's body, or at the end of an answer that began well.

/** `message` is the innermost sentence, without code and kind. */
export class StoreException extends Error {
  override readonly name = 'StoreException'
  /** https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp */
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** `TIMEOUT_EXCEEDED`, not `official build`: where the sentence ends. */
const kindPattern = /\((?:[A-Z]+_)*[A-Z]{3,}[A-Z0-9_]*\)/
const marker = 'Exception: '

/**
 * `Code: 159. DB::Exception: sentence. (TIMEOUT_EXCEEDED) (version 26.7 (official build))`. A cluster wraps the exception of a member into
 * its own, in the same words: the last sentence says what happened. Undefined where the text is something else (a proxy's page).
 */
export function readException(text: string): StoreException | undefined {
  const code = /Code: (\d+)/.exec(text)?.[1]
  const begin = text.lastIndexOf(marker)
  if (code === undefined || begin === -1) return undefined
  const sentence = text.slice(begin + marker.length)
  const kind = kindPattern.exec(sentence)
  return new StoreException(Number(code), sentence.slice(0, kind?.index).trim())
}

/** An exception in the middle of an answer ends it: at most so much text. */
export const exceptionBytes = 16 * 1024

/** What the last bytes of an answer say went wrong after its status had said that all was well. */
export function exceptionAtEnd(tail: Buffer): StoreException | undefined {
  const bytes = tail.subarray(-exceptionBytes)
  if (!bytes.includes('__exception__') && bytes.subarray(0, 6).toString('latin1') !== 'Code: ') return undefined
  return readException(bytes.toString('utf8'))
}
