import type { TelemetryTable } from '../port.ts'

/** Columns of what ties lines to other signals that have few distinct values, by which much is grouped. */
const repeated = ['service', 'environment', 'release'] as const
/** Those with many, each found by a bloom filter. */
const ids = ['trace_id', 'span_id', 'request_id', 'session_id', 'user', 'wallet', 'contract', 'tx'] as const

/** Lines are counted by minute and these, beside the lines themselves. */
export const logMinuteColumns = ['project', 'service', 'environment', 'severity'] as const
export const minuteNs = 60_000_000_000n
/** The minute of a line, since 1970, as the counts have it: said in other words the engine does not know it again. */
export const logMinute = `intDiv(time_ns, ${minuteNs})`
const minuteKeys = [...logMinuteColumns, logMinute].join(', ')

/** By what they are for: words of bodies, names of attributes, values of what lines are found by. */
export const logIndexes = {
  words: ['body_words'],
  names: ['attribute_names'],
  ids: ids.map((name) => `${name}_bloom`),
} as const satisfies Readonly<Record<string, readonly string[]>>

/** All texts of a line but its body. */
const others = `concat(severity_text, ' ', ${[...repeated, ...ids].join(", ' ', ")}, ' ', arrayStringConcat(mapValues(attributes), ' '), ' ', arrayStringConcat(mapValues(resource), ' '))`
const overlong = (text: string): string => `(length(${text}) >= 256 AND match(${text}, '[0-9A-Za-z_.:,;\\']{256}'))`
/** Where one of these is in a text, the words of it differ from those that patterns for ASCII find: other scripts, words that are cut for their length; for the body, `1,234`, which the index cuts. */
const isPlain = `NOT match(body, '[^\\\\x00-\\\\x7f]|[0-9][,;][0-9]') AND NOT ${overlong('body')} AND isValidASCII(${others}) AND NOT ${overlong(others)}`

/**
 * One row a line, in order of arrival where that is the order of time: lines of one trace lie together, the newest are read first, and `seq`
 * hardly takes room (ADR 027). Plain MergeTree: two equal lines are two lines, and what a sender repeats is known before it is stored.
 *
 * The index knows the words of the body in lower case by the rules of UAX #29 for ASCII; each other character is a word by itself. `is_plain`
 * says that they are exactly the words that searches mean, so that these are answered from the index alone, and that all other texts of the line
 * are ASCII too. Times are read by nearly all queries: Delta and LZ4 take half the time of DoubleDelta and ZSTD (54 instead of 118 ms for 5 M) for a
 * byte a line more.
 */
export const logsTable: TelemetryTable = {
  name: 'logs',
  incoming: [
    { name: 'project', type: 'UInt32' },
    { name: 'keep_days', type: 'UInt16' },
    { name: 'time_ns', type: 'UInt64' },
    { name: 'seq', type: 'UInt64' },
    { name: 'severity', type: 'UInt8' },
    { name: 'severity_text', type: 'String' },
    { name: 'body', type: 'String' },
    ...[...repeated, ...ids].map((name) => ({ name, type: 'String' })),
    { name: 'resource', type: 'Map(String, String)' },
    { name: 'attributes', type: 'Map(String, String)' },
    { name: 'kinds', type: 'String' },
    { name: 'spelling', type: 'String' },
  ],
  columns: [
    ...['project', 'keep_days', 'seq', 'severity', 'severity_text', 'body', ...repeated, ...ids].map((name) => ({
      name,
      from: name,
    })),
    { name: 'time_ns', from: 'toInt64(time_ns)' },
    { name: 'is_plain', from: isPlain },
    ...['resource', 'attributes', 'kinds', 'spelling'].map((name) => ({ name, from: name })),
  ],
  partition: 'intDiv(time_ns, 86400000000000) * 65536 + keep_days',
  // a merge costs as much as an insert: half as many parts to begin with
  insertBytes: 32 * 2 ** 20,
  retained: true,
  signal: 'logs',
  migrations: [
    {
      version: 1,
      render: (target) =>
        target.createTable({
          name: 'logs',
          columns: [
            'project UInt32 CODEC(ZSTD(1))',
            'keep_days UInt16 CODEC(ZSTD(1))',
            'time_ns Int64 CODEC(Delta(8), LZ4)',
            'seq UInt64 CODEC(DoubleDelta, ZSTD(1))',
            'severity UInt8 CODEC(ZSTD(1))',
            'severity_text LowCardinality(String) CODEC(ZSTD(1))',
            'body String CODEC(ZSTD(1))',
            'is_plain UInt8 CODEC(ZSTD(1))',
            ...repeated.map((name) => `${name} LowCardinality(String) CODEC(ZSTD(1))`),
            ...ids.map((name) => `${name} String CODEC(ZSTD(1))`),
            'resource Map(LowCardinality(String), String) CODEC(ZSTD(1))',
            'attributes Map(LowCardinality(String), String) CODEC(ZSTD(1))',
            'kinds LowCardinality(String) CODEC(ZSTD(1))',
            'spelling LowCardinality(String) CODEC(ZSTD(1))',
            // letters that the engine would make two of, or look around at, first: as lowerOf in logs/words.ts
            "INDEX body_words body TYPE text(tokenizer = asciiCJK, preprocessor = lowerUTF8(translateUTF8(body, 'İΣ', 'iσ')), posting_list_codec = 'bitpacking')",
            "INDEX attribute_names mapKeys(attributes) TYPE text(tokenizer = 'array', posting_list_codec = 'bitpacking')",
            ...ids.map((name) => `INDEX ${name}_bloom lower(${name}) TYPE bloom_filter(0.01) GRANULARITY 1`),
            `PROJECTION minutes (SELECT ${minuteKeys}, count() GROUP BY ${minuteKeys})`,
          ],
          engine: 'MergeTree',
          partitionBy: "(toYYYYMMDD(fromUnixTimestamp64Nano(time_ns, 'UTC')), keep_days)",
          primaryKey: 'project, time_ns',
          orderBy: 'project, time_ns, seq',
          // a day that nobody writes to any more becomes one part: less to ask for each search, and smaller
          settings: [
            ...['min_age_to_force_merge_seconds = 600', 'min_age_to_force_merge_on_partition_only = 1'],
            // lines that are taken out are taken out of the counts too
            "lightweight_mutation_projection_mode = 'rebuild'",
          ],
        }),
    },
  ],
}
