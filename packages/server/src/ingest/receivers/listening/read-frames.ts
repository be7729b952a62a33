// A connection whose lines or messages end with a sign, or begin with their length. Called once a chunk.
import { AppError } from '@tidewatch/core/error.ts'
import { SyslogFrameDecoder, type SyslogFraming } from '@tidewatch/log-formats/syslog/frames.ts'
import type { Port } from './ports.ts'
import type { StreamConnection } from './stream-server.ts'

/** Hands on each frame (valid until `take` returns); the last one need not have an end. Throws `ingest.bad_body` where the frames cannot be told any more. */
export async function readFrames(
  connection: StreamConnection,
  {
    framing,
    port,
    chunks = connection.chunks,
  }: { readonly framing: SyslogFraming; readonly port: Port; readonly chunks?: AsyncIterable<Uint8Array> },
  take: (frame: Uint8Array) => void,
): Promise<void> {
  const { max_line_bytes: maxFrameBytes } = port.settings
  const decoder = new SyslogFrameDecoder({ framing, maxFrameBytes })
  let heldBytes = 0
  let hasFrames = false
  const onFrame = (frame: Uint8Array): void => {
    hasFrames = true
    take(frame)
  }
  const check = (fault: string | undefined): void => {
    const { counters } = port
    counters.lose('cut_line', decoder.cutLines, 'a line is longer than max_line_bytes and was cut', {
      from: connection.sender.address,
    })
    decoder.cutLines = 0
    if (fault === undefined) return
    if (fault === 'frame cut off') counters.lose('incomplete', 1, 'a message was not whole when its connection ended')
    throw new AppError('ingest.bad_body', `${fault}: ${explained[fault] ?? ''}`, {
      fix: 'See the framing of the sender.',
    })
  }
  for await (const chunk of chunks) {
    hasFrames = false
    check(decoder.push(chunk, onFrame))
    heldBytes = Math.min(chunk.length + (hasFrames ? 0 : heldBytes), maxFrameBytes + chunk.length)
    connection.hold(heldBytes)
  }
  check(decoder.finish(onFrame))
  connection.hold(0)
}

const explained: Readonly<Record<string, string>> = {
  'frame cut off': 'the connection ended before the message was as long as was said before it.',
  'frame too long': 'the length before a message is beyond max_line_bytes.',
  'frame without a length': 'a message does not begin with its length.',
}
