// What clients ask of groups and streams, page by page.
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { z } from 'zod'
import type { LogNames, NamedGroup, NamedStream } from './names.ts'
import { bad, groupName, parsed, streamName } from './request.ts'

const page = {
  /** What the former page ended with. */
  nextToken: z.string().max(2048).optional(),
  limit: z.int().min(1).max(1000).optional(),
}
const groupsAsked = z.object({
  ...page,
  logGroupNamePrefix: groupName.optional(),
  logGroupNamePattern: z.string().max(512).optional(),
  logGroupIdentifiers: z.array(z.string().max(2048)).max(50).optional(),
})
const streamsAsked = z.object({
  ...page,
  logGroupName: groupName.optional(),
  logGroupIdentifier: z.string().max(2048).optional(),
  logStreamNamePrefix: streamName.optional(),
  orderBy: z.enum(['LogStreamName', 'LastEventTime']).optional(),
  descending: z.boolean().optional(),
})

const mostDescribed = 50
const mostListed = 1000

export async function describeGroups(names: LogNames, project: ProjectId, content: unknown): Promise<object> {
  const asked = parsed(groupsAsked, content)
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, logGroupIdentifiers: identifiers } = asked
  if (prefix !== undefined && pattern !== undefined)
    throw bad('logGroupNamePrefix: there is logGroupNamePattern as well. Send one of them.')
  const wanted = identifiers === undefined ? undefined : new Set(identifiers.map(nameOfIdentifier))
  const part = pattern?.toLowerCase() ?? ''
  const found = (await names.groups(project)).filter(
    ({ name }) =>
      name.startsWith(prefix ?? '') && name.toLowerCase().includes(part) && (wanted === undefined || wanted.has(name)),
  )
  const { items, ...more } = pageOf(found, asked, { most: mostDescribed, keyOf: ({ name }) => name })
  return { logGroups: items.map(describedGroup), ...more }
}

export async function listGroups(names: LogNames, project: ProjectId, content: unknown): Promise<object> {
  const asked = parsed(groupsAsked, content)
  const pattern = asked.logGroupNamePattern ?? ''
  // `^` at its begin: the name begins so
  const found = (await names.groups(project)).filter(({ name }) =>
    pattern.startsWith('^') ? name.startsWith(pattern.slice(1)) : name.includes(pattern),
  )
  const { items, ...more } = pageOf(found, asked, { most: mostListed, keyOf: ({ name }) => name })
  const listed = items.map(({ name }) => ({
    ...{ logGroupName: name, logGroupArn: arnOf(name), logGroupClass: 'STANDARD' },
  }))
  return { logGroups: listed, ...more }
}

export async function describeStreams(names: LogNames, project: ProjectId, content: unknown): Promise<object> {
  const asked = parsed(streamsAsked, content)
  const group = asked.logGroupName ?? nameOfIdentifier(asked.logGroupIdentifier ?? '')
  const isByTime = asked.orderBy === 'LastEventTime'
  if (isByTime && asked.logStreamNamePrefix !== undefined)
    throw bad('logStreamNamePrefix: cannot be together with an orderBy of LastEventTime.')
  const known = await names.streams(project, group)
  if (known === undefined)
    throw new AppError('state.not_found', 'The specified log group does not exist.', { where: { key: 'logGroupName' } })
  const prefix = asked.logStreamNamePrefix ?? ''
  const found = known.filter(({ name }) => name.startsWith(prefix))
  // their order is by name already
  if (isByTime) found.sort((a, b) => a.lastEventMs - b.lastEventMs)
  if (asked.descending === true) found.reverse()
  const { items, ...more } = pageOf(found, asked, { most: mostDescribed, keyOf: ({ name }) => name })
  return { logStreams: items.map((stream) => describedStream(group, stream)), ...more }
}

interface Paging<T> {
  readonly most: number
  readonly keyOf: (item: T) => string
}

/** The items behind the one that the token names, and a token where there are more. */
function pageOf<T>(
  all: readonly T[],
  { nextToken, limit }: { readonly nextToken?: string | undefined; readonly limit?: number | undefined },
  { most, keyOf }: Paging<T>,
): { readonly items: readonly T[]; readonly nextToken?: string } {
  const count = Math.min(limit ?? most, most)
  let from = 0
  if (nextToken !== undefined) {
    const last = Buffer.from(nextToken, 'base64url').toString()
    from = all.findIndex((item) => keyOf(item) === last) + 1
    if (from === 0) throw bad('nextToken: The specified nextToken is invalid. Begin again without one.')
  }
  const items = all.slice(from, from + count)
  const last = items.at(-1)
  if (last === undefined || from + count >= all.length) return { items }
  return { items, nextToken: Buffer.from(keyOf(last)).toString('base64url') }
}

/** Of nobody's account: clients only hand it back. */
const arnOf = (name: string): string => `arn:aws:logs:us-east-1:000000000000:log-group:${name}`

/** An identifier is a name, or an ARN that ends in one, with `:*` behind it perhaps. */
function nameOfIdentifier(identifier: string): string {
  const plain = identifier.endsWith(':*') ? identifier.slice(0, -2) : identifier
  return plain.slice(plain.lastIndexOf(':') + 1)
}

const describedGroup = ({ name, createdAtMs }: NamedGroup) => ({
  ...{ logGroupName: name, creationTime: createdAtMs, metricFilterCount: 0, storedBytes: 0 },
  ...{ arn: `${arnOf(name)}:*`, logGroupArn: arnOf(name), logGroupClass: 'STANDARD' },
})

const describedStream = (group: string, { name, createdAtMs, lastEventMs }: NamedStream) => ({
  ...{ logStreamName: name, creationTime: createdAtMs, uploadSequenceToken: '0', storedBytes: 0 },
  arn: `${arnOf(group)}:log-stream:${name}`,
  ...(lastEventMs > 0 ? { lastEventTimestamp: lastEventMs } : {}),
})
