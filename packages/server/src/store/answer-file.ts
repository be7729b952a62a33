// An answer that the embedded engine wrote to a file: read once, by the thread that asked for it, which has nothing else to do.
import { closeSync, openSync, readSync, unlinkSync } from 'node:fs'

const chunkBytes = 1024 * 1024

/** The file's bytes; it is gone by the first of them. A chunk is valid until the one after the next is asked for. */
export function* readAnswerFile(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    // open it stays readable, and nothing is left behind however this ends
    unlinkSync(path)
    let buffer = new Uint8Array(chunkBytes)
    let other = new Uint8Array(chunkBytes)
    for (;;) {
      const bytes = readSync(file, buffer)
      if (bytes === 0) return
      yield buffer.subarray(0, bytes)
      ;[buffer, other] = [other, buffer]
    }
  } finally {
    closeSync(file)
  }
}
