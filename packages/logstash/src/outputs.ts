// The outputs of a file: what is the same for all events is read once, what has references in it is made for each.
import type { ConfigValue, PluginConfig } from './config.ts'
import type { OutputDescription, OutputKind } from './delivery.ts'
import { Settings, scalarText } from './settings.ts'
import { type CompileContext, countsOf, type Step } from './steps.ts'
import type { Template } from './template.ts'

interface OutputForm {
  readonly kind: OutputKind
  /** Made for each event; with what stands where nothing is said, if anything does. */
  readonly templates: Readonly<Record<string, string | undefined>>
  /** Read once. */
  readonly plain: readonly string[]
  readonly required: readonly string[]
  /** Allowed, and without effect here. */
  readonly ignored: readonly string[]
}

const connection = [
  ...['user', 'password', 'cacert', 'ssl', 'ssl_enabled', 'ssl_certificate_authorities', 'ssl_certificate', 'ssl_key'],
  ...[
    'ssl_certificate_verification',
    'ssl_verification_mode',
    'ssl_keystore_path',
    'ssl_keystore_password',
    'keystore',
  ],
  ...[
    'keystore_password',
    'truststore',
    'truststore_password',
    'ssl_truststore_path',
    'ssl_truststore_password',
    'proxy',
  ],
  ...['timeout', 'pool_max', 'pool_max_per_route', 'validate_after_inactivity', 'ssl_supported_protocols', 'workers'],
]

const forms: readonly OutputForm[] = [
  {
    kind: 'elasticsearch',
    templates: {
      ...{ index: 'logstash-%{+yyyy.MM.dd}', document_id: undefined, action: undefined, pipeline: undefined },
      ...{
        routing: undefined,
        data_stream_dataset: undefined,
        data_stream_namespace: undefined,
        data_stream_type: undefined,
      },
    },
    plain: ['hosts', 'data_stream'],
    required: [],
    ignored: [
      ...connection,
      ...[
        'api_key',
        'cloud_id',
        'cloud_auth',
        'bulk_path',
        'custom_headers',
        'document_type',
        'doc_as_upsert',
        'upsert',
      ],
      ...[
        'ecs_compatibility',
        'failure_type_logging_whitelist',
        'silence_errors_in_log',
        'healthcheck_path',
        'http_compression',
      ],
      ...[
        'compression_level',
        'ilm_enabled',
        'ilm_pattern',
        'ilm_policy',
        'ilm_rollover_alias',
        'join_field',
        'manage_template',
      ],
      ...[
        'parameters',
        'parent',
        'path',
        'resurrect_delay',
        'retry_initial_interval',
        'retry_max_interval',
        'retry_on_conflict',
      ],
      ...[
        'script',
        'script_lang',
        'script_type',
        'script_var_name',
        'scripted_upsert',
        'sniffing',
        'sniffing_delay',
        'sniffing_path',
      ],
      ...['template', 'template_api', 'template_name', 'template_overwrite', 'version', 'version_type', 'flush_size'],
      ...['idle_flush_time', 'max_retries', 'data_stream_auto_routing', 'data_stream_sync_fields', 'dlq_custom_codes'],
      ...['dlq_on_failed_indexname_interpolation'],
    ],
  },
  {
    kind: 'email',
    templates: {
      to: undefined,
      cc: undefined,
      bcc: undefined,
      from: undefined,
      replyto: undefined,
      subject: '',
      body: '',
      htmlbody: undefined,
    },
    plain: ['address', 'port', 'domain', 'username', 'password', 'use_tls', 'authentication', 'contenttype'],
    required: ['to'],
    ignored: ['via', 'debug', 'attachments', 'template_file'],
  },
  {
    kind: 'file',
    templates: { path: undefined },
    plain: ['create_if_deleted', 'dir_mode', 'file_mode', 'filename_failure', 'write_behavior'],
    required: ['path'],
    ignored: ['flush_interval', 'gzip', 'stale_cleanup_interval'],
  },
  {
    kind: 'http',
    templates: { url: undefined, message: undefined, content_type: undefined },
    plain: ['http_method', 'format', 'headers', 'mapping'],
    required: ['url', 'http_method'],
    ignored: [
      ...connection,
      ...[
        'automatic_retries',
        'retry_failed',
        'retryable_codes',
        'ignorable_codes',
        'retry_non_idempotent',
        'connect_timeout',
      ],
      ...[
        'request_timeout',
        'socket_timeout',
        'keepalive',
        'follow_redirects',
        'cookies',
        'http_compression',
        'client_cert',
        'client_key',
      ],
    ],
  },
  { kind: 'null', templates: {}, plain: [], required: [], ignored: [] },
  { kind: 'stdout', templates: {}, plain: [], required: [], ignored: [] },
]

