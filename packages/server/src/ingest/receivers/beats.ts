import { z } from 'zod'
import { defineListener } from '../port.ts'
import { ByteSource, holdersOf } from './beats/byte-source.ts'
import { isLumberjack, LumberjackSession } from './beats/session.ts'
import { openPorts } from './listening/ports.ts'
import { readFrames } from './listening/read-frames.ts'
import { addressOrOff, listenerSettings } from './listening/settings.ts'

const config = z.strictObject({
  tcp: addressOrOff('127.0.0.1:5044'),
  ...listenerSettings('127.0.0.1:5045'),
})

/**
 * Filebeat and its siblings (lumberjack 1 and 2), acknowledged once their events are stored; and JSON lines, which many send to the same port: the
 * first bytes tell which.
 */
export const beats = defineListener({
  kind: 'beats',
  title: 'Beats (lumberjack) or JSON lines (TCP, TLS)',
  config,
  open: (settings, parts) =>
    openPorts('beats', { settings: { ...settings, udp: undefined }, parts }, (port) => ({
      async serve(connection) {
        const newHolder = holdersOf(connection)
        await using source = new ByteSource(connection.chunks, newHolder())
        const first = await source.peek(2)
        if (isLumberjack(first)) {
          await using session = new LumberjackSession(connection, port, newHolder)
          await session.read(source)
          return
        }
        await readFrames(
          { ...connection, hold: newHolder().hold },
          { framing: 'newline', port, chunks: source.rest() },
          (line) => port.batches.line(connection.sender, line),
        )
      },
    })),
})
