// The inputs of a file: described, so that whoever runs the pipeline can open them.

import type { Place } from './ast.ts'
import { type Codec, type CodecContext, compileCodec } from './codecs.ts'
import { addFields } from './common-options.ts'
import type { PluginConfig } from './config.ts'
import type { LogEvent } from './event.ts'
import { fieldPath } from './field-path.ts'
import { Settings } from './settings.ts'

export type InputKind = 'beats' | 'file' | 'generator' | 'http' | 'stdin' | 'syslog' | 'tcp' | 'udp'

export interface InputDescription {
  readonly kind: InputKind
  readonly place: Place
  /** The setting `id`; '' where there is none. */
  readonly id: string
  /** Where it listens; undefined for those that do not. */
  readonly listen: { readonly host: string; readonly port: number } | undefined
  readonly codec: Codec
  /** The other settings, as texts. */
  readonly settings: ReadonlyMap<string, readonly string[]>
  /** Puts `type`, `tags` and `add_field` of the input onto an event that came in. */
  decorate(event: LogEvent): void
}

interface InputForm {
  readonly kind: InputKind
  /** The usual port, 0 where it has to be given; undefined where it listens to none. */
  readonly port: number | undefined
  readonly codec: Codec['name']
  readonly settings: readonly string[]
  readonly required: readonly string[]
  readonly ignored: readonly string[]
}

const tls = [
  ...['ssl', 'ssl_enable', 'ssl_enabled', 'ssl_cert', 'ssl_certificate', 'ssl_key', 'ssl_key_passphrase', 'ssl_verify'],
  ...[
    'ssl_verify_mode',
    'ssl_client_authentication',
    'ssl_certificate_authorities',
    'ssl_cacert',
    'ssl_extra_chain_certs',
  ],
  ...[
    'ssl_supported_protocols',
    'ssl_cipher_suites',
    'ssl_keystore_path',
    'ssl_keystore_password',
    'tls_min_version',
    'tls_max_version',
  ],
]

const forms: readonly InputForm[] = [
  {
    ...{ kind: 'beats', port: 5044, codec: 'plain', required: [] },
    settings: [...tls, 'client_inactivity_timeout', 'include_codec_tag', 'enrich'],
    ignored: [
      'add_hostname',
      'executor_threads',
      'event_loop_threads',
      'cipher_suites',
      'congestion_threshold',
      'ssl_handshake_timeout',
      'ssl_peer_metadata',
      'ssl_truststore_path',
      'ssl_truststore_password',
      'ssl_truststore_type',
      'ssl_keystore_type',
    ],
  },
  {
    ...{ kind: 'file', port: undefined, codec: 'line', required: ['path'] },
    settings: [
      'path',
      'exclude',
      'start_position',
      'sincedb_path',
      'mode',
      'delimiter',
      'ignore_older',
      'file_completed_action',
      'file_completed_log_path',
    ],
    ignored: [
      'close_older',
      'discover_interval',
      'stat_interval',
      'max_open_files',
      'sincedb_write_interval',
      'sincedb_clean_after',
      'file_chunk_count',
      'file_chunk_size',
      'file_sort_by',
      'file_sort_direction',
      'check_archive_validity',
      'exit_after_read',
    ],
  },
  {
    ...{ kind: 'generator', port: undefined, codec: 'plain', required: [] },
    settings: ['count', 'lines', 'message', 'threads'],
    ignored: [],
  },
  {
    ...{ kind: 'http', port: 8080, codec: 'plain', required: [] },
    settings: [
      ...tls,
      'user',
      'password',
      'additional_codecs',
      'response_headers',
      'response_code',
      'max_content_length',
    ],
    ignored: [
      'threads',
      'max_pending_requests',
      'remote_host_target_field',
      'request_headers_target_field',
      'keystore',
      'keystore_password',
      'verify_mode',
      'cipher_suites',
    ],
  },
  { ...{ kind: 'stdin', port: undefined, codec: 'line', required: [] }, settings: [], ignored: [] },
  {
    ...{ kind: 'syslog', port: 514, codec: 'plain', required: [] },
    settings: [
      'grok_pattern',
      'syslog_field',
      'timezone',
      'locale',
      'use_labels',
      'facility_labels',
      'severity_labels',
      'proxy_protocol',
    ],
    ignored: ['service_type'],
  },
  {
    ...{ kind: 'tcp', port: 0, codec: 'line', required: ['port'] },
    settings: [...tls, 'mode', 'proxy_protocol', 'tcp_keep_alive'],
    ignored: ['dns_reverse_lookup_enabled', 'data_timeout'],
  },
  {
    ...{ kind: 'udp', port: 0, codec: 'plain', required: ['port'] },
    settings: ['buffer_size', 'source_ip_fieldname'],
    ignored: ['queue_size', 'workers', 'receive_buffer_bytes'],
  },
]

export interface InputContext extends CodecContext {
  readonly inputs: InputDescription[]
}

export function compileInput(plugin: PluginConfig, context: InputContext): void {
  const form = forms.find(({ kind }) => kind === plugin.name)
  if (form === undefined) {
    context.problems.push({
      message: `there is no input ${plugin.name} here`,
      where: { file: context.file, ...plugin.place, key: plugin.name },
      fix: `There are ${forms.map(({ kind }) => kind).join(', ')}.`,
    })
    return
  }
  const settings = new Settings(plugin, context.file, context.problems)
  for (const name of form.required)
    if (!settings.has(name)) settings.complain(`${plugin.name} needs ${name}`, `Write ${name} => ….`)
  settings.allow('enable_metric', 'ecs_compatibility', ...form.ignored)
  const id = settings.text('id', '')
  const listen = form.port === undefined ? undefined : listenOf(settings, form.port)
  const codec = compileCodec(settings, form.codec, context)
  const kept = new Map<string, readonly string[]>()
  for (const name of form.settings) if (settings.has(name)) kept.set(name, plainTexts(settings, name))
  const decorate = decoration(settings)
  settings.finish()
  context.inputs.push({ kind: form.kind, place: plugin.place, id, listen, codec, settings: kept, decorate })
}

const listenOf = (settings: Settings, port: number): { host: string; port: number } => ({
  host: settings.text('host', '0.0.0.0'),
  port: settings.number('port', port, { max: 65_535 }),
})

/** Names and values of a map by turns. */
function plainTexts(settings: Settings, name: string): readonly string[] {
  return settings.value(name)?.kind === 'map' ? settings.textPairs(name).flat() : settings.texts(name)
}

const typePath = fieldPath('type')

function decoration(settings: Settings): (event: LogEvent) => void {
  const type = settings.optionalText('type')
  const tags = settings.texts('tags')
  const fields = addFields(settings)
  return (event) => {
    // a type that came with the event stays
    if (type !== undefined && !event.has(typePath)) event.set(typePath, type)
    for (const tag of tags) event.tag(tag)
    for (const add of fields) add(event)
  }
}
