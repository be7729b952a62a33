import type { LogRecord } from '@tidewatch/core/log-record.ts'

/**
 * What a line says of its record; `logRecord` of core fills up the rest. Without `timeNs` the time of arrival counts, without a resource that of the
 * connection.
 */
export type ParsedLog = Partial<LogRecord> & Pick<LogRecord, 'body'>

/** Invalid bytes become U+FFFD: a line is never refused for them. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)