const codecs = ['json', 'json_lines', 'line', 'plain', 'rubydebug', 'dots'] as const

/** The step of an output; a problem where there is no such output. */
export function compileOutput(plugin: PluginConfig, context: CompileContext): Step | undefined {
  const form = forms.find(({ kind }) => kind === plugin.name)
  if (form === undefined) {
    context.problems.push({
      message: `there is no output ${plugin.name} here`,
      where: { file: context.file, ...plugin.place, key: plugin.name },
      fix: `There are ${forms.map(({ kind }) => kind).join(', ')}.`,
    })
    return undefined
  }
  const settings = new Settings(plugin, context.file, context.problems)
  settings.allow('id', 'enable_metric', ...form.ignored)
  for (const name of form.required) if (!settings.has(name)) settings.requiredText(name)
  const templates = Object.entries(form.templates).flatMap(([name, initial]) => templateOf(settings, name, initial))
  const counts = countsOf(plugin, context)
  const output = describe(form, settings, counts.id)
  context.outputs.push(output)
  settings.finish()
  return (event) => {
    counts.events++
    const rendered = new Map(templates.map(([name, template]) => [name, template.render(event)]))
    event.deliveries.push({ output, rendered })
    return undefined
  }
}

/** A list is joined by commas: several who are written to. */
function templateOf(settings: Settings, name: string, initial: string | undefined): [string, Template][] {
  const texts = settings.texts(name, initial === undefined ? [] : [initial])
  return texts.length === 0 ? [] : [[name, settings.template(texts.join(','), name)]]
}

function describe({ kind, plain }: OutputForm, settings: Settings, id: string): OutputDescription {
  const kept = new Map<string, readonly string[]>()
  for (const name of plain) {
    const value = settings.value(name)
    if (value !== undefined) kept.set(name, textsOf(value))
  }
  const codec = settings.value('codec')
  const name = codec === undefined ? '' : codec.kind === 'plugin' ? codec.plugin.name : (scalarText(codec) ?? '')
  if (name !== '' && !codecs.some((known) => known === name))
    settings.complain(`there is no codec ${name} here`, `Write one of ${codecs.join(', ')}.`, 'codec')
  const format = codec?.kind === 'plugin' ? codec.plugin.settings.get('format')?.value : undefined
  if (format !== undefined) kept.set('format', textsOf(format))
  return { kind, place: settings.plugin.place, id, codec: name, settings: kept }
}

/** Names and values of a map by turns. */
const textsOf = (value: ConfigValue): readonly string[] => {
  if (value.kind === 'list') return value.items.flatMap(textsOf)
  if (value.kind === 'map') return value.entries.flatMap(([key, item]) => [key, ...textsOf(item)])
  return [scalarText(value) ?? '']
}

/** Whether a block under `filter` is an output by mistake: it says where to store, and asks for nothing. */
export function isMisplacedStore({ name, settings }: PluginConfig): boolean {
  return (
    name === 'elasticsearch' &&
    settings.has('index') &&
    !['query', 'query_template', 'fields'].some((key) => settings.has(key))
  )
}
