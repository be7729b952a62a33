// Channels: how each is, what was sent by it, what was given up, which kinds there are.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import {
  channelKindList,
  deadLetterList,
  deadLetterResult,
  deliveryList,
  integrationList,
  testAnswer,
} from '@tidewatch/api/notify.ts'
import type { z } from 'zod'
import { callOurs } from './client.ts'
import { useChange } from './use-change.ts'

export type Integration = z.infer<typeof integrationList>['integrations'][number]
export type ChannelKind = z.infer<typeof channelKindList>['channels'][number]
export type DeadLetter = z.infer<typeof deadLetterList>['deadLetters'][number]

export const integrationsQuery = queryOptions({
  queryKey: ['integrations'],
  queryFn: async ({ signal }) =>
    (await callOurs('/notify/integrations', { schema: integrationList, signal })).integrations,
})

export const channelKindsQuery = queryOptions({
  queryKey: ['channel-kinds'],
  queryFn: async ({ signal }) => (await callOurs('/notify/channels', { schema: channelKindList, signal })).channels,
  staleTime: Number.POSITIVE_INFINITY,
})

/** How many are read at once. */
const pageSize = 50

export interface DeliveryFilter {
  readonly integration?: string | undefined
  readonly outcome?: string | undefined
  readonly notification?: string | undefined
}

const queryText = (parts: object): string => {
  const parameters = new URLSearchParams({ limit: String(pageSize) })
  for (const [name, value] of Object.entries(parts)) if (typeof value === 'string') parameters.set(name, value)
  return parameters.toString()
}

const firstPage: string | undefined = undefined as string | undefined

/** The delivery log, newest first, a page after the other. */
export const deliveriesQuery = (filter: DeliveryFilter) =>
  infiniteQueryOptions({
    queryKey: ['deliveries', filter],
    queryFn: ({ signal, pageParam }) =>
      callOurs(`/notify/deliveries?${queryText({ ...filter, after: pageParam })}`, { schema: deliveryList, signal }),
    initialPageParam: firstPage,
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const deadLettersQuery = (integration: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['dead-letters', integration],
    queryFn: ({ signal, pageParam }) =>
      callOurs(`/notify/dead-letters?${queryText({ integration, after: pageParam })}`, {
        schema: deadLetterList,
        signal,
      }),
    initialPageParam: firstPage,
    getNextPageParam: ({ next }) => next ?? undefined,
  })

const lists = ['integrations', 'deliveries', 'dead-letters']

/** A message through the real channel, or through all where no key is given; the answer says what the receiver said. */
export const useTestChannel = () =>
  useChange(
    async (name: string | undefined) =>
      (await callOurs('/notify/test', { method: 'POST', body: { name }, schema: testAnswer })).deliveries,
    lists,
  )

const changeLetters = (what: 'resend' | 'drop') => async (ids: readonly string[]) =>
  (await callOurs(`/notify/dead-letters/${what}`, { method: 'POST', body: { ids }, schema: deadLetterResult })).count

export const useResendLetters = () => useChange(changeLetters('resend'), lists)
export const useDropLetters = () => useChange(changeLetters('drop'), lists)
