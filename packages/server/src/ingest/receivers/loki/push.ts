// What a push is made of, put into a request: shared by both forms of it. The loops go once a line (bench/src/ingest-logs.ts).
import { AppError } from '@tidewatch/core/error.ts'
import { type LokiStream, streamOf } from './stream.ts'

/** Streams that were left out, and why the first was. */
export class RefusedStreams {
  count = 0
  first: AppError | undefined

  add(error: AppError): void {
    this.count++
    this.first ??= error
  }
}

/** The stream that labels make; undefined where they are refused, which is noted. Throws what is no refusal. */
export function streamOrRefusal(
  read: () => ReadonlyMap<string, string>,
  refused: RefusedStreams,
): LokiStream | undefined {
  try {
    return streamOf(read())
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    refused.add(error)
    return undefined
  }
}
