import { expect, it } from 'vitest'
import { textLines } from './log-stream.ts'

/** A body in pieces of so many bytes. */
function bodyOf(text: string, pieceBytes: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += pieceBytes) controller.enqueue(bytes.slice(at, at + pieceBytes))
      controller.close()
    },
  })
}

it.each([1, 2, 3, 7, 1000])('gives the lines of a body whose pieces have %i bytes', async (pieceBytes) => {
  const lines: string[] = []
  for await (const line of textLines(bodyOf('{"a":"ü🙂"}\n\n{"b":2}\n{"c":3}', pieceBytes))) lines.push(line)
  expect(lines).toEqual(['{"a":"ü🙂"}', '{"b":2}', '{"c":3}'])
})

it('ends the body when nobody listens any more', async () => {
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('line\n')),
    cancel() {
      isCancelled = true
    },
  })
  for await (const line of textLines(body)) {
    expect(line).toBe('line')
    break
  }
  expect(isCancelled).toBe(true)
})
