// Integrations from what is written: entries of tidewatch.yml, of alertmanager.yml, and environment variables.
import type { Problem, Where } from '@tidewatch/core/error.ts'
import { nearest } from '@tidewatch/core/nearest.ts'
import { z } from 'zod'
import { alertmanagerOptions } from './alertmanager-options.ts'
import { channels } from './channels/registry.ts'
import type { AnyChannel, Integration } from './port.ts'

const byKind = new Map(channels.map((channel) => [channel.kind, channel]))

export const channelKinds: readonly string[] = channels.map(({ kind }) => kind)

export const channelOf = (kind: string): AnyChannel | undefined => byKind.get(kind)

export type ReadOptions =
  | { readonly ok: true; readonly config: unknown }
  | { readonly ok: false; readonly issues: readonly OptionIssue[] }

/** A channel's options, checked by its schema. */
export function readOptions(channel: AnyChannel, options: unknown): ReadOptions {
  const read = channel.config.safeParse(options)
  if (read.success) return { ok: true, config: read.data }
  return { ok: false, issues: read.error.issues.flatMap((issue) => issuesOf(issue, channel, options)) }
}

/** What is wrong with one option; `hidesValue` where the value is, or may have in it, what nobody should read. */
export interface OptionIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly hidesValue: boolean
}

function issuesOf(issue: z.core.$ZodIssue, channel: AnyChannel, options: unknown): readonly OptionIssue[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: unknownKey(key, path, channel),
      hidesValue: true,
    }))
  let value: unknown = options
  for (const part of path) value = (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[part]
  const message = value === undefined && issue.code !== 'custom' ? 'is missing.' : issue.message
  const isPublic =
    ['string', 'number', 'boolean'].includes(typeof value) && !path.some((part) => secretName.test(String(part)))
  return [{ path, message, hidesValue: !isPublic }]
}

/** Names of options under which secrets stand; webhooks' URLs let in whoever has them. */
const secretName = /key|token|secret|password|credential|authorization|basic_auth|headers|url/i

function unknownKey(key: string, path: readonly PropertyKey[], { config }: AnyChannel): string {
  const known = path.length === 0 && config instanceof z.ZodObject ? Object.keys(config.shape) : []
  const meant = nearest(key, known)
  if (meant !== undefined) return `there is no such key. Did you mean ${meant}?`
  return known.length === 0 ? 'there is no such key.' : `there is no such key. Allowed: ${known.join(', ')}.`
}

/** One entry of a receiver's `*_configs` as packages/alertmanager gives it, with defaults and what `global` gives filled in. */
export interface AlertmanagerEntry {
  readonly type: string
  readonly config: object
  readonly sendResolved: boolean
  /** Its place among those of its type in the receiver, from 0 on. */
  readonly index: number
  readonly where: Where
}

export type ReadIntegration =
  | { readonly ok: true; readonly integration: Integration }
  | { readonly ok: false; readonly problem: Problem }

/** The integration of one entry of alertmanager.yml; where there is no such channel, or it does not take an option, what is wrong. */
export function integrationOfEntry(receiver: string, entry: AlertmanagerEntry): ReadIntegration {
  const { type, index, where } = entry
  const at = `${type}_configs[${index}] of receiver ${JSON.stringify(receiver)}`
  const channel = channelOf(type)
  if (channel === undefined) {
    const message = `${at}: there is no channel of this type. There are ${channelKinds.join(', ')}.`
    return { ok: false, problem: { message, where } }
  }
  const read = readOptions(channel, alertmanagerOptions(type, entry.config))
  if (!read.ok) return { ok: false, problem: { message: `${at}: ${issueTexts(read.issues)}`, where } }
  const key = `${receiver}/${type}[${index}]`
  const sendsResolved = entry.sendResolved
  const integration: Integration = {
    key,
    receiver,
    channel,
    config: read.config,
    sendsResolved,
    origin: 'alertmanager.yml',
  }
  return { ok: true, integration }
}

const issueTexts = (issues: readonly OptionIssue[]): string =>
  issues
    .map(({ path, message }) => [path.map(String).join('.'), message].filter((part) => part !== '').join(': '))
    .join('; ')

export interface EnvironmentChannels {
  readonly integrations: readonly Integration[]
  readonly problems: readonly Problem[]
  /** Channels that are half set up. */
  readonly notices: readonly string[]
}

/** Channels that environment variables alone set up; named as their kind. */
export function environmentChannels(env: Readonly<Record<string, string | undefined>>): EnvironmentChannels {
  const integrations: Integration[] = []
  const problems: Problem[] = []
  const notices: string[] = []
  for (const channel of channels) {
    const { environment, kind } = channel
    if (environment === undefined || (env[environment.trigger] ?? '') === '') continue
    const found = environment.read(env)
    if ('missing' in found) {
      notices.push(
        `${environment.trigger} is set, but the channel ${kind} is not used: ${found.missing.join(', ')} missing.`,
      )
      continue
    }
    const read = readOptions(channel, found.options)
    if (read.ok)
      integrations.push({
        ...{ key: `environment/${kind}`, receiver: kind, channel, config: read.config, sendsResolved: true },
        origin: 'environment',
      })
    else
      problems.push({ message: issueTexts(read.issues), where: { key: Object.keys(environment.variables).join(', ') } })
  }
  return { integrations, problems, notices }
}

/** Those of a file and those of the environment; where both have a name the file counts. */
export function joined(
  written: readonly Integration[],
  fromEnvironment: readonly Integration[],
): readonly Integration[] {
  const names = new Set(written.map(({ receiver }) => receiver))
  return [...written, ...fromEnvironment.filter(({ receiver }) => !names.has(receiver))]
}
