import { isTimeZone } from '@tidewatch/core/time-zone.ts'
import { z } from 'zod'
import { defineListener } from '../port.ts'
import { openPorts } from './listening/ports.ts'
import { readFrames } from './listening/read-frames.ts'
import { addressOrOff, listenerSettings } from './listening/settings.ts'
import { syslogReader } from './syslog/record.ts'

const config = z.strictObject({
  udp: addressOrOff('127.0.0.1:514'),
  tcp: addressOrOff('127.0.0.1:514'),
  ...listenerSettings('127.0.0.1:6514'),
  /** Of a connection: each message may begin with its length (RFC 6587), or end with a line feed or NUL. */
  framing: z.enum(['mixed', 'newline', 'nul', 'octet-counting']).default('mixed'),
  /** Where times are from that name no zone. */
  zone: z.string().refine(isTimeZone, 'not a time zone. Write one such as Europe/Stockholm').default('UTC'),
})

/** Syslog of RFC 3164 and 5424, and as it is met in the wild, over UDP, TCP and TLS. */
export const syslog = defineListener({
  kind: 'syslog',
  title: 'Syslog (UDP, TCP, TLS)',
  config,
  open: (settings, parts) =>
    openPorts('syslog', { settings, parts }, (port) => {
      const read = syslogReader(port, settings.zone)
      const { framing } = settings
      return {
        serve: (connection) => readFrames(connection, { framing, port }, (frame) => read(connection.sender, frame)),
        packet: read,
      }
    }),
})
