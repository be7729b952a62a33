/** What kind of failure it is; `http/error-answer.ts` alone turns a kind into a status. */
export type ErrorKind = 'bad_input' | 'denied' | 'not_found' | 'conflict' | 'limit' | 'unavailable' | 'bug'

interface ErrorCodeEntry {
  readonly kind: ErrorKind
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean
}

/** Every stable error code; each has a section in docs/errors.md. A retired code is never used again. */
export const errorCodes = {
  'internal.bug': { kind: 'bug', retryable: false },
  'internal.stopping': { kind: 'unavailable', retryable: true },
  'internal.cancelled': { kind: 'unavailable', retryable: true },

  'config.invalid': { kind: 'bad_input', retryable: false },
  'config.unreadable': { kind: 'bad_input', retryable: false },

  'data_dir.locked': { kind: 'conflict', retryable: true },
  'data_dir.newer': { kind: 'conflict', retryable: false },
  'data_dir.read_only': { kind: 'denied', retryable: false },
  'data_dir.full': { kind: 'limit', retryable: true },
  'data_dir.damaged': { kind: 'unavailable', retryable: false },

  'http.not_found': { kind: 'not_found', retryable: false },
  'http.method': { kind: 'bad_input', retryable: false },
  'http.invalid': { kind: 'bad_input', retryable: false },
  'http.body_too_large': { kind: 'limit', retryable: false },
  'http.inflated_too_large': { kind: 'limit', retryable: false },
  'http.bad_encoding': { kind: 'bad_input', retryable: false },
  'http.unknown_encoding': { kind: 'bad_input', retryable: false },
  'http.media_type': { kind: 'bad_input', retryable: false },
  'http.malformed': { kind: 'bad_input', retryable: false },
  'http.headers_too_large': { kind: 'limit', retryable: false },
  'http.too_slow': { kind: 'bad_input', retryable: true },
  'http.busy': { kind: 'limit', retryable: true },
  'http.timeout': { kind: 'unavailable', retryable: true },
  'http.cannot_listen': { kind: 'unavailable', retryable: false },
  'http.bad_certificate': { kind: 'bad_input', retryable: false },
  'http.bad_host': { kind: 'denied', retryable: false },
  'http.bad_origin': { kind: 'denied', retryable: false },

  'access.signed_out': { kind: 'denied', retryable: false },
  'access.bad_credentials': { kind: 'denied', retryable: false },
  'access.link_expired': { kind: 'denied', retryable: false },
  'access.denied': { kind: 'denied', retryable: false },
  'access.rate_limited': { kind: 'limit', retryable: true },

  'ingest.bad_body': { kind: 'bad_input', retryable: false },
  'ingest.bad_label': { kind: 'bad_input', retryable: false },
  'ingest.too_many_labels': { kind: 'bad_input', retryable: false },
  'ingest.label_too_long': { kind: 'bad_input', retryable: false },
  'ingest.bad_histogram': { kind: 'bad_input', retryable: false },
  'ingest.bad_point': { kind: 'bad_input', retryable: false },
  'ingest.missing_parameter': { kind: 'bad_input', retryable: false },
  'ingest.unknown_action': { kind: 'bad_input', retryable: false },
  'ingest.bad_time': { kind: 'bad_input', retryable: false },
  'ingest.too_many_series': { kind: 'limit', retryable: true },

  'collect.bad_exposition': { kind: 'bad_input', retryable: true },
  'collect.bad_answer': { kind: 'unavailable', retryable: true },
  'collect.unreachable': { kind: 'unavailable', retryable: true },
  'collect.timeout': { kind: 'unavailable', retryable: true },
  'collect.limit': { kind: 'limit', retryable: true },

  'spool.full': { kind: 'limit', retryable: true },
  'spool.disk_full': { kind: 'limit', retryable: true },
  'spool.frame_too_large': { kind: 'limit', retryable: false },
  'spool.write_failed': { kind: 'unavailable', retryable: true },

  'store.platform': { kind: 'unavailable', retryable: false },
  'store.unavailable': { kind: 'unavailable', retryable: true },
  'store.refused': { kind: 'bug', retryable: false },
  'store.limit': { kind: 'limit', retryable: false },

  'state.unavailable': { kind: 'unavailable', retryable: true },
  'state.secret_key': { kind: 'denied', retryable: false },
  'state.bad_dump': { kind: 'bad_input', retryable: false },
  'state.conflict': { kind: 'conflict', retryable: false },
  'state.not_found': { kind: 'not_found', retryable: false },

  'archive.unavailable': { kind: 'unavailable', retryable: true },
  'archive.changed': { kind: 'unavailable', retryable: true },
  'archive.damaged': { kind: 'unavailable', retryable: false },

  'query.parse': { kind: 'bad_input', retryable: false },
  'query.execution': { kind: 'bad_input', retryable: false },
  'query.timeout': { kind: 'unavailable', retryable: true },
  'query.cancelled': { kind: 'unavailable', retryable: true },
  'query.limit': { kind: 'limit', retryable: false },
  'query.busy': { kind: 'unavailable', retryable: true },

  'template.parse': { kind: 'bad_input', retryable: false },
  'template.execute': { kind: 'bad_input', retryable: false },
  'template.limit': { kind: 'limit', retryable: false },

  'rules.invalid': { kind: 'bad_input', retryable: false },

  'alerts.bad_matcher': { kind: 'bad_input', retryable: false },
  'alerts.bad_silence': { kind: 'bad_input', retryable: false },
  'notify.failed': { kind: 'unavailable', retryable: true },
} as const satisfies Record<string, ErrorCodeEntry>

export type ErrorCode = keyof typeof errorCodes
