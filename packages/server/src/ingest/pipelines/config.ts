// `pipelines` of tidewatch.yml: which files there are, and how they are read. A list alone is the files.
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { z } from 'zod'
import { defineConfigSection } from '../../config/port.ts'
import { networkList } from '../udp.ts'

/** Ways in whose lines can be led through a pipeline: receivers, listeners, and what is read on this machine. */
export const lineSources = [
  ...['logs', 'loki', 'otlp', 'elasticsearch', 'cloudwatch', 'gelf-http', 'logstash', 'beats', 'syslog', 'gelf'],
  ...['files', 'docker', 'journald'],
] as const
export type LineSource = (typeof lineSources)[number]

export const isLineSource = (name: string): name is LineSource => lineSources.some((one) => one === name)

const oneOrMore = <T extends z.ZodType>(one: T, most: number) =>
  z.preprocess((written) => (Array.isArray(written) ? written : [written]), z.array(one).min(1).max(most))

const route = z.strictObject({
  /** `all`: every one of them. */
  from: oneOrMore(z.enum([...lineSources, 'all']), 20),
  /** Fields of lines and what they are; all have to fit. `*` stands for any letters. */
  match: z.record(z.string().min(1).max(200), oneOrMore(z.string().max(1000), 100)).default({}),
  /** The file, as it is called beside tidewatch.yml, or by its name alone. */
  pipeline: z.string().min(1).max(1000),
})
export type RouteSettings = z.output<typeof route>

const settings = z.strictObject({
  /** Patterns, relative to tidewatch.yml. Left out: the usual places. */
  files: z.array(z.string().min(1).max(1000)).max(100).optional(),
  project: z
    .int()
    .min(0)
    .max(4_294_967_295)
    .default(defaultProject)
    .transform((id) => id as ProjectId),
  /** Who may send to inputs that listen. */
  networks: networkList(),
  ecs_compatibility: z.enum(['disabled', 'v1', 'v8']).default('disabled'),
  support_escapes: z.boolean().default(false),
  time_zone: z.string().max(100).default('UTC'),
  /** Lines that come by our own ways in; the first route that fits takes a line, the others are kept as they came. */
  routes: z.array(route).max(100).default([]),
})

export type PipelineSettings = z.output<typeof settings>

export const pipelinesSection = defineConfigSection<PipelineSettings>({
  key: 'pipelines',
  schema: z.preprocess((value) => (Array.isArray(value) ? { files: value } : (value ?? {})), settings),
})

export const defaultSettings = (): PipelineSettings => settings.parse({})

/** Where pipeline files usually stand, below the folder of the configuration. */
export const usualFiles = [
  ...['pipelines/*.conf', 'pipelines/*.yml', 'pipelines/*.yaml'],
  ...['logstash/*.conf', 'logstash/pipeline/*.conf', 'logstash.conf'],
] as const
