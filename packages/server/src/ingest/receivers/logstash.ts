import { z } from 'zod'
import { defineListener } from '../port.ts'
import { type LineProtocol, openPorts, type Port } from './listening/ports.ts'
import { readFrames } from './listening/read-frames.ts'
import { addressOrOff, listenerSettings } from './listening/settings.ts'

const lineFeed = 10
const carriageReturn = 13

const config = z.strictObject({
  tcp: addressOrOff('127.0.0.1:5000'),
  udp: addressOrOff('127.0.0.1:5000'),
  ...listenerSettings('127.0.0.1:5001'),
})

/** JSON lines as Logstash's tcp and udp inputs take them (codecs json and json_lines): a line that is no JSON object is kept as a message. */
export const logstash = defineListener({
  kind: 'logstash',
  title: 'JSON lines as for Logstash (TCP, UDP)',
  config,
  open: (settings, parts) => openPorts('logstash', { settings, parts }, jsonLines),
})

export function jsonLines(port: Port): LineProtocol {
  const { batches } = port
  return {
    serve: (connection) =>
      readFrames(connection, { framing: 'newline', port }, (line) => batches.line(connection.sender, line)),
    packet(sender, packet) {
      for (let from = 0; from < packet.length; ) {
        const found = packet.indexOf(lineFeed, from)
        const end = found < 0 ? packet.length : found
        const to = end > from && packet[end - 1] === carriageReturn ? end - 1 : end
        if (to > from) batches.line(sender, packet.subarray(from, to))
        from = end + 1
      }
    },
  }
}
