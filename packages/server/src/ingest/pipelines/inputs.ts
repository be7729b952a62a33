// Opens the inputs of a pipeline: the same servers and readers as without one, with the pipeline behind them.
import { hostname } from 'node:os'
import type { InputDescription } from '@tidewatch/logstash/inputs.ts'
import type { FileSource } from '../files/source.ts'
import type { ListenerDefinition, ListenerParts } from '../port.ts'
import { beats } from '../receivers/beats.ts'
import { logstash } from '../receivers/logstash.ts'
import { syslog } from '../receivers/syslog.ts'
import { openHttpInput } from './http-input.ts'
import { tlsOf } from './input-tls.ts'
import { pipedIntake } from './piped-intake.ts'
import type { LoadedPipeline } from './port.ts'
import type { PipelineRun } from './run.ts'
import { formerPositions } from './sincedb.ts'

export interface InputParts extends ListenerParts {
  /** Follows files until it is disposed. */
  readonly followFiles: (source: FileSource) => AsyncDisposable
}

export interface OpenInput extends AsyncDisposable {
  /** Where it listens, or what it reads. */
  readonly address: string
}

/** Beats and lines of JSON are both sent to this port. */
const beatsPort = 5044

/** Undefined for inputs that bring nothing in a server. Throws `http.cannot_listen`, `http.bad_certificate`. */
export async function openInput(
  input: InputDescription,
  { loaded, run, parts }: { readonly loaded: LoadedPipeline; readonly run: PipelineRun; readonly parts: InputParts },
): Promise<OpenInput | undefined> {
  const { project, networks, name } = loaded
  const logs = pipedIntake({ logs: parts.logs, clock: parts.clock, run, input })
  switch (input.kind) {
    case 'generator':
    case 'stdin':
      return undefined
    case 'file': {
      const source = fileSource(input, { name, project, logs })
      return { address: source.patterns.join(', '), [Symbol.asyncDispose]: disposerOf(parts.followFiles(source)) }
    }
    case 'http':
      return await openHttpInput(input, { ...parts, logs, project, networks, name })
    case 'beats':
    case 'syslog':
    case 'tcp':
    case 'udp':
      return await definitionOf(input).open(settingsOf(input, loaded), { ...parts, logs })
  }
}

const disposerOf =
  (held: AsyncDisposable): (() => Promise<void>) =>
  async () =>
    await held[Symbol.asyncDispose]()

function definitionOf({ kind, listen }: InputDescription): ListenerDefinition {
  if (kind === 'beats') return beats
  if (kind === 'syslog') return syslog
  return kind === 'tcp' && listen?.port === beatsPort ? beats : logstash
}

/** As tidewatch.yml would have it, read by the listener's own form. */
function settingsOf(input: InputDescription, { project, networks }: LoadedPipeline): unknown {
  const { kind, listen } = input
  const definition = definitionOf(input)
  const host = listen?.host ?? '127.0.0.1'
  const address = `${host.includes(':') ? `[${host}]` : host}:${listen?.port ?? 0}`
  const tls = tlsOf(input)
  const isStream = kind !== 'udp'
  const wantsUdp = kind === 'udp' || kind === 'syslog'
  return definition.config.parse({
    ...{ project, networks: [...networks] },
    tcp: isStream && tls === undefined ? address : false,
    // lumberjack has no packets
    ...(definition === beats ? {} : { udp: wantsUdp ? address : false }),
    ...(tls === undefined ? {} : { tls: { address, ...tls } }),
  })
}

function fileSource(
  { settings, codec, place, id }: InputDescription,
  { name, project, logs }: Pick<LoadedPipeline, 'name' | 'project'> & Pick<InputParts, 'logs'>,
): FileSource {
  const { multiline } = codec
  const isRead = settings.get('mode')?.[0] === 'read'
  const start = isRead || settings.get('start_position')?.[0] === 'beginning' ? 'beginning' : 'end'
  const resource = new Map([['host.name', hostname()]])
  const ignoreOlder = Number(settings.get('ignore_older')?.[0])
  return {
    key: `pipeline ${name} ${id === '' ? place.line : id}`,
    patterns: settings.get('path') ?? [],
    exclude: (settings.get('exclude') ?? []).map((pattern) => (pattern.includes('/') ? pattern : `**/${pattern}`)),
    ...{ format: 'text', project, start, logs },
    multiline:
      multiline === undefined
        ? undefined
        : {
            rule: () => ({ belongs: (line) => multiline.belongs(line), to: multiline.to }),
            maxLines: multiline.maxLines,
            timeoutMs: multiline.flushAfterMs ?? defaultFlushMs,
          },
    maxLineBytes: multiline === undefined ? 1 << 20 : multiline.maxBytes,
    ignoreOlderMs: Number.isFinite(ignoreOlder) ? ignoreOlder * 1000 : undefined,
    formerPosition: formerPositions(settings.get('sincedb_path')?.[0]),
    describe: async () => ({ service: '', resource }),
  }
}

/** Logstash waits for ever: the last event of a quiet file would be seen by nobody. */
const defaultFlushMs = 5000
