import { z } from 'zod'
import { defineListener } from '../port.ts'
import { GelfReader } from './gelf/reader.ts'
import { openPorts } from './listening/ports.ts'
import { readFrames } from './listening/read-frames.ts'
import { addressOrOff, listenerSettings } from './listening/settings.ts'

const config = z.strictObject({
  udp: addressOrOff('127.0.0.1:12201'),
  tcp: addressOrOff('127.0.0.1:12201'),
  ...listenerSettings('127.0.0.1:12202'),
})

/** Graylog's format: over UDP in pieces and compressed, over TCP and TLS with a NUL behind each message. */
export const gelf = defineListener({
  kind: 'gelf',
  title: 'GELF (UDP, TCP)',
  config,
  open: (settings, parts) =>
    openPorts('gelf', { settings, parts }, (port) => {
      const reader = new GelfReader(port)
      return {
        serve: (connection) =>
          readFrames(connection, { framing: 'nul', port }, (frame) => reader.message(connection.sender, frame)),
        packet: (sender, packet) => reader.packet(sender, packet),
      }
    }),
})
